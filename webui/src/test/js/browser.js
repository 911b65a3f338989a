// Starts the browser and watches what every page must never do: print an error, ask another host, get no answer.
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const PLACES = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome-stable', '/usr/bin/google-chrome'];
export const executable = PLACES.find((place) => place && existsSync(place));
export const shots = process.env.SCREENSHOTS || 'screenshots';
mkdirSync(shots, { recursive: true });

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

export async function launch() {
  return chromium.launch({ executablePath: executable, args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--enable-precise-memory-info', '--js-flags=--expose-gc'] });
}

/** Opens a page that is held to the rules; {@code expected} are answers that a test provokes, as "status path". */
export async function open(browser, url, { width = 1440, theme = 'light', expected = [], storage } = {}) {
  const context = await browser.newContext({ viewport: { width, height: width < 500 ? 780 : 900 }, colorScheme: theme, bypassCSP: false });
  const page = await context.newPage();
  const faults = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') {
      const known = /Failed to load resource/.test(message.text()) && expected.length;
      if (!known) faults.push(`console ${message.type()}: ${message.text()}`);
    }
  });
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  page.on('dialog', (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  page.on('request', (request) => {
    const host = request.url();
    if (!host.startsWith(url) && !host.startsWith('data:') && !host.startsWith('blob:')) faults.push(`foreign request: ${host}`);
    if (/sk-|key=|secret-key/.test(host)) faults.push(`a key in a URL: ${host}`);
  });
  page.on('requestfailed', (request) => {
    // The feed is cut when a page goes; nothing else may be.
    if (!request.url().includes('/v1/kvasir/feed') && request.failure()?.errorText !== 'net::ERR_ABORTED') faults.push(`failed: ${request.url()} ${request.failure()?.errorText}`);
  });
  page.on('response', (response) => {
    const path = new URL(response.url()).pathname;
    if (response.status() >= 400 && !expected.includes(`${response.status()} ${path}`)) faults.push(`${response.status()} ${path}`);
  });
  if (storage) await page.addInitScript((items) => Object.entries(items).forEach(([k, v]) => sessionStorage.setItem(k, v)), storage);
  page.faults = faults;
  page.done = async () => {
    await context.close();
    assert.deepEqual(faults, []);
  };
  return page;
}

/** Waits until the feed has come. */
export async function go(page, url, hash) {
  if (page.url().startsWith(url)) await page.evaluate((h) => { location.hash = h; }, '#/' + hash);
  else await page.goto(`${url}/#/${hash}`);
  await page.waitForFunction(() => globalThis.kvasir?.state.link === 'live');
}

export async function shot(page, name) {
  await page.screenshot({ path: join(shots, `${name}.png`) });
}

/** Nothing that axe-core finds serious, or worse. */
export async function accessible(page, name) {
  // Evaluated from outside, which the page's own policy doesn't and needn't allow.
  if (!(await page.evaluate(() => 'axe' in globalThis))) {
    const { readFileSync } = await import('node:fs');
    await page.evaluate(readFileSync(AXE, 'utf8'));
  }
  const result = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'] }));
  const bad = result.violations.filter((v) => v.impact === 'serious' || v.impact === 'critical').map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => n.html.slice(0, 160) + ' ' + (n.any[0]?.message || '')).join(' | ')}`);
  assert.deepEqual(bad, [], name);
}

export async function ask(url, body, path = '/v1/chat/completions', headers = {}) {
  const response = await fetch(url + path, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify({ max_tokens: 16, ...body }) });
  return response.json();
}

/** Follows a server's feed for some events and returns its patches as {id, data}. */
export async function record(url, count, headers = {}) {
  const abort = new AbortController();
  const response = await fetch(url + '/v1/kvasir/feed', { headers, signal: abort.signal });
  const patches = [];
  let rest = '';
  for await (const bytes of response.body) {
    rest += new TextDecoder().decode(bytes);
    const parts = rest.split('\n\n');
    rest = parts.pop();
    for (const part of parts) {
      const event = Object.fromEntries(part.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]));
      if (event.event === 'patch') patches.push({ id: event.id, bytes: part.length + 2, data: JSON.parse(event.data) });
    }
    if (patches.length >= count) break;
  }
  abort.abort();
  return patches;
}
