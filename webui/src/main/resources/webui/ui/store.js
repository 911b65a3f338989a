// The document that the feed keeps up to date, the curves of the last hour, and who wants to know when they change.
import { useEffect, useReducer } from './lib.js';
import { get, headers, readEvents } from './api.js';

const FINE = 300;
const HOUR = 360;

export const state = {
  link: 'connecting', // connecting, live, lost, locked
  problem: '',
  who: null,
  document: {},
  fine: {}, // by series, a value a second, the newest last
  hour: {}, // by series, a value every ten seconds
};

const listeners = new Set();
let lastId = '';
let abort = null;
let cut = null;
let attempts = 0;
let tens = {};

export function changed() {
  for (const listener of listeners) listener();
}

/** Draws a component again when anything changes. */
export function useStore() {
  const [, redraw] = useReducer((n) => n + 1, 0);
  useEffect(() => {
    listeners.add(redraw);
    return () => listeners.delete(redraw);
  }, []);
  return state;
}

/** RFC 7386. */
export function applyPatch(target, patch) {
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete target[name];
    else if (typeof value === 'object' && !Array.isArray(value)) {
      if (typeof target[name] !== 'object' || Array.isArray(target[name]) || !target[name]) target[name] = {};
      applyPatch(target[name], value);
    } else target[name] = value;
  }
}

function push(series, name, value, most) {
  const list = (series[name] ||= []);
  list.push(value);
  if (list.length > most) list.splice(0, list.length - most);
}

function remember() {
  const overview = state.document.overview;
  if (!overview) return;
  for (const name of Object.keys(state.fine)) {
    const value = overview[name] ?? null;
    push(state.fine, name, value, FINE);
    const ten = (tens[name] ||= { sum: 0, count: 0 });
    if (value !== null) {
      ten.sum += value;
      ten.count++;
    }
    if (state.document.second % 10 === 9) {
      push(state.hour, name, ten.count ? ten.sum / ten.count : null, HOUR);
      tens[name] = { sum: 0, count: 0 };
    }
  }
}

/** Takes one event of the feed. */
export function take(event) {
  lastId = event.id;
  const data = JSON.parse(event.data);
  if (event.event === 'state') {
    state.document = data.document;
    state.fine = data.history.fine;
    state.hour = data.history.hour;
    tens = {};
  } else {
    applyPatch(state.document, data);
    remember();
  }
  state.link = 'live';
  state.problem = '';
  attempts = 0;
  changed();
}

const pause = (millis) => new Promise((done) => setTimeout(done, millis));

/** Follows the feed until it's told to begin anew. A fetch and not an EventSource: that can't send a key but in its URL. */
async function follow(signal) {
  while (!signal.aborted) {
    try {
      state.who = await get('/v1/kvasir/who');
      cut = new AbortController();
      const response = await fetch('/v1/kvasir/feed', {
        headers: headers(lastId ? { 'last-event-id': lastId } : {}),
        cache: 'no-store',
        signal: AbortSignal.any([signal, cut.signal]),
      });
      if (response.ok) await readEvents(response, take);
      else if (response.status === 401) throw { status: 401 };
      if (signal.aborted) return;
      state.link = 'lost';
    } catch (e) {
      if (signal.aborted) return;
      if (e.status === 401 || e.status === 403) {
        state.link = 'locked';
        state.problem = e.message || '';
        changed();
        return;
      }
      state.link = 'lost';
    }
    changed();
    attempts++;
    await pause(Math.min(500 * 2 ** Math.min(attempts, 4), 5000) * (0.7 + Math.random() * 0.6));
  }
}

/** Cuts the feed as a network would; it comes back by itself. */
export function drop() {
  cut?.abort();
}

export function connect() {
  abort?.abort();
  abort = new AbortController();
  lastId = '';
  state.link = 'connecting';
  state.document = {};
  state.who = null;
  follow(abort.signal);
}
