// What the cache holds: every slot, the tree of prefixes, what comes and goes, who finds what, and what a larger pool would find.
import { html, useEffect, useRef, useState } from '../lib.js';
import { useStore } from '../store.js';
import { get, getBytes } from '../api.js';
import { bytes, count, share } from '../format.js';
import { tenantName } from '../parts/tenant.js';
import { Legend } from '../parts/bars.js';
import { paint, palette, parse, STATES, tenantColour } from '../parts/slots.js';
import { Icicle } from '../parts/icicle.js';
import { Spark } from '../parts/spark.js';

const BY = [['state', 'State'], ['recency', 'Recency'], ['hits', 'Hits'], ['tenant', 'Tenant']];

/** Asks again and again while the page is open and seen; a larger picture less often. */
function usePolled(load, millis) {
  const [value, setValue] = useState(null);
  const [error, setError] = useState('');
  useEffect(() => {
    let over = false;
    let timer;
    const look = async () => {
      try {
        if (!document.hidden) {
          const next = await load();
          if (over) return;
          setValue(next);
          setError('');
        }
      } catch (e) {
        if (!over) setError(e.message);
      }
      if (!over) timer = setTimeout(look, millis);
    };
    look();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, []);
  return [value, error];
}

function Map({ tier, tenants, by, numbers }) {
  const canvas = useRef(null);
  const [tip, setTip] = useState(null);
  useEffect(() => {
    const draw = () => {
      if (!canvas.current) return;
      canvas.current.dataset.millis = paint(canvas.current, tier, by, palette(canvas.current, by, tier.name)).toFixed(2);
    };
    draw();
    const watch = new ResizeObserver(draw);
    watch.observe(canvas.current.parentElement);
    return () => watch.disconnect();
  }, [tier, by, document.documentElement.dataset.theme]);
  const move = (e) => {
    const { cell, columns } = canvas.current.layout || {};
    const box = canvas.current.getBoundingClientRect();
    const column = Math.floor((e.clientX - box.left) / cell);
    const slot = Math.floor((e.clientY - box.top) / cell) * columns + column;
    if (column >= columns || slot < 0 || slot >= tier.slots) return setTip(null);
    const at = slot * 4;
    const held = tier.cells[at] > 1;
    setTip({ slot, state: STATES[tier.cells[at]], hits: held ? Math.round(2 ** (tier.cells[at + 1] / 16) - 1) : null, tenant: held ? tenants[tier.cells[at + 3]] : null });
  };
  const t = numbers || {};
  const words = `${tier.name}: ${t.free} free, ${t.writing} being written, ${t.pinned} in use, ${t.evictable} cached`;
  return html`<section class="panel"><div class="row spread"><h2>${tier.name} <span class="dim">${count(tier.slots)} slots${t.bytes ? `, ${bytes(t.bytes)}` : ''}</span></h2>
      <p class="small dim" aria-live="off">${tip ? html`slot ${tip.slot}: ${tip.state}${tip.hits != null ? `, found ${tip.hits} times` : ''}${tip.tenant ? html`, ${tenantName(tip.tenant)}` : null}` : html`in use <b>${count(t.pinned + t.writing)}</b> · cached <b>${count(t.evictable)}</b> · free <b>${count(t.free)}</b>`}</p></div>
    <div class="slots" onPointerMove=${move} onPointerLeave=${() => setTip(null)}><canvas ref=${canvas} role="img" aria-label=${words}></canvas></div>
    <dl class="facts-row bare small"><div><dt>evicted</dt><dd>${count(t.evictions)}/s</dd></div><div><dt>to a faster tier</dt><dd>${count(t.promotions)}/s</dd></div><div><dt>from a faster tier</dt><dd>${count(t.demotions)}/s</dd></div><div><dt>inserted</dt><dd>${count(t.inserted)}/s</dd></div><div><dt>duplicates given back</dt><dd>${count(t.duplicates)}</dd></div></dl>
  </section>`;
}

function WhatIf({ data }) {
  if (!data || data.rates.every(([, r]) => r < 0)) return html`<p class="empty">Nothing was looked up yet.</p>`;
  return html`<table class="what"><thead><tr><th>Device pool</th><th>Segments found</th><th class="num"></th></tr></thead><tbody>${data.rates.map(([factor, rate]) => html`<tr class=${factor === 1 ? 'now' : ''}><td>${factor === 1 ? 'as it is' : factor < 1 ? `1/${Math.round(1 / factor)} of it` : `${factor} times`}</td><td class="wide-cell"><span class="mini long" aria-hidden="true"><i style=${{ width: `${Math.max(0, rate) * 100}%` }}></i></span></td><td class="num">${rate < 0 ? '–' : share(rate)}</td></tr>`)}</tbody></table>
    <p class="dim small">If the least recently used went first, of about ${count(data.distinct)} different segments; from reuse distances of a sample of them (SHARDS).</p>`;
}

function Tenants({ tenants }) {
  const list = Object.entries(tenants || {});
  if (!list.length) return html`<p class="empty">Nobody has looked anything up in the last hour.</p>`;
  return html`<ul class="tenants">${list.map(([alias, t]) => html`<li><div class="row spread"><b class="wrap">${tenantName(alias)}</b><span><b>${share(t.found / Math.max(1, t.lookedUp))}</b> <span class="dim">of ${count(t.lookedUp)} tokens</span></span></div>
    <${Spark} label=${'Hit rate of ' + tenantName(alias)} lines=${[{ values: t.rates.map((v) => (v < 0 ? null : v)), colour: '--accent', name: 'found' }]} length=${59} step=${60} show=${share} top=${1} /></li>`)}</ul>`;
}

export default function Pool() {
  const { document: doc } = useStore();
  const [by, setBy] = useState('state');
  const [picture, pictureError] = usePolled(async () => parse(await getBytes('/v1/kvasir/pool/slots')), 2000);
  const [tree, treeError] = usePolled(() => get('/v1/kvasir/pool/tree'), 5000);
  const [text, setText] = useState(null);
  const show = async (node) => {
    try {
      setText({ id: node.id, ...(await get('/v1/kvasir/pool/content/' + encodeURIComponent(node.id))) });
    } catch (e) {
      setText({ id: node.id, text: e.message });
    }
  };
  const order = picture?.tenants || [];
  const dark = matchMedia('(prefers-color-scheme: dark)').matches ? document.documentElement.dataset.theme !== 'light' : document.documentElement.dataset.theme === 'dark';
  const tenantOf = (alias) => tenantColour(Math.max(0, order.indexOf(alias)), dark);
  const legend = by === 'state'
    ? [['free', '--sunk'], ['writing', '--warm'], ['in use', '--ink'], ['cached', '--device']].map(([name, colour]) => ({ name, colour, text: '' }))
    : [];
  return html`
    <div class="row spread"><div class="choice" role="group" aria-label="Colour slots by">${BY.map(([id, name]) => html`<button aria-pressed=${by === id} onClick=${() => setBy(id)}>${name}</button>`)}</div>
      ${by === 'state' ? html`<${Legend} parts=${legend} />` : by === 'tenant' ? html`<ul class="legend">${order.slice(0, 10).map((a) => html`<li><i class="dot" style=${{ background: tenantOf(a) }}></i>${tenantName(a)}</li>`)}</ul>` : html`<p class="small dim">${by === 'hits' ? 'The stronger, the more often found' : 'The stronger, the more recently used'}</p>`}</div>
    ${pictureError ? html`<p class="panel empty" role="alert">${pictureError}</p>` : null}
    ${picture ? picture.tiers.map((tier) => html`<${Map} key=${tier.name} tier=${tier} tenants=${order} by=${by} numbers=${doc.tiers?.[tier.name]} />`) : html`<p class="empty" role="status">Loading…</p>`}
    <section class="panel"><h2>Prefixes <span class="dim">${tree ? count(tree.segments) + ' segments' : ''}</span></h2>
      ${treeError ? html`<p class="empty" role="alert">${treeError}</p>` : tree?.children?.length ? html`<${Icicle} tree=${tree} nameOf=${tenantName} content=${show} colour=${(node) => tenantOf(node.tenant)} />` : html`<p class="empty">${tree ? 'The pool holds no whole segment yet.' : 'Loading…'}</p>`}
      ${text ? html`<div class="row spread"><p class="small dim">The last ${text.tokens ?? ''} tokens of <code>${text.id}</code></p><button class="plain" onClick=${() => setText(null)}>Hide</button></div><pre class="code plain">${text.text}</pre>` : null}</section>
    <div class="two even">
      <section class="panel"><h2>What another size would find</h2><${WhatIf} data=${doc.whatIf} /></section>
      <section class="panel"><h2>Prompt tokens found, by tenant, in the last hour</h2><${Tenants} tenants=${doc.tenants} /></section>
    </div>
    ${doc.nodes ? html`<section class="panel"><h2>On other nodes</h2><dl class="facts-row bare"><div><dt>borrowed</dt><dd>${count(doc.nodes.pool.borrowed)}</dd></div><div><dt>lent now</dt><dd>${count(doc.nodes.pool.lentSlots)}</dd></div><div><dt>sent home or as replicas</dt><dd>${count(doc.nodes.pool.sent)}</dd></div></dl></section>` : null}`;
}
