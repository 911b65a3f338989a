// Bars whose parts add up to something.
import { html } from '../lib.js';

/** parts: [{name, value, colour, text}]; total: what fills the bar. */
export function Bar({ parts, total, label, tall }) {
  const shown = parts.filter((part) => part.value > 0);
  const words = parts.map((part) => `${part.name} ${part.text}`).join(', ');
  return html`<div class="bar ${tall ? 'tall' : ''}" role="img" aria-label=${`${label}: ${words}`}>
    ${shown.map((part) => html`<span style=${{ width: `${Math.max(0.4, (part.value / total) * 100)}%`, background: `var(${part.colour})` }}></span>`)}
  </div>`;
}

export function Legend({ parts }) {
  return html`<ul class="legend">${parts.map(
    (part) => html`<li><i class="dot ${part.hollow ? 'hollow' : ''}" style=${{ background: `var(${part.colour})` }}></i>${part.name}<b>${part.text}</b></li>`,
  )}</ul>`;
}
