/**
 * The local view with real programs and the real `openai` client: what the reader sees, what programs can read, and that
 * the observed program does not notice.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { EXAMPLE, EXAMPLE_WORDS, installExample } from '../support/example.js';
import { cleanEnvironment, LAUNCH, ROOT, run } from '../support/launcher.js';
import { type Provider, startProvider } from '../support/provider.js';
import { noTerminal, onTerminal, settled } from '../support/terminal.js';

// Real programs on a machine that may be busy, and one `npm ci`.
jest.setTimeout(120_000);

let folder: string;
let provider: Provider;

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'local-view-'));
  provider = await startProvider();
  installExample();
});

afterAll(async () => {
  await provider?.close();
  rmSync(folder, { recursive: true, force: true });
});

const env = (extra: NodeJS.ProcessEnv = {}) =>
  cleanEnvironment({
    OPENAI_BASE_URL: `${provider.url}/openai/v1`,
    OPENAI_API_KEY: 'sk-planted-key-0123456789',
    OPENLIT_INSTRUMENT_CACHE_DIR: path.join(folder, 'cache'),
    TZ: 'UTC',
    ...extra,
  });

const APP = EXAMPLE_WORDS;

/** A program of one file in the example's folder, where the client is installed. */
function program(name: string, source: string): string[] {
  const file = path.join(folder, `${name}.cjs`);
  const client = JSON.stringify(path.join(EXAMPLE, 'node_modules/openai'));
  writeFileSync(
    file,
    `const { OpenAI } = require(${client});
     const client = new OpenAI({ maxRetries: 0 });
     const ask = () => client.chat.completions.create({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'Hi' }] });
     ${source}`,
  );
  return ['node', file];
}

describe('in a pipe', () => {
  test('the output is that of a bare run, and the summary tells of every call', async () => {
    const summaryFile = path.join(folder, 'summary.json');
    const bare = await run(APP, { env: env() });
    const seen = await run([...LAUNCH, '--live', '--summary-json', summaryFile, ...APP], { env: env() });
    expect(bare.stdout).toContain('Titan.');
    expect([seen.stdout, seen.status, seen.signal]).toEqual([bare.stdout, bare.status, bare.signal]);

    const lines = seen.stderr.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^▎ time +process +provider +model +total +in→out +cost +first end$/);
    expect(lines.slice(1, 6).map(line => /.* (?:-|[\d.]+s) (\D.*)$/.exec(line)?.[1])).toEqual([
      'stop',
      'stop',
      'tool_calls',
      'stop',
      '✗ model_not_found',
    ]);
    expect(lines[6]).toMatch(/^openlit-instrument: 5 calls · 1 error · 183→47 tokens.* in [\d.]+s$/);

    const summary = JSON.parse(readFileSync(summaryFile, 'utf8'));
    expect(summary).toMatchObject({
      version: 1,
      way: 'run',
      program: 'node',
      run: expect.stringMatching(/^r[0-9a-z]{5}$/),
      calls: 5,
      errors: 1,
      input_tokens: 183,
      output_tokens: 47,
      models: [
        {
          model: 'gpt-4o-mini',
          calls: 4,
          errors: 0,
          input_tokens: 183,
          output_tokens: 47,
          cache_read_input_tokens: 64,
        },
        { model: 'gpt-nope', calls: 1, errors: 1, input_tokens: null, output_tokens: null, duration: null },
      ],
    });
    // The stream's first chunk comes after 90 ms, its last one 17 chunks of 12 ms later.
    const [{ first_chunk, duration }] = summary.models;
    expect(first_chunk.p50).toBeGreaterThanOrEqual(0.089);
    expect(duration.p95).toBeGreaterThan(first_chunk.p50);
  });

  test('without --live there is only the summary', async () => {
    const { stderr } = await run([...LAUNCH, ...APP], { env: env() });
    expect(stderr).toMatch(/^openlit-instrument: 5 calls/);
  });

  test('with --quiet there is nothing, and the summary file all the same', async () => {
    const summaryFile = path.join(folder, 'quiet.json');
    const { stderr } = await run([...LAUNCH, '--quiet', '--summary-json', summaryFile, ...APP], { env: env() });
    expect(stderr).toBe('');
    expect(JSON.parse(readFileSync(summaryFile, 'utf8')).calls).toBe(5);
  });

  test('a program without LLM calls is not commented on', async () => {
    const { stdout, stderr, status } = await run([...LAUNCH, 'node', '-e', 'console.log(1)'], { env: env() });
    expect([stdout, stderr, status]).toEqual(['1\n', '', 0]);
  });

  test('prices of a file are used', async () => {
    const pricing = path.join(ROOT, 'examples/pricing.json');
    const { stderr } = await run([...LAUNCH, '--pricing-file', pricing, ...APP], { env: env() });
    // 183 × 0.00015 / 1000 + 47 × 0.0006 / 1000
    expect(stderr).toMatch(/^openlit-instrument: 5 calls · 1 error · 183→47 tokens · \$0\.000056 in/);
  });

  test('a summary that cannot be written is said, and the exit status is the program’s', async () => {
    const file = path.join(folder, 'missing', 'summary.json');
    const { stderr, status } = await run(
      [...LAUNCH, '--quiet', '--summary-json', file, 'node', '-e', 'process.exit(7)'],
      {
        env: env(),
      },
    );
    expect(stderr).toBe(`openlit-instrument: the summary was not written: ENOENT at ${file}\n`);
    expect(status).toBe(7);
  });
});

describe('endings', () => {
  test.each([
    ['process.exit', 'ask().then(() => process.exit(3))', 3, null],
    ['an uncaught error', 'ask().then(() => { throw new Error("planned"); })', 1, null],
    ['its own SIGTERM', 'ask().then(() => process.kill(process.pid, "SIGTERM"))', null, 'SIGTERM'],
    ['the natural end', 'ask()', 0, null],
  ] as const)('the call before %s is shown', async (name, source, status, signal) => {
    const words = program(name.replaceAll(/\W/g, '-'), source);
    const bare = await run(words, { env: env() });
    const { stdout, stderr, ...ending } = await run([...LAUNCH, '--live', ...words], { env: env() });
    expect([ending.status, ending.signal]).toEqual([status, signal]);
    expect([bare.status, bare.signal, bare.stdout]).toEqual([status, signal, stdout]);
    // The default action of SIGTERM lets no code of anybody run: what ended just before may be lost.
    if (signal === null) expect(stderr).toMatch(/openlit-instrument: 1 call · 14→3 tokens/);
  });
});

describe('privacy', () => {
  test('neither key nor prompt is in any output or file', async () => {
    const cache = path.join(folder, 'private');
    const words = [
      ...LAUNCH,
      '--live',
      '--summary-json',
      path.join(folder, 'p.json'),
      ...APP,
      '--token=planted-argument',
    ];
    const { stderr } = await run(words, { env: env({ OPENLIT_INSTRUMENT_CACHE_DIR: cache }) });
    const runs = path.join(cache, 'runs');
    const kept = readdirSync(runs).map(name => readFileSync(path.join(runs, name), 'utf8'));
    expect(kept).toHaveLength(1);
    expect(kept[0]!.trim().split('\n')).toHaveLength(6);
    for (const text of [stderr, ...kept, readFileSync(path.join(folder, 'p.json'), 'utf8')]) {
      expect(text).not.toMatch(/planted|Saturn|Titan/);
    }
  });
});

if (noTerminal) process.stderr.write(`skipped: ${noTerminal}\n`);
const watched = noTerminal ? test.skip : test;

describe('on a terminal', () => {
  watched('a program that draws the screen is not drawn over', async () => {
    const words = program(
      'raw',
      `process.stdin.setRawMode(true);
       ask().then(() => setTimeout(() => { process.stdout.write('PICTURE'); process.stdin.setRawMode(false); process.exit(0); }, 600));`,
    );
    const { output, status } = await onTerminal(80, [...LAUNCH, ...words], { env: env({ NO_COLOR: '1' }) });
    expect(status).toBe(0);
    expect(output).toMatch(/^PICTURE/);
    expect(output).toMatch(/gpt-4o-mini[\s\S]*openlit-instrument: .*1 call/);
  });

  watched('a run without calls is told what to type', async () => {
    const { output } = await onTerminal(80, [...LAUNCH, 'node', '-e', '0'], { env: env({ NO_COLOR: '1' }) });
    expect(settled(output)).toMatch(
      /^openlit-instrument: no LLM call was seen in [\d.]+s\n {2}try: openlit-instrument doctor node -e 0\n$/,
    );
  });
});
