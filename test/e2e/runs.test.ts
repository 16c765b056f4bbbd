/** Earlier runs of real programs: what is kept, what is listed, what it may cost. */
import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { PROGRAMS } from '../attach/attached.js';
import { attachBench, goAndEnd, real } from '../support/attach-bench.js';
import { type ChatServer, startChatServer } from '../support/chat-server.js';
import { type KeptRuns, keptRuns } from '../support/kept-runs.js';
import { LAUNCH, ROOT, run } from '../support/launcher.js';
import { startOtlpReceiver } from '../support/otlp-receiver.js';
import { listen } from '../support/servers.js';
import { noTerminal, onTerminal, plainLines } from '../support/terminal.js';

// Real programs on a machine that may be busy.
jest.setTimeout(120_000);

let kept: KeptRuns;
beforeAll(async () => {
  kept = await keptRuns();
});
afterAll(() => kept?.close());

describe('the list', () => {
  test('without a run it says how to get one', async () => {
    const { stdout, stderr, status } = await kept.ours('runs');
    expect([stdout, status]).toEqual(['', 1]);
    expect(stderr).toMatch(
      /^openlit-instrument: no calls are kept yet: .*\n {2}try: openlit-instrument python app\.py\n$/,
    );
    expect(await kept.ours('runs', '--json')).toMatchObject({ stdout: '[]\n', status: 0 });
  });

  test('a run: its program, calls, errors, tokens', async () => {
    await kept.example();
    await kept.example('--capture-content');
    const { stdout, stderr, status } = await kept.ours('runs');
    expect([stderr, status]).toEqual(['', 0]);
    const [head, ...rows] = stdout.trimEnd().split('\n');
    expect(head).toMatch(/^RUN +PROGRAM +WHEN +TOOK +CALLS +ERR +IN→OUT +COST +MODELS$/);
    expect(rows).toHaveLength(2);
    for (const row of rows)
      expect(row).toMatch(
        /^r[0-9a-z]{5} +node +\d\d:\d\d:\d\d +[\d.]+s +5 +1 +183→47 +\$0\.\d+ +gpt-4o-mini, gpt-nope$/,
      );
    const runs = JSON.parse((await kept.ours('runs', '--json')).stdout);
    expect(runs).toHaveLength(2);
    expect(runs[0]).toMatchObject({
      id: rows[0]!.slice(0, 6),
      program: 'node',
      way: 'run',
      calls: 5,
      errors: 1,
      input_tokens: 183,
      output_tokens: 47,
      processes: ['node'],
      broken_lines: 0,
    });
    expect(Date.parse(runs[0].started)).toBeGreaterThanOrEqual(Date.parse(runs[1].started));
    expect((await kept.ours('runs', '-n', '1')).stdout).toMatch(/^RUN.*\nr.*\n1 older: --limit 2\n$/);
  });

  test('what is kept belongs to its owner alone', () => {
    const folder = path.join(kept.cache, 'runs');
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    for (const name of kept.files()) expect(statSync(path.join(folder, name)).mode & 0o777).toBe(0o600);
  });

  const onTerminals = noTerminal ? test.skip : test;
  onTerminals.each([40, 62, 80, 100, 200])('no line is wider than a terminal of %i columns', async columns => {
    const { output } = await onTerminal(columns, [...LAUNCH, 'runs'], { env: kept.env() });
    const lines = plainLines(output.trimEnd());
    expect(lines).toHaveLength(3);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(columns);
    expect(lines[1]).toMatch(/\$0\.\d+/);
  });
});

describe('what is not kept', () => {
  const count = () => kept.files().length;
  test('--no-keep, the variable, the file', async () => {
    const before = count();
    const { stderr } = await kept.example('--no-keep');
    expect(stderr).toContain('5 calls');
    await run([...LAUNCH, 'node', path.join(ROOT, 'examples/node/app.mjs')], {
      env: kept.env({ OPENLIT_NO_KEEP: '1' }),
    });
    const folder = path.join(kept.folder, 'project');
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, 'openlit.yml'), 'store:\n  keep: false\n');
    await run([...LAUNCH, 'node', path.join(ROOT, 'examples/node/app.mjs')], { env: kept.env(), cwd: folder });
    expect(count()).toBe(before);
  });

  test('older runs than may be kept', async () => {
    await kept.example('--store-max-runs', '1');
    expect(count()).toBe(1);
    expect(JSON.parse((await kept.ours('runs', '--json')).stdout)).toHaveLength(1);
  });
});

describe('--fail-over', () => {
  let address: string;
  let close: () => Promise<void>;
  beforeAll(async () => {
    const server = await listen(
      createServer(async (request, response) => {
        const { model } = JSON.parse((await buffer(request)).toString());
        const usage = { prompt_tokens: 1000, completion_tokens: 10, total_tokens: 1010 };
        const choices = [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }];
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion', model, choices, usage }));
      }),
    );
    address = `http://127.0.0.1:${server.port}/v1/chat/completions`;
    close = server.close;
  });
  afterAll(() => close());

  /** A program that asks this model. */
  const ask = (model: string) =>
    `fetch('${address}', { method: 'POST', headers: { 'content-type': 'application/json' },
       body: JSON.stringify({ model: '${model}', messages: [{ role: 'user', content: 'Hi' }] }) }).then(answer => answer.text())`;
  const pricing = path.join(ROOT, 'examples/pricing.json');
  const launch = (limit: string, ...more: string[]) =>
    kept.example('--pricing-file', pricing, `--fail-over=${limit}`, ...more);

  test('calls that cost more: status 4, and why', async () => {
    const { stdout, stderr, status } = await launch('$0.00005', '--quiet');
    expect(status).toBe(4);
    expect(stdout).toContain('Titan.');
    expect(stderr).toContain('openlit-instrument: the calls cost $0.000056, more than --fail-over $0.000050\n');
  });

  test('calls that cost no more: the status of the program', async () => {
    expect(await launch('0.10')).toMatchObject({ status: 0 });
  });

  test('a price that nobody knows is said', async () => {
    const { stderr, status } = await kept.ours('--quiet', '--fail-over', '0.10', 'node', '-e', ask('model-of-my-own'));
    expect(stderr).toBe('openlit-instrument: --fail-over: 1 call has no known price and is not counted\n');
    expect(status).toBe(0);
  });

  test('the failure of the program is worth more than its cost', async () => {
    const program = `${ask('gpt-4o-mini')}.then(() => process.exit(7))`;
    expect(await kept.ours('--fail-over', '0', '--quiet', 'node', '-e', program)).toMatchObject({
      status: 7,
      stderr: expect.stringContaining('more than --fail-over $0'),
    });
  });

  test('an endpoint gets the calls all the same', async () => {
    const receiver = await startOtlpReceiver();
    try {
      const { status } = await launch('0.00005', '--quiet', '--endpoint', receiver.url);
      expect(status).toBe(4);
      expect(receiver.spans).toHaveLength(5);
    } finally {
      await receiver.close();
    }
  });

  test('what is no amount is refused before anything starts', async () => {
    const { stderr, stdout, status } = await kept.ours('--fail-over', 'bash.10', 'echo', 'started');
    expect([stdout, status]).toEqual(['', 2]);
    expect(stderr).toContain('allowed: an amount in US dollars such as 0.10');
  });

  test('where nothing is observed it is said that nothing is checked', async () => {
    const { stderr, status } = await kept.ours('--no-attach', '--fail-over', '1', '/bin/true');
    expect(stderr).toContain('--fail-over is not checked');
    expect(status).toBe(0);
  });
});

describe('attach', () => {
  const bench = attachBench();
  let chat: ChatServer;
  beforeAll(async () => {
    chat = await startChatServer();
  });
  afterAll(() => chat.close());

  real('keeps its calls, unless it is told not to', async () => {
    rmSync(path.join(kept.cache, 'runs'), { recursive: true, force: true });
    const before = process.env['OPENLIT_INSTRUMENT_CACHE_DIR'];
    process.env['OPENLIT_INSTRUMENT_CACHE_DIR'] = kept.cache;
    try {
      for (const more of [['--no-keep'], []]) {
        const words = [path.join(PROGRAMS, 'chat.py'), `${chat.port}`, 'whole', 'stream', 'other'];
        const program = bench.start('python3', words);
        const observer = await bench.observe([program], ['--format', 'json', ...more]);
        await goAndEnd(program);
        expect(await observer.exited).toBe(0);
        expect(kept.files()).toHaveLength(more.length === 0 ? 1 : 0);
      }
    } finally {
      if (before === undefined) delete process.env['OPENLIT_INSTRUMENT_CACHE_DIR'];
      else process.env['OPENLIT_INSTRUMENT_CACHE_DIR'] = before;
    }
    const [seen] = JSON.parse((await kept.ours('runs', '--json')).stdout);
    expect(seen).toMatchObject({ way: 'attach', calls: 2, processes: [expect.stringMatching(/^python/)] });
    expect((await kept.ours('runs')).stdout).toMatch(/^r\w+ +attach: python[\d.]* /m);
  });
});
