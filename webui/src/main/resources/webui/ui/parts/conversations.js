// Conversations in the browser's storage: nowhere else, and no more than fit.
const STORE = 'kvasir.conversations';
const MOST = 40;
const MOST_CHARS = 2_000_000;

export const DEFAULTS = {
  mode: 'chat',
  system: '',
  temperature: 0.7,
  top_p: 1,
  top_k: 0,
  min_p: 0,
  max_tokens: 256,
  presence_penalty: 0,
  frequency_penalty: 0,
  seed: '',
  stop: '',
  schema: '',
  tools: '',
  logprobs: false,
};

export function fresh(settings) {
  return { id: crypto.randomUUID?.() || String(Math.random()).slice(2), title: '', at: Date.now(), settings: { ...DEFAULTS, ...settings }, turns: [] };
}

export function load() {
  try {
    const list = JSON.parse(localStorage.getItem(STORE) || '[]');
    return Array.isArray(list) ? list.filter((c) => c && typeof c.id === 'string' && Array.isArray(c.turns)).map((c) => ({ ...c, settings: { ...DEFAULTS, ...c.settings } })) : [];
  } catch {
    return [];
  }
}

/** Keeps the latest ones that fit; tokens' probabilities are the first to go. */
export function save(list) {
  let kept = list.filter((c) => c.turns.length).slice(0, MOST);
  let text = JSON.stringify(kept);
  if (text.length > MOST_CHARS) {
    kept = kept.map((c) => ({ ...c, turns: c.turns.map(({ tokens, ...turn }) => turn) }));
    text = JSON.stringify(kept);
  }
  while (text.length > MOST_CHARS && kept.length > 1) {
    kept = kept.slice(0, -1);
    text = JSON.stringify(kept);
  }
  try {
    localStorage.setItem(STORE, text);
  } catch {
    // No room or not allowed: they last as long as the page.
  }
}
