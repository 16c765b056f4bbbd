/**
 * The page over many kept calls: first paint, filter, search, scroll, memory. `node bench/ui.mjs [calls] [runs]` (default 100000 in 100);
 * needs a build and a chromium in PATH.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { writeRuns } from './store.mjs';

const [calls = 100_000, runs = 100] = process.argv.slice(2).map(Number);
const cache = mkdtempSync(path.join(os.tmpdir(), 'bench-ui-'));
const line = (name, value) => process.stdout.write(`${name.padEnd(52)} ${String(value).padStart(12)}\n`);
const milliseconds = value => `${value.toFixed(0)} ms`;
const resident = pid => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
const chromiumPath = (process.env.PATH ?? '')
  .split(path.delimiter)
  .map(folder => path.join(folder, 'chromium'))
  .find(file => existsSync(file));
if (chromiumPath === undefined) {
  process.stdout.write('the page is not measured: there is no chromium in PATH\n');
  process.exit(0);
}

writeRuns(path.join(cache, 'runs'), calls, runs);
const started = performance.now();
const server = spawn(
  process.execPath,
  [fileURLToPath(new URL('../bin/run.js', import.meta.url)), 'ui', '--json', '--no-open'],
  { env: { ...process.env, OPENLIT_INSTRUMENT_CACHE_DIR: cache }, stdio: ['ignore', 'pipe', 'inherit'] },
);
const firstPaint = page =>
  page.evaluate('performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? Number.NaN');
const browser = await chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox'] });
try {
  const { url } = JSON.parse(await new Promise(resolve => server.stdout.once('data', data => resolve(String(data)))));
  line('command to address', milliseconds(performance.now() - started));
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  page.setDefaultTimeout(60_000);
  const begin = performance.now();
  await page.goto(url);
  await page.locator('.whole .row .cost').first().waitFor();
  line('page: first contentful paint', milliseconds(await firstPaint(page)));
  line('page: first rows, while files are still read', milliseconds(performance.now() - begin));
  const all = new RegExp(`^${calls.toLocaleString('en-US')}$`);
  const total = () => page.locator('.sums dd').first();
  await total().filter({ hasText: all }).waitFor();
  line('page: every call is in the list', milliseconds(performance.now() - begin));

  const again = performance.now();
  await page.reload();
  await page.locator('.whole .row .cost').first().waitFor();
  line('reload to rows', milliseconds(performance.now() - again));
  line('reload: first contentful paint', milliseconds(await firstPaint(page)));

  /** The page's policy allows no `eval`, which Playwright's own wait would use. */
  async function until(expression) {
    while (!(await page.evaluate(expression))) await new Promise(resolve => setTimeout(resolve, 5));
  }
  async function timed(name, act) {
    const before = (await total().textContent()) ?? '';
    const from = performance.now();
    await act();
    await until(
      `document.querySelector('.sums dd').textContent !== ${JSON.stringify(before)} && document.querySelector('.sums').ariaBusy !== 'true'`,
    );
    line(name, milliseconds(performance.now() - from));
  }
  await timed('click on a model: rows and sums', () => page.locator('.whole .row .model button').first().click());
  await timed('errors only, too', () => page.getByRole('button', { name: 'Errors only' }).click());
  await timed('all again', () => page.getByRole('button', { name: 'Errors only' }).click());
  await page.locator('.chips button').first().click();
  await total().filter({ hasText: all }).waitFor();
  await timed('search in all lines (250 ms of it wait for typing)', () =>
    page.getByLabel('Search messages, models, errors').fill('rate_limit'),
  );
  await page.getByLabel('Search messages, models, errors').fill('');
  await total().filter({ hasText: all }).waitFor();
  const sort = performance.now();
  await page.getByRole('button', { name: 'Cost', exact: true }).click();
  await until(
    "document.querySelector('.sums').ariaBusy !== 'true' && document.querySelector('[aria-sort]').textContent.startsWith('Cost')",
  );
  line('sort by cost', milliseconds(performance.now() - sort));

  // A frame that comes late is seen: the longest and the usual one while the whole list goes by.
  const frames = await page.evaluate(`new Promise(done => {
    const box = document.querySelector('.table');
    const times = []; let last = performance.now(); const begin = last;
    const turn = now => {
      times.push(now - last); last = now;
      box.scrollTop = ((now - begin) / 4000) * (box.scrollHeight - box.clientHeight);
      if (now - begin < 4000) requestAnimationFrame(turn); else done(times.sort((a, b) => a - b));
    };
    requestAnimationFrame(turn);
  })`);
  line('scroll from top to end in 4 s: frames', frames.length);
  line(
    '  half of the frames, 99 of 100',
    [0.5, 0.99].map(share => `${frames[Math.floor(frames.length * share)].toFixed(0)} ms`).join(', '),
  );
  const settled = performance.now();
  await page.locator(`#row-${calls - 1}:not(.absent)`).waitFor();
  line('  rows of the end, after the scroll', milliseconds(performance.now() - settled));
  line('memory of the command', `${resident(server.pid).toFixed(0)} MB`);
  line(
    'memory of the page (JS heap)',
    `${((await page.evaluate('performance.memory.usedJSHeapSize')) / 1e6).toFixed(1)} MB`,
  );
} finally {
  await browser.close();
  server.kill('SIGINT');
  rmSync(cache, { recursive: true, force: true });
}
