// A place to try the model out: chat or completion, streamed, with everything that a request can say.
import { html, useEffect, useRef, useState } from '../lib.js';
import { state, useStore } from '../store.js';
import { key } from '../api.js';
import { ask, request } from '../parts/ask.js';
import { DEFAULTS, fresh, load, save } from '../parts/conversations.js';
import { LANGUAGES, snippet } from '../parts/snippets.js';
import { markdown } from '../parts/markdown.js';
import { age, count, timeText } from '../format.js';

function Slider({ name, label, min, max, step, settings, set, hint }) {
  const value = settings[name];
  return html`<div class="slider"><label for=${'s-' + name} title=${hint}>${label}</label><output>${value}</output>
    <input id=${'s-' + name} type="range" min=${min} max=${max} step=${step} value=${value} onInput=${(e) => set({ [name]: Number(e.target.value) })} /></div>`;
}

function Controls({ settings, set, context, tools }) {
  const chat = settings.mode === 'chat';
  return html`<div class="controls">
    ${chat ? html`<div class="field"><label for="s-system">System prompt</label><textarea id="s-system" rows="3" value=${settings.system} placeholder="None" onInput=${(e) => set({ system: e.target.value })}></textarea></div>` : null}
    <${Slider} name="temperature" label="Temperature" min="0" max="2" step="0.05" settings=${settings} set=${set} hint="0 takes the likeliest token each time" />
    <${Slider} name="top_p" label="Top p" min="0.05" max="1" step="0.05" settings=${settings} set=${set} hint="Only tokens that make up this share of the probability" />
    <${Slider} name="top_k" label="Top k (0: all)" min="0" max="200" step="1" settings=${settings} set=${set} hint="Only so many of the likeliest tokens" />
    <${Slider} name="min_p" label="Min p" min="0" max="0.5" step="0.01" settings=${settings} set=${set} hint="Only tokens at least this likely, as a share of the likeliest" />
    <${Slider} name="presence_penalty" label="Presence penalty" min="-2" max="2" step="0.1" settings=${settings} set=${set} />
    <${Slider} name="frequency_penalty" label="Frequency penalty" min="-2" max="2" step="0.1" settings=${settings} set=${set} />
    <div class="pair">
      <div class="field"><label for="s-max">Most tokens</label><input id="s-max" type="number" min="1" max=${context || 1e6} value=${settings.max_tokens} onInput=${(e) => set({ max_tokens: Math.max(1, Number(e.target.value) || 1) })} /></div>
      <div class="field"><label for="s-seed">Seed</label><input id="s-seed" type="number" placeholder="any" value=${settings.seed} onInput=${(e) => set({ seed: e.target.value })} /></div>
    </div>
    <div class="field"><label for="s-stop">Stop at, one a line</label><textarea id="s-stop" rows="1" value=${settings.stop} onInput=${(e) => set({ stop: e.target.value })}></textarea></div>
    ${chat ? html`<div class="field"><label for="s-schema">JSON schema of the answer</label><textarea id="s-schema" class="mono" rows="2" spellcheck="false" placeholder='{"type":"object", …}' value=${settings.schema} onInput=${(e) => set({ schema: e.target.value })}></textarea></div>
    ${tools === false ? html`<p class="dim small">This model's chat template knows no tools.</p>` : html`<div class="field"><label for="s-tools">Tools, a JSON array of functions</label><textarea id="s-tools" class="mono" rows="2" spellcheck="false" placeholder='[{"name":"…","parameters":{…}}]' value=${settings.tools} onInput=${(e) => set({ tools: e.target.value })}></textarea></div>`}` : null}
    <label class="check"><input type="checkbox" checked=${settings.logprobs} onChange=${(e) => set({ logprobs: e.target.checked })} /> Colour tokens by their probability</label>
    <button class="plain" onClick=${() => set({ ...DEFAULTS, mode: settings.mode })}>Back to defaults</button>
  </div>`;
}

/** Tokens on a ground that is the stronger the less likely they were. */
function Tokens({ tokens }) {
  return html`<div class="tokens">${tokens.map(([token, logprob, others]) => {
    const p = Math.exp(logprob);
    const level = p > 0.9 ? 0 : p > 0.6 ? 1 : p > 0.3 ? 2 : p > 0.1 ? 3 : 4;
    const title = `${(p * 100).toFixed(1)} %` + others.map(([t, l]) => `\n${JSON.stringify(t)} ${(Math.exp(l) * 100).toFixed(1)} %`).join('');
    return html`<span class=${'p' + level} title=${title}>${token}</span>`;
  })}</div>`;
}

function Facts({ turn }) {
  const u = turn.usage;
  if (!u) return turn.finish ? html`<p class="facts">${turn.finish}</p>` : null;
  const cached = u.prompt_tokens_details?.cached_tokens ?? 0;
  const tiers = Object.entries(u.prompt_tokens_details?.cached_tokens_by_tier || {}).filter(([, n]) => n > 0);
  const rate = u.completion_tokens > 1 && turn.total > turn.ttft ? ((u.completion_tokens - 1) / (turn.total - turn.ttft)) * 1000 : null;
  return html`<p class="facts">
    <span title="Time to the first token, as measured here">first token <b>${timeText(turn.ttft)}</b></span>
    <span title=${tiers.map(([t, n]) => `${t}: ${n}`).join(', ') || 'nothing was reused'}>prompt <b>${u.prompt_tokens}</b>, cached <b>${cached}</b>${tiers.length ? html` <span class="dim">(${tiers.map(([t, n]) => `${t} ${n}`).join(', ')})</span>` : null}</span>
    <span>answer <b>${u.completion_tokens}</b></span>
    ${rate ? html`<span><b>${count(rate)}</b> tokens/s</span>` : null}
    <span>${turn.finish}</span>
    ${turn.request && state.who?.admin ? html`<a href=${`#/requests/${encodeURIComponent(turn.request + '-0')}`}>where its time went</a>` : null}
  </p>`;
}

function Calls({ turn, answer }) {
  const [values, setValues] = useState({});
  return html`<div class="calls">${turn.calls.map((call, i) => html`<div class="call"><p><span class="chip good">calls</span> <code>${call.function.name}</code></p><pre>${pretty(call.function.arguments)}</pre>
    ${answer ? html`<label for=${'call-' + i}>What the tool says</label><input id=${'call-' + i} value=${values[i] || ''} onInput=${(e) => setValues({ ...values, [i]: e.target.value })} />` : null}</div>`)}
    ${answer ? html`<button class="plain" onClick=${() => answer(turn.calls.map((call, i) => ({ role: 'tool', callId: call.id, name: call.function.name, content: values[i] || '' })))}>Give the answer</button>` : null}</div>`;
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function Turn({ turn, running, answer, coloured }) {
  const name = { user: 'You', assistant: state.document.server?.model || 'Model', tool: `Tool ${turn.name || ''}`, prompt: 'Prompt' }[turn.role] || turn.role;
  const body = turn.role !== 'assistant'
    ? html`<div class="said plain">${turn.content}</div>`
    : coloured && turn.tokens?.length
      ? html`<${Tokens} tokens=${turn.tokens} />`
      : turn.raw
        ? html`<div class="said plain">${turn.content}</div>`
        : html`<div class="said" dangerouslySetInnerHTML=${{ __html: markdown(turn.content) }}></div>`;
  return html`<article class="turn ${turn.role}"><h3>${name}</h3>
    ${turn.thought ? html`<details class="thought"><summary>Thoughts</summary><div class="plain">${turn.thought}</div></details>` : null}
    ${turn.content || turn.role !== 'assistant' ? body : null}
    ${running && !turn.content && !turn.calls ? html`<p class="dim waiting" role="status">…</p>` : null}
    ${turn.calls?.length ? html`<${Calls} turn=${turn} answer=${running ? null : answer} />` : null}
    ${turn.error ? html`<p class="bad" role="alert">${turn.error}</p>` : null}
    ${running ? null : html`<${Facts} turn=${turn} />`}
  </article>`;
}

function Snippets({ make, close }) {
  const [language, setLanguage] = useState('curl');
  const [copied, setCopied] = useState('');
  const dialog = useRef(null);
  useEffect(() => dialog.current.showModal(), []);
  let text;
  try {
    const { path, body } = make();
    text = snippet(language, location.origin, path, body, Boolean(key()));
  } catch (e) {
    text = e.message;
  }
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied('Copied');
    } catch {
      setCopied('Select the text to copy it');
    }
  };
  return html`<dialog ref=${dialog} class="panel" aria-label="This request as code" onClose=${close}>
    <div class="row spread"><div class="choice" role="group" aria-label="Language">${LANGUAGES.map((l) => html`<button aria-pressed=${l === language} onClick=${() => { setLanguage(l); setCopied(''); }}>${l}</button>`)}</div>
      <div class="row"><span class="dim" role="status">${copied}</span><button class="plain" onClick=${copy}>Copy</button><button class="plain" onClick=${() => dialog.current.close()}>Close</button></div></div>
    <pre class="code" tabindex="0">${text}</pre></dialog>`;
}

export default function Playground() {
  const { document: doc } = useStore();
  const [list, setList] = useState(() => {
    const known = load();
    return known.length ? known : [fresh()];
  });
  const [id, setId] = useState(list[0].id);
  const [draft, setDraft] = useState('');
  const [running, setRunning] = useState(null);
  const [code, setCode] = useState(false);
  const [panel, setPanel] = useState(false);
  const end = useRef(null);
  const current = list.find((c) => c.id === id) || list[0];
  const settings = current.settings;
  const model = doc.server?.model || '';

  const update = (change) => setList((all) => all.map((c) => (c.id === current.id ? { ...c, ...change(c) } : c)));
  const set = (more) => update((c) => ({ settings: { ...c.settings, ...more } }));
  useEffect(() => {
    if (!running) save(list);
  }, [list, running]);
  useEffect(() => end.current?.scrollIntoView({ block: 'nearest' }), [current.turns.length, current.turns.at(-1)?.content?.length]);

  const completion = settings.mode === 'completion';
  const send = async (added) => {
    const answer = { role: 'assistant', content: '', raw: completion };
    const turns = [...current.turns, ...added];
    const abort = new AbortController();
    setRunning(abort);
    setDraft('');
    const show = () => update(() => ({ turns: [...turns, { ...answer }], at: Date.now(), title: current.title || (turns[0]?.content || '').slice(0, 60) }));
    show();
    try {
      await ask(request(model, settings, turns), answer, show, abort.signal);
    } catch (e) {
      if (e.name === 'AbortError') answer.finish = 'stopped';
      else answer.error = e.message;
    }
    show();
    setRunning(null);
  };
  const submit = (e) => {
    e?.preventDefault();
    if (running || !draft || !model) return;
    send([{ role: completion ? 'prompt' : 'user', content: draft }]);
  };
  const keys = (e) => {
    if (e.key === 'Enter' && !e.shiftKey && !e.isComposing) {
      e.preventDefault();
      submit();
    }
  };
  const begin = () => {
    const next = fresh(settings);
    setList((all) => [next, ...all.filter((c) => c.turns.length)]);
    setId(next.id);
  };
  const drop = (gone) => {
    const left = list.filter((c) => c.id !== gone);
    const next = left.length ? left : [fresh()];
    setList(next);
    save(next);
    if (gone === current.id) setId(next[0].id);
  };

  return html`<div class="play ${panel ? 'open' : ''}">
    <section class="talk panel" aria-label="Conversation">
      <div class="row spread bar-top">
        <div class="choice" role="group" aria-label="Kind">
          <button aria-pressed=${!completion} disabled=${Boolean(running)} onClick=${() => set({ mode: 'chat' })}>Chat</button>
          <button aria-pressed=${completion} disabled=${Boolean(running)} onClick=${() => set({ mode: 'completion' })}>Completion</button>
        </div>
        <div class="row tight"><button class="plain" onClick=${() => setCode(true)}>Code</button><button class="plain" onClick=${begin} disabled=${Boolean(running)}>New</button><button class="plain narrow" aria-expanded=${panel} onClick=${() => setPanel(!panel)}>Options</button></div>
      </div>
      <div class="turns" tabindex="0" role="log" aria-label="Messages" aria-busy=${Boolean(running)}>
        ${current.turns.length ? null : html`<div class="hello"><p>${completion ? 'Begin a text, and the model goes on with it.' : html`Say something to <b>${model || 'the model'}</b>.`}</p><p class="dim small">Conversations stay in this browser.</p></div>`}
        ${current.turns.map((turn, i) => html`<${Turn} key=${i} turn=${turn} coloured=${settings.logprobs} running=${running && i === current.turns.length - 1} answer=${!running && i === current.turns.length - 1 ? send : null} />`)}
        <div ref=${end}></div>
      </div>
      <form class="say" onSubmit=${submit}>
        <label class="hidden" for="draft">${completion ? 'Text' : 'Message'}</label>
        <textarea id="draft" rows="2" value=${draft} placeholder=${completion ? 'Once upon a time' : 'Message; Shift+Enter for a new line'} onInput=${(e) => setDraft(e.target.value)} onKeyDown=${keys}></textarea>
        ${running ? html`<button type="button" class="primary" onClick=${() => running.abort()}>Stop</button>` : html`<button class="primary" disabled=${!draft || !model}>Send</button>`}
      </form>
    </section>
    <aside class="options panel" aria-label="Options">
      <${Controls} settings=${settings} set=${set} context=${doc.server?.context} tools=${doc.server?.tools} />
      <h2>Conversations</h2>
      <ul class="chats">${list.filter((c) => c.turns.length).map((c) => html`<li class=${c.id === current.id ? 'on' : ''}><button disabled=${Boolean(running)} onClick=${() => setId(c.id)}><span>${c.title || '…'}</span><span class="dim">${age((Date.now() - c.at) / 1000)}</span></button><button class="quiet" disabled=${Boolean(running)} aria-label=${`Delete ${c.title}`} onClick=${() => drop(c.id)}>×</button></li>`)}</ul>
    </aside>
    ${code ? html`<${Snippets} make=${() => request(model, settings, [...current.turns.filter((t) => !t.error), ...(draft || !current.turns.length ? [{ role: completion ? 'prompt' : 'user', content: draft || 'Hello!' }] : [])].filter((t, i, all) => i < all.length - 1 || t.role !== 'assistant'))} close=${() => setCode(false)} />` : null}
  </div>`;
}
