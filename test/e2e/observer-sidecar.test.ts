/** The observer as it stands in a pod: its settings from its environment, a socket that several users share, taps that ask again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { BY_LINE, endAll, LANGUAGES, startByLine } from '../support/by-line.js';
import { cleanEnvironment, ROOT } from '../support/launcher.js';
import { until } from '../support/observed-session.js';
import { type OtlpReceiver, startOtlpReceiver } from '../support/otlp-receiver.js';
import { type Provider, startProvider } from '../support/provider.js';

let provider: Provider;
let receiver: OtlpReceiver;
let folder: string;
let observer: ChildProcess | undefined;
let said = '';

beforeAll(async () => {
  provider = await startProvider();
  receiver = await startOtlpReceiver();
  folder = mkdtempSync(path.join(os.tmpdir(), 'sidecar-'));
});
afterEach(() => {
  observer?.kill('SIGKILL');
  endAll();
  receiver.clear();
  rmSync(path.join(folder, 'run'), { recursive: true, force: true });
});
afterAll(async () => {
  await provider?.close();
  await receiver?.close();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

const socket = () => path.join(folder, 'run', 'observer.sock');

async function startObserver(): Promise<void> {
  const env = {
    PATH: process.env['PATH'],
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_SERVICE_NAME: 'not-of-the-observer',
  };
  said = '';
  observer = spawn(process.execPath, [path.join(ROOT, 'dist/observer.cjs'), '--socket', socket()], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  observer.stderr!.on('data', chunk => {
    said += String(chunk);
  });
  await until('the socket', () => existsSync(socket()));
}

/** As the operator makes it. */
const env = () =>
  cleanEnvironment({
    PROVIDER_URL: provider.url,
    OPENLIT_INSTRUMENT_TAP: JSON.stringify({
      v: 1,
      socket: socket(),
      view: true,
      retry: true,
      wait: false,
      content: false,
    }),
    PYTHONPATH: path.join(ROOT, 'dist/bootstrap/python'),
    NODE_OPTIONS: `--require "${path.join(ROOT, 'dist/bootstrap/node/hook.cjs')}"`,
    OTEL_SERVICE_NAME: 'chat',
    OTEL_RESOURCE_ATTRIBUTES: 'k8s.pod.name=chat-1,k8s.container.name=app',
  });

describe.each(LANGUAGES)('%s', language => {
  test('an observer that comes later, dies twice and comes again: calls are reported while one is there', async () => {
    const program = startByLine(BY_LINE[language], env());
    expect(await program.say('call')).toBe('200');
    for (let life = 0; life < 3; life += 1) {
      await startObserver();
      receiver.clear();
      // The first one may only show the tap that the observer before is gone.
      for (let calls = 0; calls < 10 && receiver.spans.length === 0; calls += 1) {
        expect(await program.say('call')).toBe('200');
        await until('it is reported', () => receiver.spans.length > 0, 1_000).catch(() => {});
      }
      const [span] = receiver.spans;
      expect(span?.resource).toMatchObject({
        'service.name': 'chat',
        'k8s.pod.name': 'chat-1',
        'k8s.container.name': 'app',
      });
      expect(span?.resource).not.toHaveProperty('container.id');
      const ended = once(observer!, 'exit');
      observer!.kill('SIGKILL');
      await ended;
      expect(await program.say('call')).toBe('200');
    }
    const { status, stderr } = await program.end();
    expect(status).toBe(0);
    expect(stderr).not.toContain('not observed');
  });
});

test('programs of other users may use its socket', async () => {
  await startObserver();
  expect(statSync(socket()).mode & 0o777).toBe(0o666);
  expect(statSync(path.dirname(socket())).mode & 0o777).toBe(0o755);
});

test('it stays without taps, and ends when the kubelet says so, with everything sent', async () => {
  await startObserver();
  const program = startByLine(BY_LINE.python, env());
  expect(await program.say('call')).toBe('200');
  await program.end();
  // The program has ended: its container is gone, and the sidecar is told.
  const ended = once(observer!, 'exit') as Promise<[number | null]>;
  observer!.kill('SIGTERM');
  expect((await ended)[0]).toBe(0);
  expect(receiver.spans).toHaveLength(1);
  expect(existsSync(socket())).toBe(false);
  expect(said).toBe('');
});

test('a socket that cannot be made: it ends, and says why', async () => {
  const child = spawn(
    process.execPath,
    [path.join(ROOT, 'dist/observer.cjs'), '--socket', '/proc/none/run/observer.sock'],
    {
      env: { PATH: process.env['PATH'] },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  let text = '';
  child.stderr.on('data', chunk => {
    text += String(chunk);
  });
  const [status] = (await once(child, 'close')) as [number | null];
  expect([status, text]).toEqual([1, expect.stringMatching(/^does not listen: /)]);
});
