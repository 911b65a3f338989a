// The prefix tree as an icicle: a prompt's beginning at the top, what continues it below; as wide as what is held from there on.
import { html, useState } from '../lib.js';
import { count } from '../format.js';

const TIERS = ['device', 'host', 'disk', 'remote'];

function find(node, path) {
  let at = node;
  for (const id of path) {
    const next = at.children?.find((c) => c.id === id);
    if (!next) return at;
    at = next;
  }
  return at;
}

function cells(node, x, width, depth, most, out, path) {
  if (depth >= most || !node.children) return;
  const total = node.children.reduce((s, c) => s + c.weight, 0) + (node.more || 0);
  let at = x;
  for (const child of node.children) {
    const share = (child.weight / total) * width;
    if (share > 0.25) {
      const own = [...path, child.id];
      out.push({ node: child, x: at, width: share, depth, path: own });
      cells(child, at, share, depth + 1, most, out, own);
    }
    at += share;
  }
  if (node.more) out.push({ more: node.more, x: at, width: (node.more / total) * width, depth, path });
}

/** tree: the server's picture; segmentTokens; nameOf a tenant; content(id): shows what is there; path, setPath: which part is shown. */
export function Icicle({ tree, nameOf, content, tenantIndex, colour }) {
  const [path, setPath] = useState([]);
  const [chosen, setChosen] = useState(null);
  const top = find(tree, path);
  const rows = 9;
  const out = [];
  cells(top, 0, 100, 0, rows, out, path);
  const used = Math.max(1, ...out.map((c) => c.depth + 1));
  const choose = (cell) => {
    if (!cell.node) return;
    setChosen(cell.node);
    if (cell.node.children?.length) setPath(cell.path);
  };
  const detail = chosen && html`<div class="chosen"><p><code>${chosen.id}</code> <span class="dim">of</span> ${nameOf(chosen.tenant)}</p>
    <p class="dim">${count(chosen.segments)} ${chosen.segments === 1 ? 'segment' : 'segments'} in a row, ${count(chosen.weight)} with what continues it · found ${count(chosen.hits)} times · ${TIERS[chosen.tier]}${chosen.pinned ? ' · in use' : ''}</p>
    <button class="plain" onClick=${() => content(chosen)}>Show the text of its end</button></div>`;
  return html`<div class="row spread small"><nav class="crumbs" aria-label="Shown part"><button class="plain" disabled=${!path.length} onClick=${() => { setPath([]); setChosen(null); }}>Whole tree</button>${path.length ? html`<button class="plain" onClick=${() => setPath(path.slice(0, -1))}>Up</button><span class="dim">${path.length} deep</span>` : null}</nav></div>
    <div class="icicle" style=${{ height: `${used * 2.1}rem` }} role="group" aria-label="Prefixes">${out.map((cell) => {
      const style = { left: `${cell.x}%`, width: `calc(${cell.width}% - 1px)`, top: `${cell.depth * 2.1}rem` };
      if (!cell.node) return html`<span class="cell more" style=${style} title=${`${cell.more} more segments`}>${cell.width > 6 ? `+${count(cell.more)}` : ''}</span>`;
      const label = `${cell.node.id.slice(0, 8)}, ${cell.node.weight} segments, found ${cell.node.hits} times, ${nameOf(cell.node.tenant)}`;
      return html`<button class="cell ${cell.node.pinned ? 'pinned' : ''}" key=${cell.path.join('/')} style=${{ ...style, background: colour(cell.node) }} title=${label} aria-label=${label} onClick=${() => choose(cell)}>${cell.width > 8 ? cell.node.id.slice(0, 8) : ''}</button>`;
    })}</div>${detail}`;
}
