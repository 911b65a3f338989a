// The nodes as this one sees them: how they are, what goes over its links, and what became of what a lost one held.
import { html } from '../lib.js';
import { useStore } from '../store.js';
import { age, bytes, count, share } from '../format.js';

const KINDS = [['query', 'queries', '--remote'], ['loan', 'loans', '--host'], ['transfer', 'transfers', '--disk'], ['group', 'shared prompts', '--accent']];

function place(index, total) {
  const angle = (index / total) * 2 * Math.PI - Math.PI / 2;
  return [50 + 36 * Math.cos(angle), 50 + 36 * Math.sin(angle)];
}

function rate(link) {
  return Object.values(link || {}).reduce((sum, [a, b]) => sum + a + b, 0);
}

function Topology({ view }) {
  const peers = Object.entries(view.nodes).filter(([n]) => Number(n) !== view.self);
  const self = view.nodes[view.self];
  const words = peers.map(([n, p]) => `node ${n}, ${p.role}, ${bytes(rate(p.link))} a second`).join('; ');
  return html`<svg class="topology" viewBox="0 0 100 100" role="img" aria-label=${`This is node ${view.self}. It sees ${words || 'no other node'}.`}>
    ${peers.map(([n, p], i) => {
      const [x, y] = place(i, peers.length);
      const flow = rate(p.link);
      const most = KINDS.map(([k]) => [k, p.link?.[k] ? p.link[k][0] + p.link[k][1] : 0]).sort((a, b) => b[1] - a[1])[0];
      const colour = flow ? KINDS.find(([k]) => k === most[0])[2] : '--line';
      return html`<line x1="50" y1="50" x2=${x} y2=${y} style=${{ stroke: `var(${colour})`, strokeWidth: flow ? Math.min(2.4, 0.5 + Math.log10(1 + flow / 1024) * 0.45) : 0.4 }} />
        ${flow ? html`<text class="rate" x=${(50 + x) / 2} y=${(50 + y) / 2 - 1.5}>${bytes(flow)}/s</text>` : null}`;
    })}
    ${[[String(view.self), self, 50, 50, true], ...peers.map(([n, p], i) => [n, p, ...place(i, peers.length), false])].map(([n, p, x, y, own]) => {
      const used = p.slots ? 1 - p.free / p.slots : 0;
      const r = 9;
      const round = 2 * Math.PI * r;
      return html`<g class=${own ? 'own' : ''}><circle class="disc" cx=${x} cy=${y} r=${r} /><circle class="fill" cx=${x} cy=${y} r=${r} stroke-dasharray=${`${round * used} ${round}`} transform=${`rotate(-90 ${x} ${y})`} />
        <text class="number" x=${x} y=${y}>${n}</text><text class="role" x=${x} y=${y + 4.2}>${p.draining ? 'draining' : p.role}</text></g>`;
    })}
  </svg>`;
}

export default function Nodes() {
  const { document: doc } = useStore();
  const view = doc.nodes;
  if (!view) return html`<p class="panel empty">This node is alone: it wasn't started with <code>--cluster</code>.</p>`;
  const list = Object.entries(view.nodes).sort((a, b) => a[0] - b[0]);
  return html`
    <div class="two">
      <section class="panel"><h2>As node ${view.self} sees them</h2><${Topology} view=${view} />
        <ul class="legend">${KINDS.map(([, name, colour]) => html`<li><i class="dot" style=${{ background: `var(${colour})` }}></i>${name}</li>`)}<li>ring: slots that hold something</li></ul></section>
      <section class="panel table" tabindex="0" aria-label="Nodes"><h2>Nodes</h2><table>
        <thead><tr><th>Node</th><th>Role</th><th class="num">Running</th><th class="num">Waiting</th><th class="num">Filled</th><th class="num">Segments</th><th class="num">Heard</th><th class="num">Links, in / out</th></tr></thead>
        <tbody>${list.map(([n, p]) => html`<tr><td><b>${n}</b>${Number(n) === view.self ? html` <span class="chip good">this</span>${view.oldest ? html` <span class="chip" title="The oldest member sweeps up after those that are gone">oldest</span>` : null}` : html`<br /><span class="dim small mono">${p.address}</span>`}</td>
          <td>${p.role}${p.draining ? html` <span class="chip warn">draining</span>` : null}</td><td class="num">${count(p.running)}</td><td class="num">${count(p.waiting)}</td>
          <td class="num">${p.slots ? share(1 - p.free / p.slots) : '–'}</td><td class="num">${p.held == null ? '–' : count(p.held)}</td>
          <td class="num">${p.silent == null ? '–' : html`<span class=${p.silent > 3 ? 'bad' : ''}>${p.silent.toFixed(1)} s ago</span>`}</td>
          <td class="num">${p.link && rate(p.link) ? Object.entries(p.link).map(([k, [i, o]]) => html`<div class="small"><span class="dim">${k}</span> ${bytes(i)} / ${bytes(o)}</div>`) : html`<span class="dim">quiet</span>`}</td></tr>`)}</tbody></table></section>
    </div>
    <section class="panel"><h2>Segments between nodes, since the start of this one</h2><dl class="facts-row bare">
      <div><dt>Borrowed</dt><dd>${count(view.pool.borrowed)}</dd></div><div><dt>Lent</dt><dd>${count(view.pool.lent)}</dd></div><div><dt>Lent now</dt><dd>${count(view.pool.lentSlots)} slots</dd></div>
      <div><dt>Sent home or as replicas</dt><dd>${count(view.pool.sent)}, ${bytes(view.pool.sentBytes)}</dd></div><div><dt>Lost in use</dt><dd>${count(view.pool.lost)}</dd></div></dl></section>
    <section class="panel table" tabindex="0" aria-label="Nodes that went"><h2>Nodes that went</h2>${view.departures.length ? html`<table>
      <thead><tr><th>Node</th><th>When</th><th>How</th><th class="num">Held</th><th class="num">Also elsewhere</th><th class="num">Lost in use</th><th class="num">Requests resumed</th><th class="num">Segments sent since</th></tr></thead>
      <tbody>${view.departures.map((d) => html`<tr><td><b>${d.node}</b></td><td>${age((Date.now() - d.at) / 1000)} ago</td><td><span class="chip ${d.farewell ? '' : 'error'}">${d.farewell ? 'left' : 'lost'}</span></td><td class="num">${count(d.held)}</td><td class="num">${count(d.elsewhere)}</td><td class="num">${count(d.lostInUse)}</td><td class="num">${count(d.resumed)}</td><td class="num">${count(d.moved)}</td></tr>`)}</tbody></table>
      <p class="dim small">The last three columns are this node's own, in the 30 s after.</p>` : html`<p class="empty">None since this one began.</p>`}</section>`;
}
