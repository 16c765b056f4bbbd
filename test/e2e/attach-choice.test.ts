/** `attach` by port and by picking from what `ps` finds, on a real terminal. `--all` is in `test/attach-newcomers.test.ts`. */
import path from 'node:path';
import { expect } from '@jest/globals';
import { attachedTo, pidOf } from '../attach/attached.js';
import { attachBench, get, real } from '../support/attach-bench.js';
import { cleanEnvironment, LAUNCH, run } from '../support/launcher.js';
import { onlyPlanted } from '../support/only-planted.js';
import { onTerminal, settled } from '../support/terminal.js';

const TERMINAL = path.resolve(import.meta.dirname, '../support/terminal.py');

const bench = attachBench();
/** A client with a key in its environment: that, and its runtime, make it one that can talk to an LLM. */
const client = () =>
  bench.client([get('seen')], { env: cleanEnvironment({ OPENAI_API_KEY: 'sk-planted-0123456789' }) });
const observer = (args: string[]) => bench.startAttach(...args, '--format', 'exchanges');

real('--port takes the process that listens there', async () => {
  const observing = observer(['--port', `${bench.server.port}`]);
  await attachedTo(observing, bench.server.pid);
  expect(await observing.kill('SIGINT')).toBe(0);
});

real('a port that nobody uses is a clear error', async () => {
  const { stderr, status } = await run([...LAUNCH, 'attach', '--port', '1']);
  expect(stderr).toContain('no process listens on port 1 or is connected to it');
  expect(status).toBe(1);
});

real('on a terminal without a selector, processes are offered; Enter cancels', async () => {
  const offered = client();
  const pid = await pidOf(offered);
  const steps = [
    { see: 'Enter to cancel', send: '999999\r' },
    { see: 'Enter numbers', send: '\r' },
  ];
  const { stdout } = await run(['python3', TERMINAL, JSON.stringify(steps), ...LAUNCH, 'attach'], {
    env: cleanEnvironment({ NO_COLOR: '1' }),
  });
  const { output, status } = JSON.parse(stdout) as { output: string; status: number };
  expect(output).toContain(String(pid));
  expect(output).toMatch(/# +PID +RUNTIME/);
  expect(status).toBe(0);
});

real('what is chosen by its number is observed, and nothing else', async () => {
  const clients = [client(), client(), client()];
  const pids = (await Promise.all(clients.map(pidOf))).sort((a, b) => a - b);
  // Only these processes exist for the picker: a number means the same on every machine.
  const namespace = onlyPlanted(bench.folder, pids);
  const chosen = [pids[0]!, pids[2]!];
  const { output, status } = await onTerminal(80, [...namespace.words, ...LAUNCH, 'attach'], {
    env: { ...namespace.env, NO_COLOR: '1' },
    steps: [
      { see: 'Enter to cancel', send: '1,3\r' },
      { see: 'attached', send: '' },
      { see: 'attached', send: '\u0003' },
    ],
  });
  const attached = [...settled(output).matchAll(/^attached to .*\(pid (\d+)\)/gm)].map(match => Number(match[1]));
  expect(attached.sort((a, b) => a - b)).toEqual(chosen);
  expect(status).toBe(0);
});

real('without a terminal, what to type is said', async () => {
  const { stderr, status } = await run([...LAUNCH, 'attach']);
  expect(stderr).toContain('attach needs to know what to observe');
  expect(status).toBe(2);
});

real('SIGUSR1 and the end tell what was attached, seen, dropped and what it cost', async () => {
  const observing = observer(['--port', `${bench.server.port}`]);
  await observing.line(line => line.startsWith('attached'));
  observing.process.kill('SIGUSR1');
  await observing.line(line => /^ {2}our cost +[\d.]+ s of CPU, [\d.]+ MB of memory$/.test(line));
  await observing.kill('SIGINT');
  const text = observing.errors.join('\n');
  expect(text.match(/openlit-instrument: account of /g)).toHaveLength(2);
  expect(text).toMatch(new RegExp(`attached +node .*pid ${bench.server.pid}.*: .*OpenSSL`));
  expect(text).toMatch(/probes +\S.* 0x[0-9a-f]+/);
  expect(text).toMatch(/seen +\d+ records?, .*, \d+ exchanges?/);
  expect(text).toMatch(/dropped +nothing/);
});
