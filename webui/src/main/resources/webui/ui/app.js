// The frame around the pages: which one is shown, who is logged in, whether the feed is alive.
import { html, render, useEffect, useState } from './lib.js';
import { connect, drop, state, take, useStore } from './store.js';
import { key, setKey } from './api.js';
import { Overview } from './pages/overview.js';

const PAGES = [
  { id: 'overview', name: 'Overview', icon: 'M4 13h6V4H4zm0 7h6v-5H4zm10 0h6v-9h-6zm0-16v5h6V4z', view: () => Overview },
  { id: 'pool', name: 'Pool', admin: true, icon: 'M4 4h4v4H4zm6 0h4v4h-4zm6 0h4v4h-4zM4 10h4v4H4zm6 0h4v4h-4zm6 0h4v4h-4zM4 16h4v4H4zm6 0h4v4h-4z', load: () => import('./pages/pool.js') },
  { id: 'requests', name: 'Requests', admin: true, icon: 'M4 5h9v3H4zm3 5.5h10v3H7zm6 5.5h7v3h-7z', load: () => import('./pages/requests.js') },
  { id: 'nodes', name: 'Nodes', admin: true, icon: 'M12 3a3 3 0 0 1 1 5.8v2.4l4.6 3.1a3 3 0 1 1-1.1 1.7L12 13l-4.5 3a3 3 0 1 1-1.1-1.7L11 11.200V8.800A3 3 0 0 1 12 3z', load: () => import('./pages/nodes.js') },
  { id: 'playground', name: 'Playground', icon: 'M4 4h16v12H9l-5 4z', load: () => import('./pages/playground.js') },
  { id: 'settings', name: 'Settings', admin: true, icon: 'M4 6h10v2H4zm14 0h2v2h-2zM15 4.500h2v5h-2zM4 16h4v2H4zm8 0h8v2h-8zM9 14.500h2v5H9zM4 11h14v2H4z', load: () => import('./pages/settings.js') },
];

const VIEWS = {};

function route() {
  const [id, ...rest] = location.hash.replace(/^#\/?/, '').split('/');
  const page = PAGES.find((p) => p.id === id) || PAGES[0];
  return { page, argument: rest.length ? decode(rest.join('/')) : '' };
}

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}

function Icon({ path }) {
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d=${path} /></svg>`;
}

const MARK = html`<svg class="mark" viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="8" class="mark-ground" /><path class="mark-drop" d="M16 5.500c4.600 5.600 7 9.500 7 13a7 7 0 0 1-14 0c0-3.500 2.400-7.400 7-13z" /></svg>`;

function currentTheme() {
  return document.documentElement.dataset.theme || 'auto';
}

function ThemeButton() {
  const [theme, setTheme] = useState(currentTheme());
  const next = { auto: 'light', light: 'dark', dark: 'auto' }[theme];
  const change = () => {
    if (next === 'auto') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = next;
    try {
      if (next === 'auto') localStorage.removeItem('kvasir.theme');
      else localStorage.setItem('kvasir.theme', next);
    } catch {
      // Then it lasts as long as the page.
    }
    setTheme(next);
  };
  return html`<button class="quiet" onClick=${change} title=${`Change to ${next}`}>
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d=${theme === 'dark' ? 'M20 14.500A8 8 0 1 1 9.500 4a6.500 6.500 0 0 0 10.500 10.500z' : theme === 'light' ? 'M12 7a5 5 0 1 1 0 10 5 5 0 0 1 0-10zm-1-5h2v3h-2zm0 17h2v3h-2zM2 11h3v2H2zm17 0h3v2h-3zM5 3.600 7.100 5.700 5.700 7.100 3.600 5zm13.300 13.300 2.100 2.100-1.400 1.400-2.100-2.100zM19 3.600 20.400 5l-2.100 2.100-1.400-1.400zM5.700 16.900l1.400 1.400L5 20.400 3.600 19z' : 'M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18zm0 2v14a7 7 0 0 0 0-14z'} /></svg>
    <span class="wide">${theme === 'auto' ? 'System' : theme === 'dark' ? 'Dark' : 'Light'}</span><span class="hidden"> theme</span></button>`;
}

const LINKS = { live: 'Live', connecting: 'Connecting', lost: 'Reconnecting', locked: 'Locked' };

function Login({ problem }) {
  const [value, setValue] = useState('');
  const submit = (e) => {
    e.preventDefault();
    setKey(value.trim());
    connect();
  };
  return html`<main class="login" id="main"><form class="panel" onSubmit=${submit}>
    <h1>${MARK} Kvasir</h1>
    <p>This server asks for an API key. It stays in this tab and is forgotten when you close it.</p>
    <label for="key">API key</label>
    <input id="key" type="password" autocomplete="off" spellcheck="false" required value=${value} onInput=${(e) => setValue(e.target.value)} />
    ${problem && key() ? html`<p class="bad" role="alert">${problem}</p>` : null}
    <button class="primary" type="submit">Log in</button>
  </form></main>`;
}

function App() {
  const { link, who, problem, document: doc } = useStore();
  const [{ page, argument }, setRoute] = useState(route());
  const [, loaded] = useState(0);
  const [broken, setBroken] = useState('');
  useEffect(() => {
    const change = () => {
      setRoute(route());
      document.getElementById('main')?.scrollTo(0, 0);
    };
    addEventListener('hashchange', change);
    return () => removeEventListener('hashchange', change);
  }, []);
  useEffect(() => {
    document.title = `${page.name} · Kvasir`;
    if (page.load && !VIEWS[page.id]) {
      page.load().then(
        (module) => {
          VIEWS[page.id] = module.default;
          loaded((n) => n + 1);
        },
        () => setBroken('This page could not be loaded; is the server still there?'),
      );
    }
  }, [page]);
  if (link === 'locked') return html`<${Login} problem=${problem} />`;
  const View = page.view ? page.view() : VIEWS[page.id];
  const denied = page.admin && who && !who.admin;
  const server = doc.server || {};
  const leave = () => {
    setKey('');
    location.hash = '#/overview';
    connect();
  };
  return html`
    <a class="skip" href="#main" onClick=${(e) => { e.preventDefault(); document.getElementById('main').focus(); }}>Skip to content</a>
    <header class="side">
      <a class="brand" href="#/overview">${MARK}<span>Kvasir</span></a>
      <nav aria-label="Pages">${PAGES.map(
        (p) => html`<a href=${`#/${p.id}`} aria-current=${p === page ? 'page' : null}><${Icon} path=${p.icon} /><span>${p.name}</span></a>`,
      )}</nav>
      <div class="foot">
        <span class="link ${link}" role="status"><i class="dot"></i><span class="wide">${LINKS[link]}</span></span>
        <${ThemeButton} />
        ${key() ? html`<button class="quiet" onClick=${leave}><svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d="M4 4h9v2H6v12h7v2H4zm12 4 4.500 4-4.500 4v-3H9v-2h7z" /></svg><span class="wide">Log out</span></button>` : null}
      </div>
    </header>
    <main id="main" tabindex="-1">
      <div class="title">
        <h1>${page.name}</h1>
        ${server.model ? html`<p class="where"><b>${server.model}</b>${server.phase && server.phase !== 'ready' ? html` <span class="chip warn">${server.phase}</span>` : null}</p>` : null}
      </div>
      ${denied
        ? html`<p class="panel empty">This page is for administrators. Log in with a key of <code>http.adminKeys</code> to see it.</p>`
        : View
          ? html`<${View} argument=${argument} />`
          : html`<p class="empty" role="status">${broken || 'Loading…'}</p>`}
    </main>`;
}

connect();
const root = document.getElementById('app');
root.replaceChildren();
render(html`<${App} />`, root);

// For tests, and for whoever looks from the console.
globalThis.kvasir = { state, drop, take };
