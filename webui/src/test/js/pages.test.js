// Every page in a real browser with what a running server says: a model in a process, a disk tier, another node that is killed.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { accessible, ask, executable, go, launch, open, record, shot } from './browser.js';
import { serve } from './servers.js';

const skip = executable ? false : 'no Chromium was found; set CHROMIUM to one to have the pages tested';
// A device pool that doesn't hold what the requests below leave behind, so that the disk tier is asked.
const TIERS = ['--set', 'pool.deviceBytes=8MiB', '--set', 'pool.diskBytes=64MiB', '--set', 'pool.prefetch=wait'];
const KEYS = ['--set', 'http.apiKeys=[user:client-secret-key]', '--set', 'http.adminKeys=[root:admin-secret-key]'];
const HOSTILE = '<img src=x onerror=alert(1)><script>alert(2)</script>"\'><svg onload=alert(3)>[x](javascript:alert(4))';

let browser;
let single;
let locked;
let nodes = [];

before(async () => {
  if (skip) return;
  browser = await launch();
  [single, locked, ...nodes] = await Promise.all([
    serve(...TIERS),
    serve(...KEYS, '--set', `model.name=${HOSTILE.slice(0, 55)}`),
    // The second joins the first, whichever port that has found.
    (async () => {
      const port = 20_000 + Math.floor(Math.random() * 20_000);
      const cluster = ['--cluster', '--join', `127.0.0.1:${port}`, '--set', `cluster.secret=${randomBytes(32).toString('hex')}`];
      nodes = [await serve(...cluster, '--set', `cluster.port=${port}`)];
      nodes.push(await serve(...cluster, '--set', `cluster.port=${port + 1}`));
      return nodes;
    })(),
  ]);
  nodes = nodes.flat();
}, { timeout: 300_000 });

after(async () => {
  await browser?.close();
  await Promise.all([single, locked, ...nodes].map((server) => server?.stop()));
});

const story = (n) => [{ role: 'system', content: `You tell story number ${n}. `.repeat(40) }, { role: 'user', content: 'Tell it.' }];

test('the first page is there at once, is small, and shows live numbers', { skip }, async () => {
  const page = await open(browser, single.url);
  await page.goto(single.url + '/');
  await page.waitForFunction(() => globalThis.kvasir?.state.document.overview);
  const { paint, bytes } = await page.evaluate(() => ({
    paint: performance.getEntriesByName('first-contentful-paint')[0].startTime,
    bytes: [...performance.getEntriesByType('resource'), ...performance.getEntriesByType('navigation')].reduce((sum, e) => sum + e.transferSize, 0),
  }));
  console.log(`# first contentful paint ${Math.round(paint)} ms, ${Math.round(bytes / 1024)} KB transferred`);
  assert.ok(bytes < 300 * 1024, `${bytes} bytes`);
  await ask(single.url, { model: 'kvasir-mini', messages: story(1) });
  await page.waitForFunction(() => globalThis.kvasir.state.document.overview.ttftP50 > 0);
  assert.match(await page.locator('.card').nth(3).innerText(), /Time to first token\s+[\d.]+/);
  await page.done();
});

test('a chat streams, says what was cached, and is still there after a reload', { skip }, async () => {
  const page = await open(browser, single.url);
  await go(page, single.url, 'playground');
  await page.fill('#draft', 'Tell me a story about a cat and a dog, please. '.repeat(6));
  await page.press('#draft', 'Enter');
  await page.waitForFunction(() => document.querySelector('.turn.assistant .said')?.textContent.length > 3 && document.querySelector('.talk button.primary').textContent === 'Stop');
  await page.waitForSelector('.turn.assistant .facts');
  await page.check('.check input');
  await page.fill('#draft', 'And what came then?');
  await page.press('#draft', 'Enter');
  await page.waitForFunction(() => document.querySelectorAll('.turn.assistant .facts').length === 2);
  assert.match(await page.locator('.turn.assistant .facts').nth(1).innerText(), /first token [\d.]+\s?m?s.*cached [1-9]\d+/s);
  assert.ok(await page.locator('.tokens span').count() > 3);
  await page.getByRole('button', { name: 'Code' }).click();
  for (const [language, word] of [['curl', 'curl -s http'], ['Java', 'HttpClient'], ['Python', 'from openai import'], ['JavaScript', "from 'openai'"]]) {
    await page.getByRole('button', { name: language, exact: true }).click();
    assert.ok((await page.locator('dialog pre').innerText()).includes(word), language);
  }
  await page.getByRole('button', { name: 'Close' }).click();
  await shot(page, 'chat-1440-light');
  await accessible(page, 'playground');
  await page.reload();
  await page.waitForFunction(() => document.querySelectorAll('.turn.assistant .facts').length === 2);
  await page.getByText('where its time went').last().click();
  await page.waitForSelector('.stage');
  await page.done();
});

test('a completion goes on with a text, and a schema is kept to', { skip }, async () => {
  const page = await open(browser, single.url);
  await go(page, single.url, 'playground');
  await page.getByRole('button', { name: 'Completion' }).click();
  await page.fill('#s-max', '12');
  await page.fill('#draft', 'Once upon a time');
  await page.press('#draft', 'Enter');
  await page.waitForSelector('.turn.assistant .facts');
  await page.getByRole('button', { name: 'Chat' }).click();
  await page.getByRole('button', { name: 'New' }).click();
  await page.fill('#s-max', '60');
  await page.fill('#s-schema', '{"type":"object","properties":{"ok":{"type":"boolean"}},"required":["ok"],"additionalProperties":false}');
  await page.fill('#draft', 'Is it?');
  await page.press('#draft', 'Enter');
  await page.waitForSelector('.turn.assistant .facts');
  assert.equal(typeof JSON.parse(await page.locator('.turn.assistant .said').last().innerText()).ok, 'boolean');
  await page.fill('#s-schema', '{');
  await page.fill('#draft', 'And now?');
  await page.press('#draft', 'Enter');
  assert.match(await page.locator('.turn .bad').innerText(), /schema is not JSON/);
  await page.done();
});

test('a request that hit the disk tier shows where its time went, and what came from where', { skip }, async () => {
  // The first prompt is written through to the disk and then pushed off the device by others.
  const first = { model: 'kvasir-mini', messages: story('one') };
  await ask(single.url, first);
  for (let i = 0; i < 12; i++) await ask(single.url, { model: 'kvasir-mini', messages: story('other ' + i), max_tokens: 1 });
  const answer = await ask(single.url, first);
  assert.ok(answer.usage.prompt_tokens_details.cached_tokens_by_tier.disk > 0, JSON.stringify(answer.usage));
  const page = await open(browser, single.url);
  await go(page, single.url, 'requests');
  await page.waitForFunction((id) => globalThis.kvasir.state.document.requests?.[id], answer.id + '-0');
  await shot(page, 'requests-few-1440-light');
  await accessible(page, 'requests');
  await page.evaluate((id) => { location.hash = '#/requests/' + id; }, answer.id + '-0');
  await page.waitForSelector('.stage');
  const text = await page.locator('main').innerText();
  assert.match(text, /Fetch/);
  assert.match(text, /disk\s*\d+ \(/);
  assert.match(text, /Prefill/);
  assert.match(text, /Decode/);
  await shot(page, 'request-from-disk-1440-light');
  await accessible(page, 'request');
  await page.done();
});

test('the slot map changes under load, and the tree says nothing before it is asked', { skip }, async () => {
  const page = await open(browser, single.url);
  await go(page, single.url, 'pool');
  await page.waitForFunction(() => document.querySelectorAll('.slots canvas').length === 2 && [...document.querySelectorAll('.slots canvas')].every((c) => c.dataset.millis));
  await page.waitForSelector('.icicle .cell');
  const picture = () => page.locator('.slots canvas').first().evaluate((c) => c.toDataURL());
  const before = await picture();
  await Promise.all([1, 2, 3, 4].map((i) => ask(single.url, { model: 'kvasir-mini', messages: story('load ' + i), max_tokens: 8 })));
  await page.waitForFunction((old) => document.querySelector('.slots canvas').toDataURL() !== old, before);
  assert.ok(!(await page.locator('main').innerText()).includes('You tell story'));
  await page.locator('.icicle .cell').first().click();
  await page.getByText('Show the text of its end').click();
  await page.waitForFunction(() => /\w{3}/.test(document.querySelector('pre.code')?.textContent));
  for (const by of ['Recency', 'Hits', 'Tenant', 'State']) {
    const old = await picture();
    await page.getByRole('button', { name: by, exact: true }).click();
    await page.waitForFunction((was) => document.querySelector('.slots canvas').toDataURL() !== was, old);
  }
  await shot(page, 'pool-full-1440-light');
  await accessible(page, 'pool');
  await page.done();
});

test('a hundred thousand slots are drawn sixty times a second', { skip }, async () => {
  const page = await open(browser, single.url);
  await go(page, single.url, 'pool');
  await page.waitForSelector('.slots canvas');
  const millis = await page.evaluate(async () => {
    const { paint, palette } = await import('/ui/parts/slots.js');
    const cells = new Uint8Array(400_000).map((_, i) => (i % 4 === 0 ? (i >> 4) % 4 : (i * 7919) % 251));
    const box = document.body.appendChild(document.createElement('div'));
    box.style.width = '1200px';
    const canvas = box.appendChild(document.createElement('canvas'));
    const times = [];
    for (let i = 0; i < 60; i++) times.push(paint(canvas, { slots: 100_000, cells }, ['state', 'recency', 'tenant'][i % 3], palette(canvas, ['state', 'recency', 'tenant'][i % 3], 'device')));
    box.remove();
    return times.sort((a, b) => a - b)[30];
  });
  console.log(`# 100,000 slots: ${millis.toFixed(1)} ms a picture (median of 60)`);
  await page.done();
});

test('a killed node is seen, with what became of what it held', { skip }, async () => {
  const [here, there] = nodes;
  await Promise.all([...Array(12).keys()].map((i) => ask(nodes[i % 2].url, { model: 'kvasir-mini', messages: story('node ' + i), max_tokens: 2 })));
  const page = await open(browser, here.url);
  await go(page, here.url, 'nodes');
  await page.waitForFunction(() => Object.values(globalThis.kvasir.state.document.nodes?.nodes || {}).some((n) => n.held > 0));
  await page.waitForTimeout(300);
  await shot(page, 'two-nodes-1440-light');
  await accessible(page, 'nodes');
  await there.kill();
  await page.waitForFunction(() => globalThis.kvasir.state.document.nodes.departures.length === 1, null, { timeout: 60_000 });
  assert.match(await page.locator('main').innerText(), /lost\s+\d+/);
  await shot(page, 'lost-node-1440-light');
  await page.evaluate(() => { location.hash = '#/overview'; });
  await page.waitForSelector('.problems li');
  assert.match(await page.locator('.problems').innerText(), /Node \d+ is gone without a farewell/);
  await page.done();
});

test('with keys everybody logs in, and only administrators see all pages', { skip }, async () => {
  const page = await open(browser, locked.url, { expected: ['401 /v1/kvasir/who'] });
  await page.goto(locked.url + '/');
  await page.waitForSelector('#key');
  await accessible(page, 'login');
  await shot(page, 'login-1440-light');
  await page.fill('#key', 'wrong-secret-key');
  await page.click('button.primary');
  await page.waitForSelector('.login .bad');
  await page.fill('#key', 'client-secret-key');
  await page.click('button.primary');
  await page.waitForFunction(() => globalThis.kvasir.state.document.overview);
  assert.equal(await page.evaluate(() => Boolean(globalThis.kvasir.state.document.requests)), false);
  await page.evaluate(() => { location.hash = '#/pool'; });
  await page.waitForFunction(() => /for administrators/.test(document.querySelector('main').textContent));
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.waitForSelector('#key');
  assert.equal(await page.evaluate(() => sessionStorage.length + JSON.stringify(localStorage).split('secret').length - 1), 0);
  await page.done();
});

test('nothing that strangers write is ever run', { skip }, async () => {
  const admin = { authorization: 'Bearer admin-secret-key' };
  const model = (await (await fetch(locked.url + '/v1/models', { headers: admin })).json()).data[0].id;
  assert.ok(model.includes('<img'));
  await ask(locked.url, { model, messages: [{ role: 'user', content: HOSTILE.repeat(8) }], max_tokens: 2 }, undefined, admin);
  const page = await open(browser, locked.url, { storage: { 'kvasir.key': 'admin-secret-key' } });
  // Conversations that were kept, with hostile texts wherever one can be.
  await page.addInitScript((text) => localStorage.setItem('kvasir.conversations', JSON.stringify([{ id: 'x', at: 1, title: text, settings: { logprobs: false, system: text }, turns: [
    { role: 'user', content: text },
    { role: 'assistant', content: text + '\n\n<style>*{display:none}</style>\n\n![x](http://evil.example/x.png) <a href="javascript:alert(5)">y</a>\n\n```\n</code></pre><script>alert(6)</script>\n```', thought: text, finish: text, calls: [{ id: text, type: 'function', function: { name: text, arguments: text } }] },
    { role: 'tool', name: text, callId: text, content: text },
    { role: 'assistant', content: '', error: text, tokens: [[text, -1, [[text, -2]]]] },
  ] }])), HOSTILE);
  for (const hash of ['playground', 'overview', 'requests', 'pool', 'settings', 'nodes']) {
    await go(page, locked.url, hash);
    await page.waitForTimeout(hash === 'pool' ? 1500 : 250);
    assert.equal(await page.locator('main img, main script, main iframe, main style, [onerror], [onload]').count(), 0, hash);
    assert.equal(await page.locator('a[href^="javascript:"]').count(), 0, hash);
  }
  await go(page, locked.url, 'playground');
  assert.ok((await page.locator('.turn').first().innerText()).includes('<script>alert(2)</script>'));
  await page.check('.check input');
  await page.getByRole('button', { name: 'Code' }).click();
  for (const language of ['curl', 'Java', 'Python', 'JavaScript']) await page.getByRole('button', { name: language, exact: true }).click();
  await page.getByRole('button', { name: 'Close' }).click();
  const bad = encodeURIComponent('<img src=x onerror=alert(7)>');
  page.faults.length = 0;
  await page.evaluate((h) => { location.hash = h; }, '#/requests/' + bad);
  await page.waitForFunction(() => /not among the last/.test(document.querySelector('main').textContent));
  assert.equal(await page.locator('main img').count(), 0);
  page.faults.splice(0, page.faults.length, ...page.faults.filter((f) => !f.startsWith('404 /v1/kvasir/requests/') && !f.includes('Failed to load resource')));
  await page.done();
});

test('every page fits a telephone and both themes', { skip }, async () => {
  for (const theme of ['dark', 'light']) {
    for (const width of [360, 1440]) {
      const page = await open(browser, single.url, { theme, width });
      for (const hash of ['overview', 'pool', 'requests', 'nodes', 'playground', 'settings']) {
        await go(page, single.url, hash);
        await page.waitForFunction(() => document.querySelector('main .panel'));
        await page.waitForTimeout(hash === 'pool' ? 900 : 150);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        assert.ok(overflow <= 0, `${hash} is ${overflow} px too wide at ${width}`);
        await shot(page, `${hash}-${width}-${theme}`);
        if ((theme === 'dark') === (width === 360)) await accessible(page, `${hash} ${width} ${theme}`);
      }
      await page.done();
    }
  }
});

test('a page goes on where it was after the feed was cut, and can be used by keyboard', { skip }, async () => {
  const page = await open(browser, single.url);
  await go(page, single.url, 'overview');
  await page.waitForFunction(() => globalThis.kvasir.state.document.second > 3);
  let cut = 0;
  await page.route('**/v1/kvasir/feed', (route) => (cut++ === 0 ? route.abort() : route.continue()));
  const asked = page.waitForRequest((r) => r.url().endsWith('/v1/kvasir/feed') && r.headers()['last-event-id']);
  await page.evaluate(() => globalThis.kvasir.drop());
  assert.match((await asked).headers()['last-event-id'], /-\d+$/);
  await page.waitForFunction(() => globalThis.kvasir.state.link === 'live');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.className), 'skip');
  for (let i = 0; i < 3; i++) await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.title.startsWith('Pool'));
  page.faults.splice(0, page.faults.length, ...page.faults.filter((f) => !f.includes('Failed to load resource')));
  await page.done();
});

test('an hour of feed, at many times its rate, leaves the page as small as it was', { skip }, async () => {
  // What a server says under load, recorded, and told to the page again and again until an hour is over.
  const load = Promise.all([...Array(8).keys()].map((i) => ask(single.url, { model: 'kvasir-mini', messages: story('hour ' + i), max_tokens: 24 })));
  const events = await record(single.url, 8);
  await load;
  const page = await open(browser, single.url);
  await go(page, single.url, 'overview');
  const heap = () => page.evaluate(() => {
    globalThis.gc();
    return performance.memory.usedJSHeapSize;
  });
  const tell = (from, to) => page.evaluate(async ([list, begin, end]) => {
    for (let second = begin; second < end; second++) {
      const event = list[second % list.length];
      globalThis.kvasir.take({ ...event, event: 'patch', data: JSON.stringify({ ...event.data, second }) });
      if (second % 8 === 0) await new Promise(requestAnimationFrame);
    }
  }, [events, from, to]);
  await tell(0, 60);
  const before = await heap();
  await tell(60, 3660);
  const grown = (await heap()) - before;
  console.log(`# an hour of feed, accelerated: the heap has grown by ${(grown / 2 ** 20).toFixed(1)} MiB from ${(before / 2 ** 20).toFixed(1)} MiB`);
  assert.ok(grown < 20 * 2 ** 20, `${grown} bytes`);
  await page.done();
});

test('the pictures of the README', { skip }, async () => {
  // PICTURE_SECONDS of load make them worth looking at; none are needed to see that they can be taken.
  const until = Date.now() + 1000 * Number(process.env.PICTURE_SECONDS || 0);
  let last;
  await Promise.all([0, 1, 2].map(async (k) => {
    for (let i = 0; i === 0 || Date.now() < until; i++) last = await ask(single.url, { model: 'kvasir-mini', messages: story(`picture ${(i * 3 + k) % 9}`), max_tokens: 12 + ((i * 7) % 40) });
  }));
  const page = await open(browser, single.url);
  await page.setViewportSize({ width: 1060, height: 690 });
  await go(page, single.url, 'overview');
  await page.waitForTimeout(300);
  await shot(page, 'readme-overview');
  await go(page, single.url, 'requests/' + last.id + '-0');
  await page.waitForSelector('.stage');
  await shot(page, 'readme-request');
  await page.done();
});

test('screenshots were taken', { skip }, () => {
  assert.ok(statSync(`${process.env.SCREENSHOTS || 'screenshots'}/overview-1440-dark.png`).size > 10_000);
});
