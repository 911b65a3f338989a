// Who asks what now and asked lately, and where one request's time went.
import { html, useEffect, useState } from '../lib.js';
import { state, useStore } from '../store.js';
import { get, post } from '../api.js';
import { count, share, timeText } from '../format.js';
import { tenantName } from '../parts/tenant.js';
import { Legend } from '../parts/bars.js';

const LIVE = new Set(['queued', 'prefill', 'decode']);
const GOOD = new Set(['stop', 'length']);

function chip(name) {
  return LIVE.has(name) ? 'good' : GOOD.has(name) ? '' : name === 'cancelled' ? 'warn' : 'error';
}

export default function Requests({ argument }) {
  return argument ? html`<${Trace} id=${argument} />` : html`<${Table} />`;
}

function Table() {
  const { document: doc } = useStore();
  const [only, setOnly] = useState('all');
  const rows = Object.entries(doc.requests || {})
    .map(([id, [tenant, status, arrival, prompt, cached, out, ttft, e2e, preempted]]) => ({ id, tenant, status, arrival, prompt, cached, out, ttft, e2e, preempted, live: LIVE.has(status) }))
    .filter((r) => only === 'all' || r.live === (only === 'live'))
    .sort((a, b) => b.live - a.live || b.arrival - a.arrival);
  return html`
    <div class="row spread"><p class="dim">${count(rows.length)} shown: those that live, and the last that have ended.</p>
      <div class="choice" role="group" aria-label="Which">${['all', 'live', 'ended'].map((w) => html`<button aria-pressed=${only === w} onClick=${() => setOnly(w)}>${w[0].toUpperCase() + w.slice(1)}</button>`)}</div></div>
    <section class="panel table" tabindex="0" aria-label="Requests"><table>
      <thead><tr><th>Request</th><th>State</th><th>Tenant</th><th class="num">Prompt</th><th class="num">Cached</th><th class="num">Out</th><th class="num">First token</th><th class="num">Total</th><th class="num">Arrived</th></tr></thead>
      <tbody>${rows.map((r) => html`<tr class="link" key=${r.id} onClick=${() => { location.hash = '#/requests/' + encodeURIComponent(r.id); }}>
        <td><a class="mono" href=${'#/requests/' + encodeURIComponent(r.id)} onClick=${(e) => e.stopPropagation()}>${short(r.id)}</a></td>
        <td><span class="chip ${chip(r.status)}">${r.status}</span>${r.preempted ? html` <span class="chip warn" title="lost its slots">${r.preempted}×</span>` : null}</td>
        <td>${tenantName(r.tenant)}</td><td class="num">${count(r.prompt)}</td>
        <td class="num"><span class="mini" aria-hidden="true"><i style=${{ width: `${(r.cached / Math.max(1, r.prompt)) * 100}%` }}></i></span> ${share(r.cached / Math.max(1, r.prompt))}</td>
        <td class="num">${count(r.out)}</td><td class="num">${timeText(r.ttft)}</td><td class="num">${timeText(r.e2e >= 0 ? r.e2e : Date.now() - r.arrival)}</td>
        <td class="num dim">${new Date(r.arrival).toLocaleTimeString()}</td></tr>`)}</tbody></table>
      ${rows.length ? null : html`<p class="empty">Nobody has asked anything yet. The <a href="#/playground">playground</a> can.</p>`}
    </section>`;
}

function short(id) {
  return id.length > 22 ? id.slice(0, 14) + '…' + id.slice(-5) : id;
}

function useTrace(id) {
  const [trace, setTrace] = useState(null);
  const [error, setError] = useState('');
  useEffect(() => {
    let over = false;
    let timer;
    const look = async () => {
      try {
        const next = await get('/v1/kvasir/requests/' + encodeURIComponent(id));
        if (over) return;
        setTrace(next);
        setError('');
        if (LIVE.has(next.state)) timer = setTimeout(look, 500);
      } catch (e) {
        if (!over) setError(e.status === 404 ? 'This request is not among the last ones any more.' : e.message);
      }
    };
    setTrace(null);
    look();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [id]);
  return [trace, error];
}

/** Stages as bars under one another, in milliseconds after arrival. */
function stages(t) {
  const at = t.at;
  const now = at.finished ?? Math.max(Date.now() - t.arrival, ...t.spans.map((s) => s.end), at.admitted ?? 0, at.queued ?? 0, at.submitted ?? 0);
  const list = [];
  const put = (name, from, to, colour, note) => {
    if (from != null && to != null && to - from >= 0) list.push({ name, bars: [{ from, to, colour, note }], total: to - from });
  };
  const begun = at.queued ?? at.submitted;
  put('Read and tokenise', 0, at.submitted ?? begun, '--queue', 'from arrival until the prompt was submitted');
  const looked = at.fetch != null && at.admitted != null && at.admitted - at.fetch > 0.005 ? at.fetch : null;
  put('Queue', at.submitted ?? 0, looked ?? at.admitted ?? now, '--queue', 'waiting for a place in the batch');
  if (looked != null) {
    const lower = t.cached.host + t.cached.disk + t.cached.remote;
    const which = t.cached.disk ? '--disk' : t.cached.host ? '--host' : t.cached.remote ? '--remote' : '--queue';
    put(lower ? 'Fetch' : 'Look below', looked, at.admitted, which, lower ? `${lower} tokens brought to the device from ${['host', 'disk', 'remote'].filter((n) => t.cached[n]).join(', ')}` : 'lower tiers were asked and had nothing more');
  }
  const prefill = t.spans.filter((s) => s.kind === 'prefill');
  const decode = t.spans.filter((s) => s.kind === 'decode');
  const lost = t.spans.filter((s) => s.kind === 'preempted');
  if (prefill.length) list.push({ name: 'Prefill', total: sum(prefill), bars: prefill.map((s) => ({ from: s.begin, to: s.end, colour: '--accent', note: `tokens ${s.from} to ${s.to} in ${s.steps === 1 ? 'one chunk' : s.steps + ' chunks'}` })) });
  if (lost.length) list.push({ name: 'Preempted', total: sum(lost), bars: lost.map((s) => ({ from: s.begin, to: s.end === s.begin ? now : s.end, colour: '--bad', note: 'its slots were given to others' })) });
  if (decode.length) {
    const gaps = decode.map((s) => (s.end - s.begin) / s.steps).sort((a, b) => a - b);
    const usual = gaps[gaps.length >> 1] || 1;
    list.push({
      name: 'Decode', total: sum(decode),
      bars: decode.map((s) => {
        const stall = s.longestGap > 4 * usual && s.longestGap > 20;
        return { from: s.begin, to: s.end, colour: stall ? '--warm' : '--decode', note: `${s.steps} ${s.steps === 1 ? 'token' : 'tokens'}${s.longestGap ? `, longest gap ${timeText(s.longestGap)}${stall ? ': a stall' : ''}` : ''}` };
      }),
    });
  }
  if (at.finished != null) list.push({ name: 'Finish', bars: [{ from: at.finished, to: at.finished, colour: '--ink', note: t.state }], total: null, text: t.state });
  return { list, now };
}

const sum = (spans) => spans.reduce((all, s) => all + s.end - s.begin, 0);

function ticks(end) {
  const power = 10 ** Math.floor(Math.log10(end || 1));
  const step = [0.1, 0.2, 0.5, 1, 2].map((s) => s * power).find((s) => end / s <= 6) || power;
  return Array.from({ length: Math.floor(end / step) + 1 }, (_, i) => i * step);
}

function Trace({ id }) {
  const [t, error] = useTrace(id);
  const [told, setTold] = useState('');
  const cancel = async () => {
    try {
      await post('/v1/kvasir/requests/cancel', { id });
      setTold('Asked to end.');
    } catch (e) {
      setTold(e.message);
    }
  };
  if (error) return html`<p class="row"><a href="#/requests">All requests</a></p><p class="panel empty">${error}</p>`;
  if (!t) return html`<p class="empty" role="status">Loading…</p>`;
  const { list, now } = stages(t);
  const runs = [
    { name: 'device', value: t.cached.device, colour: '--device' }, { name: 'host', value: t.cached.host, colour: '--host' },
    { name: 'disk', value: t.cached.disk, colour: '--disk' }, { name: 'other nodes', value: t.cached.remote, colour: '--remote' },
    { name: 'computed', value: t.promptTokens - t.cached.device - t.cached.host - t.cached.disk - t.cached.remote, colour: '--computed' },
  ].map((r) => ({ ...r, text: `${count(r.value)} (${share(r.value / t.promptTokens)})` }));
  return html`
    <div class="row spread"><p class="row"><a href="#/requests">All requests</a> <span class="mono wrap">${t.id}</span> <span class="chip ${chip(t.state)}">${t.state}</span></p>
      <div class="row"><span class="dim" role="status">${told}</span>${LIVE.has(t.state) && state.who?.admin ? html`<button class="plain danger" onClick=${cancel}>Cancel</button>` : null}</div></div>
    <dl class="facts-row panel">
      <div><dt>Tenant</dt><dd>${tenantName(t.tenant)}</dd></div><div><dt>Arrived</dt><dd>${new Date(t.arrival).toLocaleTimeString()}</dd></div>
      <div><dt>Prompt</dt><dd>${count(t.promptTokens)} tokens</dd></div><div><dt>Answer</dt><dd>${count(t.generated)} tokens</dd></div>
      <div><dt>First token</dt><dd>${timeText(t.at.firstToken)}</dd></div><div><dt>${t.at.finished != null ? 'Total' : 'So far'}</dt><dd>${timeText(now)}</dd></div>
      <div><dt>Preempted</dt><dd>${t.preemptions ? t.preemptions + ' times' : 'never'}</dd></div>
    </dl>
    <section class="panel"><h2>Where the prompt came from</h2>
      <div class="runs" role="img" aria-label=${'The prompt, from its first token to its last: ' + runs.map((r) => `${r.name} ${r.text}`).join(', ')}>
        ${runs.filter((r) => r.value > 0).map((r) => html`<span style=${{ flexGrow: r.value, background: `var(${r.colour})` }} title=${`${r.name}: ${r.text}`}></span>`)}</div>
      <div class="row spread small dim"><span>token 0</span><span>token ${count(t.promptTokens)}</span></div>
      <${Legend} parts=${runs.filter((r) => r.value > 0)} /></section>
    <section class="panel"><h2>Where the time went</h2>
      <div class="fall" role="list">
        ${list.map((s) => html`<div class="stage" role="listitem" aria-label=${`${s.name}: ${s.text || timeText(s.total)}${s.bars.length === 1 ? ', ' + s.bars[0].note : ''}`}><span class="stage-name">${s.name}</span>
          <span class="lane">${s.bars.map((b) => html`<i class=${b.from === b.to ? 'mark-end' : ''} style=${{ left: `${(b.from / now) * 100}%`, width: b.from === b.to ? null : `max(2px, ${((b.to - b.from) / now) * 100}%)`, background: `var(${b.colour})` }} title=${`${s.name}: ${timeText(b.from)} – ${timeText(b.to)}\n${b.note}`}></i>`)}</span>
          <span class="stage-time">${s.text || timeText(s.total)}</span></div>`)}
        <div class="stage axis" aria-hidden="true"><span class="stage-name"></span><span class="lane">${ticks(now).map((v) => html`<b style=${{ left: `${(v / now) * 100}%` }}>${v ? timeText(v) : '0'}</b>`)}</span><span class="stage-time"></span></div>
      </div>
      <p class="dim small">Times are after arrival, from the clock of this node. ${t.spans.length === 0 && t.at.finished != null && t.generated > 0 ? 'Another node ran this request; that node has the details of prefill and decode.' : null}</p></section>`;
}
