/**
 * The page in a real browser: every feature once by mouse and once by keyboard, on a phone and on a desk, dark and light.
 * `UI_SCREENSHOTS=FOLDER` keeps a picture of each step.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import type { ProcessRow } from '../../src/ui/api.js';
import type { Services } from '../../src/ui/server/routes.js';
import { call, hex, keep, newFolder, RUN } from '../store/kept.js';
import { findChromium, openBrowser, type Watched, watch } from '../support/browser.js';
import { cleanEnvironment, LAUNCH, ROOT, run } from '../support/launcher.js';
import { startProvider } from '../support/provider.js';
import { listen } from '../support/servers.js';
import { CALLS, keepConversations } from '../ui/conversations.js';

jest.setTimeout(120_000);

const chromium = findChromium();
if (chromium === undefined) process.stdout.write('the page is not tried in a browser: there is no chromium in PATH\n');
const inBrowser = chromium === undefined ? describe.skip : describe;

const { serveUi } = await import(path.join(ROOT, 'dist/ui/server/server.js'));
const { openReader } = await import(path.join(ROOT, 'dist/store/reader.js'));

let browser: Browser;
beforeAll(async () => {
  if (chromium !== undefined) browser = await openBrowser(chromium);
});
afterAll(async () => browser?.close());

const started: number[] = [];

function services(): Services {
  const row = (more: Partial<ProcessRow> & { pid: number }): ProcessRow => ({
    name: 'python3',
    command: 'python3 server.py --port 8000',
    runtime: 'python 3.11.7',
    evidence: 'connected to openai',
    way: 'attach now',
    mayStart: false,
    ...more,
  });
  return {
    processes: async () => ({
      unreadable: 2,
      processes: [
        row({
          pid: 4242,
          observe: 'openlit-instrument attach --pid 4242',
          mayStart: true,
          ...(started.length > 0 && {
            observation: { pid: 4242, state: 'attached', text: 'attached to python3 (4242)' },
          }),
        }),
        row({
          pid: 77,
          name: 'node',
          command: 'node worker.js',
          way: 'at its next start',
          observe: 'openlit-instrument node worker.js',
        }),
        row({ pid: 78, name: 'claude', command: 'claude', way: 'no', note: 'its TLS code is not known' }),
      ],
    }),
    observe: async pid => {
      started.push(pid);
      return { pid, state: 'attached', text: 'attached' };
    },
  };
}

interface Opened {
  readonly folder: string;
  readonly url: string;
  close(): Promise<void>;
}

async function open(fill: (folder: string) => void = keepConversations): Promise<Opened> {
  const folder = newFolder();
  fill(folder);
  const ui = await serveUi({
    port: 0,
    page: path.join(ROOT, 'dist/ui/page'),
    version: '0.0.0',
    services: services(),
    reader: openReader({ folder }),
  });
  return { folder, url: ui.url, close: ui.close };
}

const LOOKS = [
  { width: 1440, scheme: 'light' },
  { width: 1440, scheme: 'dark' },
  { width: 390, scheme: 'light' },
  { width: 390, scheme: 'dark' },
] as const;

const rows = (page: Page) => page.locator('.whole .row');
const countOfCalls = (page: Page, calls: number) =>
  page
    .locator('.sums dd')
    .first()
    .filter({ hasText: new RegExp(`^${calls}$`) })
    .waitFor();
const clipboard = (page: Page): Promise<string> => page.evaluate('navigator.clipboard.readText()');
const title = (page: Page) => page.locator('.call h1');

async function shows({ page, picture, faults }: Watched, name: string): Promise<void> {
  await picture(name);
  expect({ name, faults: await faults() }).toEqual({ name, faults: [] });
  // Nothing is wider than the screen.
  expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
}

inBrowser.each(LOOKS)('$width px, $scheme', look => {
  let opened: Opened;
  let watched: Watched;
  let page: Page;
  const phone = look.width < 600;

  beforeAll(async () => {
    opened = await open();
  });
  afterAll(async () => opened?.close());

  async function start(): Promise<void> {
    watched = await watch(browser, look);
    page = watched.page;
    await page.goto(opened.url);
    await countOfCalls(page, CALLS);
  }

  async function end(): Promise<void> {
    expect(watched.complaints).toEqual([]);
    const own = new URL(opened.url).origin;
    expect(watched.requests.filter(url => !url.startsWith(own) && !url.startsWith('data:'))).toEqual([]);
    expect(await page.evaluate('window.hacked')).toBe(undefined);
    await watched.close();
  }

  test('the list, by mouse: sort, filter, errors, run, search', async () => {
    await start();
    expect(page.url()).not.toContain('token');
    await shows(watched, 'list');
    await page.getByRole('button', { name: 'Cost', exact: true }).click();
    await page.locator('#row-0 .cost').filter({ hasText: '$0.0063' }).waitFor();
    await page.getByRole('button', { name: /^Time/ }).click();
    await page
      .locator('#row-0 .time')
      .filter({ hasText: '03:05:13' })
      .waitFor({ timeout: 5000 })
      .catch(() => {}); // another zone
    await rows(page).locator('.model').getByText('llama3.2').click();
    await countOfCalls(page, 1);
    await shows(watched, 'filtered');
    await page.getByRole('button', { name: /model llama3.2/ }).click();
    await countOfCalls(page, CALLS);
    await page.getByRole('button', { name: 'Errors only' }).click();
    await countOfCalls(page, 2);
    await page.getByRole('button', { name: 'Errors only' }).click();
    await page.getByLabel('Run').selectOption({ index: 1 });
    await countOfCalls(page, 6);
    await page.getByLabel('Run').selectOption({ index: 0 });
    await page.getByLabel('Search messages, models, errors').fill('lavinia');
    await countOfCalls(page, 4);
    await page.getByLabel('Search messages, models, errors').fill('no such words');
    await page.getByText('No call matches').waitFor();
    await shows(watched, 'no-match');
    await page.getByRole('button', { name: 'Show all calls' }).click();
    await countOfCalls(page, CALLS);
    await page.getByRole('button', { name: 'Next error' }).click();
    await page.locator('.call .mark').getByText('timeout').waitFor();
    await end();
  });

  test('a call, by mouse: chat, raw, tools, details, changes, JSON, copies', async () => {
    await start();
    await rows(page).locator('.cost').getByText('$0.0042').first().click();
    await title(page).filter({ hasText: 'gpt-4o-mini' }).waitFor();
    await page.locator('.markdown pre code').waitFor();
    await page.locator('.arguments').getByText('Le Guin').waitFor();
    await page.locator('.tools > summary').click();
    await page.locator('.tool > summary').click();
    await page.getByText('"limit": {').waitFor();
    await shows(watched, 'chat');
    await page.getByRole('button', { name: 'Raw text' }).click();
    await page.locator('.plain').getByText('book = shop.find("Lavinia")').waitFor();
    await page.getByRole('button', { name: 'Raw text' }).click();
    await page.getByRole('button', { name: 'Copy JSON' }).click();
    await page.getByText('Copied: the call as JSON').waitFor();
    expect(JSON.parse(await clipboard(page))).toHaveProperty('trace_id');
    await page.getByRole('button', { name: 'Copy curl' }).click();
    await page.getByText('Copied: a curl command').waitFor();
    expect(await clipboard(page)).toContain('$OPENAI_API_KEY');
    await page.getByRole('tab', { name: 'Details' }).click();
    await page.getByRole('rowheader', { name: 'gen_ai.request.temperature' }).waitFor();
    await shows(watched, 'details');
    await page.getByRole('tab', { name: 'Changes' }).click();
    await page.getByText('230 tokens more').waitFor();
    await shows(watched, 'changes');
    await page.getByRole('button', { name: 'Show unchanged' }).click();
    await page.locator('.diff .same').first().waitFor();
    await page.getByRole('button', { name: /the call of/ }).click();
    await page.getByText('This is the first call of its session.').waitFor();
    await page.getByRole('tab', { name: 'JSON' }).click();
    await page.locator('.json').getByText('"trace_id"').waitFor();
    await shows(watched, 'json');
    await page.getByRole('button', { name: 'Next call' }).click();
    await page.getByRole('button', { name: 'Previous call' }).click();
    await page.getByRole('button', { name: 'Close' }).click();
    await page.locator('.call').waitFor({ state: 'detached' });
    await end();
  });

  test('a trace, pictures, reasoning, a call without messages, a script in a prompt', async () => {
    await start();
    const base = opened.url.split('#')[0];
    await page.goto(`${base}#/calls?call=${hex(501)}`);
    await page.locator('.message img[src^="data:image/png"]').waitFor();
    await page.getByText('picture, not shown: https://tracker.example').waitFor();
    await page.getByRole('tab', { name: /Trace/ }).click();
    await page.locator('.step.agent').waitFor();
    expect(await page.locator('.step').count()).toBe(4);
    await shows(watched, 'trace');
    await page.getByRole('button', { name: 'Calls only' }).click();
    expect(await page.locator('.step').count()).toBe(2);
    await page.getByRole('button', { name: 'Calls only' }).click();
    await page.getByLabel('Search this trace').fill('tool');
    await page.getByText(/^\d of 4 steps/).waitFor();
    await page.locator('.step.agent.around').waitFor();
    await shows(watched, 'trace-search');
    await page.getByLabel('Search this trace').fill('nothing of this kind');
    await page.getByText('0 of 4 steps').waitFor();
    await page.getByLabel('Search this trace').fill('');
    await page.locator('.step.agent').click();
    await title(page).filter({ hasText: 'invoke_agent planner' }).waitFor();
    await page.goto(`${base}#/calls?call=${hex(503)}`);
    await page.locator('.reasoning summary').click();
    await page.getByText('I should ask the tool.').waitFor();
    await page.goto(`${base}#/calls?call=${hex(600)}`);
    await page.getByText('Rate limit reached').waitFor();
    await page.getByText('--capture-content').waitFor();
    await shows(watched, 'failed');
    await page.goto(`${base}#/calls?call=${hex(601)}`);
    await page.getByText('window.hacked=1').first().waitFor();
    expect(await page.locator('.message a[href^="javascript"], .message script, .message img').count()).toBe(0);
    await shows(watched, 'script');
    await end();
  });

  test('sessions and processes, by mouse', async () => {
    await start();
    await page.getByRole('link', { name: 'Sessions' }).click();
    await page.getByText('2 sessions').waitFor();
    await shows(watched, 'sessions');
    await page.getByLabel('Find a session').fill('shop-2');
    await page.getByText('1 session', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'shop-2' }).click();
    await page.getByRole('img', { name: /Cost so far: from \$0.0021 to \$0.013, 3 calls/ }).waitFor();
    await page.getByRole('img', { name: /Context/ }).hover();
    await page
      .getByText(/call \d · /)
      .first()
      .waitFor();
    await shows(watched, 'session');
    await page.getByRole('button', { name: 'Show its calls' }).click();
    await countOfCalls(page, 3);
    await page.getByRole('link', { name: 'Processes' }).click();
    await page.getByText('3 processes').waitFor();
    await shows(watched, 'processes');
    await page.getByRole('button', { name: 'Look again' }).click();
    started.length = 0;
    await page.getByRole('button', { name: 'Observe …' }).click();
    await page.getByRole('dialog').getByText('openlit-instrument attach --pid 4242').waitFor();
    await shows(watched, 'observe');
    await page.getByRole('button', { name: 'Cancel' }).click();
    expect(started).toEqual([]);
    await page.getByRole('button', { name: 'Observe …' }).click();
    await page.getByRole('button', { name: 'Observe', exact: true }).click();
    await page.getByText('attached to python3 (4242)').waitFor();
    expect(started).toEqual([4242]);
    started.length = 0;
    await end();
  });

  test('all of it by keyboard', async () => {
    await start();
    const press = (keys: string) => page.keyboard.press(keys);
    await press('j');
    await press('j');
    await page.locator('#row-1.current').waitFor();
    await press('k');
    await page.locator('#row-0.current').waitFor();
    await press('Enter');
    await title(page).waitFor();
    const panels = ['conversation', 'details', 'trace', 'changes', 'json'];
    for (const [index, name] of panels.entries()) {
      await press(String(index + 1));
      await page.locator(`.panel.${name}`).waitFor();
    }
    await press('1');
    await press('m');
    await page.locator('[aria-pressed=true]').getByText('Raw text').waitFor();
    await press('m');
    await press('c');
    await page.getByText('Copied: the call as JSON').waitFor();
    await press('e');
    await page.locator('.call .mark').getByText('timeout').waitFor();
    await press('e');
    await page.locator('.call .mark').getByText('rate_limit_exceeded').waitFor();
    await press('e');
    await page.getByText('No error further down').waitFor();
    await press('E');
    await page.locator('.call .mark').getByText('timeout').waitFor();
    await press('j');
    await title(page).filter({ hasText: 'llama3.2' }).waitFor();
    await press('Escape');
    await page.locator('.call').waitFor({ state: 'detached' });
    await press('g');
    await page.locator('#row-0.current').waitFor();
    await press('/');
    await page.keyboard.type('lavinia');
    await press('Enter');
    await countOfCalls(page, 4);
    await press('Escape');
    await press('Escape');
    await countOfCalls(page, CALLS);
    await press('?');
    await page.getByRole('dialog').waitFor();
    await shows(watched, 'help');
    await press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await press('p');
    await page.getByRole('button', { name: 'Paused' }).waitFor();
    await press('p');
    await press('t');
    await page.locator('html[data-theme=light]').waitFor();
    await press('t');
    await page.locator('html[data-theme=dark]').waitFor();
    await press('t');
    await page.locator('html:not([data-theme])').waitFor();
    // By Tab alone: to a view, into it, and what has the focus is seen.
    await press('Tab');
    await page.getByRole('link', { name: 'Sessions' }).focus();
    await press('Enter');
    await page.getByRole('button', { name: 'shop-1' }).focus();
    expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).not.toBe('none');
    await press('Enter');
    await page.getByRole('heading', { name: 'shop-1' }).waitFor();
    await press('Escape');
    await page.getByText('2 sessions').waitFor();
    await end();
  });

  test('live: calls come by themselves, pause holds them back, who scrolls is left alone', async () => {
    const own = await open(folder =>
      keep(
        folder,
        Array.from({ length: 300 }, (_, index) => call({ id: index + 1, at: index })),
      ),
    );
    watched = await watch(browser, look);
    page = watched.page;
    await page.goto(own.url);
    await countOfCalls(page, 300);
    keep(own.folder, [call({ id: 1001, at: 1000 })]);
    await countOfCalls(page, 301);
    await page.getByRole('button', { name: 'Live' }).click();
    keep(own.folder, [call({ id: 1002, at: 1100 }), call({ id: 1003, at: 1200 })]);
    await page.getByRole('button', { name: 'Paused · 2 new' }).waitFor();
    await countOfCalls(page, 301);
    await page.getByRole('button', { name: /Paused/ }).click();
    await countOfCalls(page, 303);
    await page.locator('.table').evaluate(element => element.scrollTo(0, 3000));
    await page.locator(`#row-${phone ? 55 : 95}`).waitFor();
    keep(own.folder, [call({ id: 1004, at: 1300 })]);
    await page.getByRole('button', { name: '↑ 1 new' }).waitFor();
    await countOfCalls(page, 303);
    await shows(watched, 'scrolled');
    await page.getByRole('button', { name: '↑ 1 new' }).click();
    await countOfCalls(page, 304);
    expect(watched.complaints).toEqual([]);
    await watched.close();
    await own.close();
  });

  test('nothing kept yet: what to type; then the first call is there', async () => {
    const own = await open(() => {});
    watched = await watch(browser, look);
    page = watched.page;
    await page.goto(own.url);
    await page.getByText('No calls yet').waitFor();
    await page.getByText('openlit-instrument python app.py').waitFor();
    await shows(watched, 'empty');
    keep(own.folder, [call({ id: 1 })]);
    await countOfCalls(page, 1);
    expect(watched.complaints).toEqual([]);
    await watched.close();
    await own.close();
  });
});

inBrowser('who may look', () => {
  test('without the token the page says what to do, and a new one lets in', async () => {
    const opened = await open();
    const watched = await watch(browser, { width: 1440, scheme: 'light' });
    await watched.page.goto(opened.url.split('#')[0]!);
    await watched.page.getByText('This page is locked').waitFor();
    await watched.picture('locked');
    expect(await watched.page.content()).not.toContain('gpt-4o');
    await watched.page.goto('about:blank');
    await watched.page.goto(opened.url);
    await countOfCalls(watched.page, CALLS);
    await watched.page.reload();
    await countOfCalls(watched.page, CALLS);
    await watched.close();
    await opened.close();
  });

  test('another site cannot read, post or frame it, though the browser is signed in', async () => {
    const opened = await open();
    const own = new URL(opened.url).origin;
    const evil = createServer((_, response) => response.setHeader('content-type', 'text/html').end('<p>evil</p>'));
    const { port, close } = await listen(evil);
    const watched = await watch(browser, { width: 1440, scheme: 'light' });
    await watched.page.goto(opened.url);
    await countOfCalls(watched.page, CALLS);
    await watched.page.goto(`http://localhost:${port}/`);
    const tried = (await watched.page.evaluate(`(async () => {
      const result = {};
      const said = await fetch('${own}/api/calls', { credentials: 'include' }).then(r => r.text(), () => 'refused');
      result.read = said;
      result.post = await fetch('${own}/api/observe', { method: 'POST', credentials: 'include', headers: { 'content-type': 'application/json' }, body: '{"pid":1}' }).then(r => r.status, () => 'refused');
      result.simple = await fetch('${own}/api/observe', { method: 'POST', mode: 'no-cors', credentials: 'include', body: '{"pid":1}' }).then(r => r.type, () => 'refused');
      result.script = await new Promise(done => { const s = document.createElement('script'); s.src = '${own}/api/calls'; s.onload = () => done('loaded'); s.onerror = () => done('refused'); document.head.append(s); });
      const frame = document.createElement('iframe'); frame.src = '${own}/'; document.body.append(frame);
      await new Promise(done => { frame.onload = done; });
      try { result.frame = String(frame.contentWindow.document); } catch { result.frame = 'refused'; }
      return result;
    })()`)) as Record<string, unknown>;
    expect(tried).toMatchObject({ read: 'refused', post: 'refused', script: 'refused', frame: 'refused' });
    expect(started).toEqual([]);
    await watched.close();
    await close();
    await opened.close();
  });
});

describe('the command', () => {
  const cache = path.dirname(newFolder());
  const env = (extra: NodeJS.ProcessEnv = {}) => cleanEnvironment({ OPENLIT_INSTRUMENT_CACHE_DIR: cache, ...extra });

  test('ui --json prints one line, serves, and ends with Ctrl-C', async () => {
    keep(path.join(cache, 'runs'), [call({ id: 1 })], RUN);
    const child = spawn(LAUNCH[0]!, [LAUNCH[1]!, 'ui', '--json'], { env: env(), stdio: ['ignore', 'pipe', 'pipe'] });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const { url, port } = JSON.parse(String(line)) as { url: string; port: number };
    expect(url).toMatch(new RegExp(`^http://127\\.0\\.0\\.1:${port}/#token=[\\w-]{32}$`));
    expect(await (await fetch(url)).text()).toContain('<div id="page">');
    expect((await fetch(`http://127.0.0.1:${port}/api/calls`)).status).toBe(401);
    const taken = await run([...LAUNCH, 'ui', '--port', String(port), '--no-open'], { env: env() });
    expect([taken.status, taken.stdout]).toEqual([1, '']);
    expect(taken.stderr).toContain(`port ${port} cannot be used: another program listens there`);
    child.kill('SIGINT');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  test('ui is reachable from this machine alone', async () => {
    const child = spawn(LAUNCH[0]!, [LAUNCH[1]!, 'ui', '--json'], { env: env(), stdio: ['ignore', 'pipe', 'ignore'] });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const { port } = JSON.parse(String(line)) as { port: number };
    const { networkInterfaces } = await import('node:os');
    const outside = Object.values(networkInterfaces())
      .flat()
      .filter(each => each?.family === 'IPv4' && !each.internal);
    for (const { address } of outside as { address: string }[])
      await expect(fetch(`http://${address}:${port}/`)).rejects.toThrow();
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  test('run --ui serves the calls of a program while it runs, and ends with it in a pipe', async () => {
    const provider = await startProvider();
    const program = `
      const body = JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'Hi' }] });
      const ask = () => fetch(process.env.BASE + '/openai/v1/chat/completions', { method: 'POST', headers: { 'content-type': 'application/json', authorization: 'Bearer sk-x' }, body }).then(r => r.text());
      await ask();
      await new Promise(done => process.stdin.once('data', done));
      process.exit(7);`;
    const words = [LAUNCH[1]!, '--ui', 'node', '--input-type=module', '-e', program];
    const child = spawn(LAUNCH[0]!, words, { env: env({ BASE: provider.url }), stdio: ['pipe', 'ignore', 'pipe'] });
    const address = await addressIn(child.stderr);
    const cookie = await cookieOf(address);
    const total = async () => {
      const reply = await fetch(new URL('/api/calls?process=node', address), { headers: { cookie } });
      return ((await reply.json()) as { total: number }).total;
    };
    while ((await total()) === 0) await new Promise(resolve => setTimeout(resolve, 50));
    child.stderr.resume();
    child.stdin.end('done');
    expect(await once(child, 'exit')).toEqual([7, null]);
    await expect(fetch(address)).rejects.toThrow();
    await provider.close();
  });
});

/** The address that was printed. */
async function addressIn(stream: Readable): Promise<string> {
  let text = '';
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
    text += String(chunk);
    const [address] = /http:\/\/127\.0\.0\.1:\d+\/#token=[\w-]+(?=\n)/.exec(text) ?? [];
    if (address !== undefined) return address;
  }
  throw new Error(`no address in: ${text}`);
}

async function cookieOf(address: string): Promise<string> {
  const [, token] = address.split('#token=');
  const reply = await fetch(new URL('/api/session-token', address), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token }),
  });
  return reply.headers.getSetCookie()[0]!.split(';')[0]!;
}
