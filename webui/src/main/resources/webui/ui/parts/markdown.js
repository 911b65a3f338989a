// Markdown of a model's answer, made safe. What a model writes is a stranger's text: no picture is loaded, no style is taken, no script survives.
import { marked } from '../lib/marked.js';
import DOMPurify from '../lib/purify.js';

const ALLOWED = {
  ALLOWED_TAGS: ['p', 'br', 'hr', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'strong', 'em', 'del', 'code', 'pre', 'blockquote', 'ul', 'ol', 'li', 'table', 'thead', 'tbody', 'tr', 'th', 'td', 'a'],
  ALLOWED_ATTR: ['href', 'start', 'title'],
  ALLOWED_URI_REGEXP: /^https?:\/\//i,
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
};

DOMPurify.addHook('afterSanitizeAttributes', (node) => {
  if (node.tagName === 'A') {
    if (node.hasAttribute('href')) {
      node.setAttribute('target', '_blank');
      node.setAttribute('rel', 'noopener noreferrer nofollow');
    }
  } else if (/^H[1-6]$/.test(node.tagName)) {
    // The page has its own headings.
    node.setAttribute('role', 'heading');
    node.setAttribute('aria-level', '4');
  }
});

const renderer = new marked.Renderer();
renderer.image = ({ href, text }) => `<a href="${escape(href)}">${escape(text || href)}</a>`;
renderer.html = ({ text }) => escape(text); // markup is shown as it was written

function escape(text) {
  return String(text).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}

/** Returns HTML that is safe to set. */
export function markdown(text) {
  return DOMPurify.sanitize(marked.parse(text, { renderer, gfm: true, breaks: true, async: false }), ALLOWED);
}
