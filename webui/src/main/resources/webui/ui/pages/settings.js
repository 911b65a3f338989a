// Every setting as it is, with who says so. Nothing is changed here, and no secret is shown.
import { html, useEffect, useState } from '../lib.js';
import { get } from '../api.js';

const SOURCES = { default: ['', 'the default'], file: ['good', 'the settings file'], set: ['warn', '--set'], flag: ['warn', 'a flag'] };

export default function Settings() {
  const [list, setList] = useState(null);
  const [error, setError] = useState('');
  const [filter, setFilter] = useState('');
  const [changed, setChanged] = useState(false);
  useEffect(() => {
    get('/v1/kvasir/settings').then((body) => setList(body.settings), (e) => setError(e.message));
  }, []);
  if (error) return html`<p class="panel empty" role="alert">${error}</p>`;
  if (!list) return html`<p class="empty" role="status">Loading…</p>`;
  const shown = list.filter((s) => s.key.toLowerCase().includes(filter.toLowerCase()) && (!changed || s.source !== 'default'));
  const sections = [...new Set(shown.map((s) => s.key.split('.')[0]))];
  return html`
    <div class="row spread"><p class="dim">As this node was started; <code>conf/kvasir.yaml</code> says what each one means. <a href="/metrics" onClick=${metrics}>Metrics</a> for Prometheus; dashboards and alerts are in <code>docs/observability/</code>.</p>
      <div class="row"><label class="check"><input type="checkbox" checked=${changed} onChange=${(e) => setChanged(e.target.checked)} /> Only what isn't a default</label>
      <label class="hidden" for="filter">Find</label><input id="filter" class="find" type="search" placeholder="Find a setting" value=${filter} onInput=${(e) => setFilter(e.target.value)} /></div></div>
    ${list.length ? null : html`<p class="panel empty">This server was not told where its settings are from.</p>`}
    <div class="columns">${sections.map((section) => html`<section class="panel table" tabindex="0" aria-label=${section}><h2>${section}</h2><table><thead class="hidden"><tr><th>Setting</th><th>Value</th><th>Source</th></tr></thead><tbody>
      ${shown.filter((s) => s.key.startsWith(section + '.')).map((s) => html`<tr><td><code>${s.key.slice(section.length + 1)}</code></td><td class="wrap">${s.value === '' || s.value === '[]' ? html`<span class="dim">${s.value ? 'none' : 'not set'}</span>` : html`<code>${s.value}</code>`}</td><td class="num"><span class="chip ${SOURCES[s.source]?.[0] ?? ''}" title=${'From ' + (SOURCES[s.source]?.[1] ?? s.source)}>${s.source === 'set' ? '--set' : s.source}</span></td></tr>`)}
    </tbody></table></section>`)}</div>`;
}

/** A plain link couldn't send the key. */
async function metrics(e) {
  e.preventDefault();
  const { headers } = await import('../api.js');
  const response = await fetch('/metrics', { headers: headers() });
  const url = URL.createObjectURL(new Blob([await response.text()], { type: 'text/plain' }));
  const link = Object.assign(document.createElement('a'), { href: url, download: 'metrics.txt' });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
