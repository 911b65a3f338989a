// How it goes, at one glance: what is wrong in words, then each number with its curve and its unit.
import { html, useState } from '../lib.js';
import { useStore } from '../store.js';
import { age, bytes, count, share, time, timeText } from '../format.js';
import { Spark } from '../parts/spark.js';
import { Bar, Legend } from '../parts/bars.js';

export function Problems({ list }) {
  if (!list?.length) return html`<p class="fine" role="status"><i class="dot"></i>Nothing is wrong.</p>`;
  return html`<ul class="problems" role="alert">${list.map((p) => html`<li class=${p.level}>${p.text}</li>`)}</ul>`;
}

function Card({ title, value, unit, aside, lines, range, show, top, children }) {
  const { fine, hour } = range.data;
  const source = range.hour ? hour : fine;
  return html`<section class="panel card">
    <h2>${title}</h2>
    <p class="figure"><span class="number">${value}</span>${unit ? html`<span class="unit">${unit}</span>` : null}${aside ? html`<span class="aside">${aside}</span>` : null}</p>
    ${children}
    <${Spark} label=${title} lines=${lines.map((line) => ({ ...line, values: source[line.key] || [] }))} length=${range.hour ? 360 : 300} step=${range.hour ? 10 : 1} show=${show} top=${top} />
  </section>`;
}

function mean(values, seconds) {
  const last = (values || []).slice(-seconds).filter((v) => v != null);
  return last.length ? last.reduce((a, b) => a + b, 0) / last.length : null;
}

export const TIERS = ['device', 'host', 'disk', 'remote'];

export function Overview() {
  const store = useStore();
  const [hour, setHour] = useState(false);
  const doc = store.document;
  const o = doc.overview || {};
  const range = { hour, data: store };
  const hits = TIERS.map((tier) => ({ name: tier, value: o['hit' + tier[0].toUpperCase() + tier.slice(1)] ?? 0, colour: '--' + tier }));
  const hit = hits.some((h) => o['hit' + h.name[0].toUpperCase() + h.name.slice(1)] != null) ? hits.reduce((sum, h) => sum + h.value, 0) : null;
  const computed = hit == null ? 0 : Math.max(0, 1 - hit);
  const parts = [...hits.filter((h) => h.value > 0 || h.name === 'device'), { name: 'computed', value: computed, colour: '--computed' }].map((p) => ({ ...p, text: hit == null ? '–' : share(p.value) }));
  const [ttft, ttftUnit] = time(o.ttftP50);
  const [itl, itlUnit] = time(o.itlP50);
  const [e2e, e2eUnit] = time(o.e2eP50);
  const server = doc.server || {};
  return html`
    <div class="row spread">
      <${Problems} list=${doc.problems} />
      <div class="choice" role="group" aria-label="Time shown">
        <button aria-pressed=${!hour} onClick=${() => setHour(false)}>5 min</button>
        <button aria-pressed=${hour} onClick=${() => setHour(true)}>1 h</button>
      </div>
    </div>
    <div class="cards">
      <${Card} title="Requests" value=${count(o.running)} unit="running" aside=${html`<b>${count(o.waiting)}</b> waiting`} range=${range} show=${count}
        lines=${[{ key: 'running', name: 'running', colour: '--accent' }, { key: 'waiting', name: 'waiting', colour: '--warm', dashed: true }]} />
      <${Card} title="Tokens out" value=${count(mean(store.fine.tokensOut, 5))} unit="tokens/s" range=${range} show=${count} lines=${[{ key: 'tokensOut', name: 'out', colour: '--accent' }]} />
      <${Card} title="Tokens in" value=${count(mean(store.fine.tokensIn, 5))} unit="tokens/s" range=${range} show=${count} lines=${[{ key: 'tokensIn', name: 'in', colour: '--accent' }]} />
      <${Card} title="Time to first token" value=${ttft} unit=${ttftUnit} aside=${html`p99 <b>${timeText(o.ttftP99)}</b>`} range=${range} show=${timeText}
        lines=${[{ key: 'ttftP50', name: 'p50', colour: '--accent' }, { key: 'ttftP99', name: 'p99', colour: '--warm', dashed: true }]} />
      <${Card} title="Between tokens" value=${itl} unit=${itlUnit} aside=${html`p99 <b>${timeText(o.itlP99)}</b>`} range=${range} show=${timeText}
        lines=${[{ key: 'itlP50', name: 'p50', colour: '--accent' }, { key: 'itlP99', name: 'p99', colour: '--warm', dashed: true }]} />
      <${Card} title="End to end" value=${e2e} unit=${e2eUnit} aside=${html`p99 <b>${timeText(o.e2eP99)}</b>`} range=${range} show=${timeText}
        lines=${[{ key: 'e2eP50', name: 'p50', colour: '--accent' }, { key: 'e2eP99', name: 'p99', colour: '--warm', dashed: true }]} />
      <${Card} title="Prompt tokens from the cache" value=${hit == null ? '–' : share(hit)} aside="of the last minute's" range=${range} show=${share} top=${1}
        lines=${[{ key: 'hitDevice', name: 'device', colour: '--device' }, { key: 'hitHost', name: 'host', colour: '--host' }, { key: 'hitDisk', name: 'disk', colour: '--disk' }, { key: 'hitRemote', name: 'remote', colour: '--remote' }]}>
        <${Bar} parts=${parts} total=${1} label="Prompt tokens by where they came from" /><${Legend} parts=${parts} />
      <//>
      <${Card} title="Pool in use" value=${share(o.inUse)} aside=${html`<b>${share(o.filled)}</b> holds something`} range=${range} show=${share} top=${1}
        lines=${[{ key: 'inUse', name: 'in use', colour: '--accent' }, { key: 'filled', name: 'filled', colour: '--warm', dashed: true }]}>
        ${doc.tiers ? html`<${Tiers} tiers=${doc.tiers} />` : null}
      <//>
    </div>
    <p class="dim small">${server.started ? html`Up for ${age(Date.now() / 1000 - server.started)} · context of ${count(server.context)} tokens · Kvasir ${server.version} · percentiles are of the last minute · ` : null}<code>GET /metrics</code> has all of it for Prometheus.</p>`;
}

function Tiers({ tiers }) {
  return html`<dl class="tiers">${Object.entries(tiers).map(([name, t]) => {
    const parts = [
      { name: 'in use', value: t.pinned + t.writing, colour: '--accent', text: count(t.pinned + t.writing) },
      { name: 'cached', value: t.evictable, colour: '--' + name, text: count(t.evictable) },
      { name: 'free', value: t.free, colour: '--computed', text: count(t.free) },
    ];
    return html`<dt>${name}</dt><dd><${Bar} parts=${parts} total=${Math.max(1, t.slots)} label=${`${name} tier`} /><span class="dim">${bytes(t.bytes)}, ${count(t.slots)} slots</span></dd>`;
  })}</dl>`;
}
