/**
 * Lines of ours on the terminal of a program: never glued to what the program has begun to write, told from its lines by a
 * mark, at the prompt of a REPL too; and the lines, the endpoint and the closing line together.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { cleanEnvironment, DEAD_ENDPOINT, LAUNCH, run } from '../support/launcher.js';
import { startOtlpReceiver } from '../support/otlp-receiver.js';
import { type Provider, startProvider } from '../support/provider.js';
import { screenOf } from '../support/screen.js';
import { noTerminal, onTerminal } from '../support/terminal.js';

// Real programs on a machine that may be busy.
jest.setTimeout(60_000);
if (noTerminal) process.stderr.write(`skipped on a terminal: ${noTerminal}\n`);
const onTerminals = noTerminal ? describe.skip : describe;

let folder: string;
let provider: Provider;
beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'lines-'));
  provider = await startProvider();
  writeFileSync(
    path.join(folder, 'ask.py'),
    `import json, os, urllib.request
def ask(model="gpt-4o-mini"):
    body = json.dumps({"model": model, "messages": [{"role": "user", "content": "Hi"}]}).encode()
    request = urllib.request.Request(os.environ["OPENAI_BASE_URL"] + "/chat/completions", body, {"content-type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["model"]
`,
  );
});
afterAll(async () => {
  await provider.close();
  rmSync(folder, { recursive: true, force: true });
});

const env = (extra: NodeJS.ProcessEnv = {}) =>
  cleanEnvironment({
    OPENAI_BASE_URL: `${provider.url}/openai/v1`,
    OPENLIT_INSTRUMENT_CACHE_DIR: path.join(folder, 'cache'),
    PYTHON_BASIC_REPL: '1',
    PYTHONDONTWRITEBYTECODE: '1',
    ...extra,
  });

const python = (source: string) => ['python3', '-c', `import sys\nfrom ask import ask\n${source}`];
const shown = (columns: number, words: readonly string[], steps: Parameters<typeof onTerminal>[2] = {}) =>
  onTerminal(columns, [...LAUNCH, ...words], { env: env({ NO_COLOR: '1' }), cwd: folder, ...steps });

onTerminals('on the terminal of the program', () => {
  test.each([60, 80, 140])('a half-written line stays alone, and no line is empty (%i columns)', async columns => {
    const { output, status } = await shown(
      columns,
      python(
        `print("begin"); sys.stdout.write("You: "); sys.stdout.flush(); ask(); import time; time.sleep(1); print("end")`,
      ),
    );
    expect(status).toBe(0);
    const rows = screenOf(output, columns);
    expect(rows[0]).toBe('begin');
    expect(rows[1]).toBe('You:');
    expect(rows[2]).toMatch(/^▎ .*model /);
    expect(rows[3]).toMatch(/^▎ .*gpt-4o-mini /);
    expect(rows[4]).toBe('end');
    expect(rows[5]).toMatch(/^openlit-instrument: 1 call/);
    expect(rows.slice(0, -1)).not.toContain('');
  });

  test('the prompt of a REPL does not hold a line back until its end', async () => {
    const { output } = await shown(80, ['python3', '-i', '-c', 'from ask import ask'], {
      steps: [
        { see: '>>> ', send: 'ask()\n' },
        { see: '▎ ', send: '' },
        { see: 'stop', send: 'print("after" + "wards")\n' },
        { see: 'afterwards', send: 'exit()\n' },
      ],
    });
    expect(output.indexOf('gpt-4o-mini ')).toBeGreaterThan(0);
    expect(output.indexOf('gpt-4o-mini ')).toBeLessThan(output.indexOf('afterwards'));
  });

  test('with an endpoint one line says how many calls went where', async () => {
    const receiver = await startOtlpReceiver();
    try {
      const { output, status } = await shown(80, ['--endpoint', receiver.url, ...python('ask(); ask()')]);
      expect(status).toBe(0);
      expect(screenOf(output, 80).filter(Boolean)).toEqual([
        `openlit-instrument: 2 LLM calls seen, 2 spans sent to ${receiver.url}`,
      ]);
    } finally {
      await receiver.close();
    }
  });
});

describe('lines and endpoint together', () => {
  test('--live shows what is sent', async () => {
    const receiver = await startOtlpReceiver();
    try {
      const words = [...LAUNCH, '--live', '--endpoint', receiver.url, ...python('print(ask())')];
      const { stdout, stderr, status } = await run(words, { env: env(), cwd: folder });
      expect([stdout.startsWith('gpt-4o-mini'), status]).toEqual([true, 0]);
      const lines = stderr.trimEnd().split('\n');
      expect(lines[0]).toMatch(/^▎ time /);
      expect(lines[1]).toMatch(/^▎ .* gpt-4o-mini .* stop$/);
      expect(lines.at(-1)).toBe(`openlit-instrument: 1 LLM call seen, 1 span sent to ${receiver.url}`);
    } finally {
      await receiver.close();
    }
  });

  test('an endpoint that does not answer is named, and holds the exit for a second at most', async () => {
    const words = [...LAUNCH, '--live', '--endpoint', DEAD_ENDPOINT, ...python('ask()')];
    const { stderr, status } = await run(words, { env: env(), cwd: folder });
    expect(status).toBe(0);
    expect(stderr).toContain(`1 LLM call seen, 0 spans sent to ${DEAD_ENDPOINT}, 1 span not delivered`);
  });

  test('in a pipe without --live nothing is printed', async () => {
    const words = [...LAUNCH, '--endpoint', DEAD_ENDPOINT, ...python('pass')];
    expect(await run(words, { env: env(), cwd: folder })).toMatchObject({ stdout: '', stderr: '', status: 0 });
  });
});
