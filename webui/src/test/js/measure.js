// What open dashboards cost a server: `node measure.js`, with KVASIR set to bin/kvasir. Prints what docs/dashboard.md says.
import { readFileSync } from 'node:fs';
import { ask, executable, launch, record } from './browser.js';
import { serve } from './servers.js';

const TICKS = 100; // of a second, as Linux counts them
const PAGES = 10;
const SECONDS = 30;

function cpu(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

const pause = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));

async function share(pid) {
  const before = cpu(pid);
  await pause(SECONDS);
  return (cpu(pid) - before) / SECONDS;
}

const messages = (n) => [{ role: 'system', content: `You tell story number ${n}. `.repeat(30) }, { role: 'user', content: 'Tell it.' }];

/** First contentful paint and bytes of the first page, in a browser that has never been here; medians of nine. */
async function firstPaint(url) {
  const browser = await launch();
  const paints = [];
  let bytes = 0;
  for (let i = 0; i < 10; i++) {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    const page = await context.newPage();
    await page.goto(url + '/');
    await page.waitForFunction(() => globalThis.kvasir?.state.document.overview);
    const seen = await page.evaluate(() => [
      performance.getEntriesByName('first-contentful-paint')[0].startTime,
      [...performance.getEntriesByType('resource'), ...performance.getEntriesByType('navigation')].reduce((sum, e) => sum + e.transferSize, 0),
    ]);
    if (i > 0) paints.push(seen[0]); // the first one is the browser's own beginning
    bytes = seen[1];
    await context.close();
  }
  await browser.close();
  paints.sort((a, b) => a - b);
  console.log(`first contentful paint: median ${Math.round(paints[4])} ms, most ${Math.round(paints[8])} ms; ${Math.round(bytes / 1024)} KB transferred`);
}

const server = await serve();
try {
  for (let i = 0; i < 60; i++) await ask(server.url, { model: 'kvasir-mini', messages: messages(i), max_tokens: 4 });
  if (executable) await firstPaint(server.url);
  await pause(15); // the compilers are done
  const alone = await share(server.pid);
  const abort = new AbortController();
  for (let i = 0; i < PAGES; i++) {
    fetch(server.url + '/v1/kvasir/feed', { signal: abort.signal }).then(async (r) => {
      for await (const bytes of r.body) bytes.length;
    }).catch(() => {});
  }
  await pause(2);
  const followed = await share(server.pid);
  abort.abort();
  let over = false;
  const load = Promise.all([0, 1, 2, 3].map(async (k) => {
    for (let i = 0; !over; i++) await ask(server.url, { model: 'kvasir-mini', messages: messages(k * 1000 + i), max_tokens: 24 });
  }));
  const patches = await record(server.url, 20);
  over = true;
  await load;
  const sizes = patches.map((p) => p.bytes).sort((a, b) => a - b);
  console.log(`CPU of the server, idle: ${(alone * 100).toFixed(2)} % of a core; with ${PAGES} feeds: ${(followed * 100).toFixed(2)} %; so ${((followed - alone) * 100).toFixed(2)} % more`);
  console.log(`feed under load, bytes a second: median ${sizes[sizes.length >> 1]}, most ${sizes.at(-1)}`);
} finally {
  await server.stop();
}
