/**
 * Programs that take no hook, launched: probes are there before their first instruction, beside a program that the launcher
 * becomes (an endpoint is set) and around one that is its child (the local view). LAUNCHES says how often the short one runs.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { hasHarmlessReturns, readKernelFacts } from '../../src/attach/kernel/problems.js';
import { PROGRAMS as CLIENTS } from '../attach/attached.js';
import { real, reason } from '../support/attach-bench.js';
import { type ChatServer, startChatServer } from '../support/chat-server.js';
import { cleanEnvironment, LAUNCH, PROGRAMS, run } from '../support/launcher.js';
import { type OtlpReceiver, startOtlpReceiver } from '../support/otlp-receiver.js';

jest.setTimeout(300_000);

const LAUNCHES = Number(process.env['LAUNCHES'] ?? 12);
const CALL_PY = path.join(CLIENTS, 'call.py');
const has = (program: string) => {
  try {
    execFileSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};
/** The file itself: a version manager's shim is a script. */
const python = execFileSync('python3', ['-c', 'import sys; print(sys.executable)']).toString().trim();
const go = !reason && process.arch === 'x64' && has('go');
const short = go && hasHarmlessReturns(readKernelFacts()) ? real : test.skip;
if (!go) console.log('skipped: Go programs, for which Go, x86-64 and probes are needed');

let folder: string;
let call: string;
let chat: ChatServer;
let receiver: OtlpReceiver;

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'launch-attached-'));
  call = path.join(folder, 'call');
  if (go) {
    const env = { ...process.env, CGO_ENABLED: '0', GOFLAGS: '', GO111MODULE: 'off' };
    execFileSync('go', ['build', '-ldflags=-s -w', '-o', call, path.join(CLIENTS, 'call.go')], { env });
  }
  chat = await startChatServer();
  receiver = await startOtlpReceiver();
});
afterAll(async () => {
  await chat?.close();
  await receiver?.close();
  rmSync(folder, { recursive: true, force: true });
});

const env = (extra: NodeJS.ProcessEnv = {}) =>
  cleanEnvironment({ OPENLIT_INSTRUMENT_CACHE_DIR: path.join(folder, 'cache'), ...extra });
/** With an endpoint: the launcher becomes the program. */
const become = (words: readonly string[], options = {}) =>
  run([...LAUNCH, '--endpoint', receiver.url, '--', ...words], { env: env(), ...options });
/** Under the local view, which counts. */
async function asChild(words: readonly string[], options = {}) {
  const summary = path.join(folder, 'summary.json');
  const ran = await run([...LAUNCH, '--summary-json', summary, '--', ...words], { env: env(), ...options });
  return { ...ran, calls: (JSON.parse(readFileSync(summary, 'utf8')) as { calls: number }).calls };
}
/** A launch says it when its probes were late, as on a machine that is too busy. */
const late = (stderr: string) => stderr.includes('not observed from outside');
const namesOf = (spans: OtlpReceiver['spans']) => spans.map(span => span.resource['process.executable.name']).sort();

function script(name: string, lines: readonly string[]): string {
  const file = path.join(folder, name);
  writeFileSync(file, ['#!/bin/sh', ...lines, ''].join('\n'), { mode: 0o755 });
  return file;
}

describe('a static binary that makes one call and ends at once', () => {
  short('beside us: every call, or it is said', async () => {
    receiver.clear();
    let told = 0;
    for (let i = 0; i < LAUNCHES; i++) {
      const ran = await become([call, `${chat.port}`]);
      expect(ran).toMatchObject({ status: 7, stdout: expect.stringMatching(/^\d+\n$/) });
      if (late(ran.stderr)) told++;
    }
    await receiver.waitForSpans(LAUNCHES - told, 30_000);
    console.log(`beside: ${receiver.spans.length} of ${LAUNCHES} calls, ${told} launches said that they were late`);
    expect(receiver.spans.length).toBeLessThanOrEqual(LAUNCHES);
    expect(told).toBeLessThan(LAUNCHES);
    expect(new Set(namesOf(receiver.spans))).toEqual(new Set(['call']));
    expect(receiver.spans[0]!.resource).toMatchObject({ 'process.executable.path': call });
    expect(receiver.spans[0]!.attributes).toMatchObject({ 'gen_ai.usage.input_tokens': 9 });
  });

  short('as our child: every call', async () => {
    let calls = 0;
    for (let i = 0; i < LAUNCHES; i++) {
      const ran = await asChild([call, `${chat.port}`]);
      expect(ran.status).toBe(7);
      calls += ran.calls;
    }
    expect(calls).toBe(LAUNCHES);
  });

  short('its service has the name that it was given', async () => {
    receiver.clear();
    const ran = await become([call, `${chat.port}`], { env: env({ OTEL_SERVICE_NAME: 'shop' }) });
    if (late(ran.stderr)) return console.log('skipped: the machine is too busy');
    const [span] = await receiver.waitForSpans(1, 30_000);
    expect(span!.resource['service.name']).toBe('shop');
  });
});

const CURL = `curl -sk https://127.0.0.1:$PORT/v1/chat/completions -H 'content-type: application/json' -d '{"model":"gpt-4o","messages":[]}'`;
const WGET = `wget -qO- --no-check-certificate https://127.0.0.1:$PORT/v1/chat/completions --header 'content-type: application/json' --post-data '{"model":"gpt-4o","messages":[]}'`;

describe('a script whose children are of every kind', () => {
  real('curl, wget and a Python that takes no hook', async () => {
    const file = script('tools', [CURL, ...(has('wget') ? [WGET] : []), `"${python}" -I "${CALL_PY}" $PORT`, 'exit 9']);
    const ran = await asChild([file], { env: env({ PORT: `${chat.port}` }) });
    expect(ran).toMatchObject({ status: 9, calls: has('wget') ? 3 : 2 });
  });

  short('one with a hook and one without: each call once', async () => {
    // Nobody knows the file of a program that a shell starts: it is found while the program waits.
    const lines = [`"${python}" "${CALL_PY}" $PORT`, `"${python}" -I "${CALL_PY}" $PORT`, `"${call}" $PORT 1500`];
    const file = script('both', lines);
    const ran = await asChild([file], { env: env({ PORT: `${chat.port}` }) });
    expect(ran).toMatchObject({ status: 7, calls: 3 });
    receiver.clear();
    const beside = await become([file], { env: env({ PORT: `${chat.port}` }) });
    expect(beside.status).toBe(7);
    if (late(beside.stderr)) return console.log('skipped: the machine is too busy');
    await receiver.waitForSpans(3, 30_000);
    // The hook's observer leaves two seconds after its program, when it has sent all: a call that counts twice is there by then.
    await new Promise(resolve => setTimeout(resolve, 3_000));
    expect(receiver.spans).toHaveLength(3);
    expect(namesOf(receiver.spans)).toContain('call');
  });

  short('a launch inside of a launch counts nothing twice', async () => {
    const inner = [...LAUNCH, '--', `"${python}"`, '-I', `"${CALL_PY}"`, '$PORT'].join(' ');
    const ran = await asChild([script('nested', [inner])], { env: env({ PORT: `${chat.port}` }) });
    expect(ran).toMatchObject({ status: 0, calls: 1 });
  });
});

describe('what a program can notice', () => {
  const state = [python, '-I', path.join(PROGRAMS, 'state.py')];
  const seen = (stdout: string) => {
    const { env: variables, pid, ppid, ...rest } = JSON.parse(stdout);
    const names = Object.keys(variables).map(name => Buffer.from(name, 'hex').toString());
    return { rest, names: names.filter(name => name !== 'OPENLIT_INSTRUMENT_ATTACHED').sort(), pid, ppid };
  };

  real('beside: its own pid, parent, children, descriptors and limits', async () => {
    const bare = await run(state, { env: env() });
    const ran = await become(state);
    const facts = seen(ran.stdout);
    expect(facts).toEqual({ ...seen(bare.stdout), pid: ran.pid, ppid: process.pid });
    expect(facts.rest.children).toBe('');
  });

  real('as our child: all but its parent', async () => {
    const bare = seen((await run(state, { env: env() })).stdout);
    const facts = seen((await asChild(state)).stdout);
    expect(facts.rest).toEqual(bare.rest);
    expect(facts.names).toEqual([...bare.names, 'OPENLIT_INSTRUMENT_TAP'].sort());
  });

  real('stdin, output and the signal that ends it', async () => {
    const words = [
      python,
      '-I',
      '-c',
      'import os, sys; print(sys.stdin.read()); sys.stdout.flush(); os.kill(os.getpid(), 15)',
    ];
    const expected = { stdout: 'text\n', status: null, signal: 'SIGTERM' };
    expect(await become(words, { input: 'text' })).toMatchObject(expected);
    const child = await run([...LAUNCH, '--quiet', '--', ...words], { env: env(), input: 'text' });
    expect(child).toMatchObject(expected);
  });

  real('a program that cannot be started', async () => {
    const broken = path.join(folder, 'broken');
    writeFileSync(broken, '#!/no/such/interpreter\n', { mode: 0o755 });
    expect(await become([broken])).toMatchObject({ status: 127 });
  });
});

describe('what is said before', () => {
  const dryRun = async (...words: string[]) =>
    JSON.parse((await run([...LAUNCH, '--dry-run', '--json', ...words], { env: env() })).stdout);

  real('the way, and why', async () => {
    expect(await dryRun(python, '-I', 'x.py')).toMatchObject({ way: 'attach', hooked: [], start: 'child', note: null });
    expect(await dryRun('sh', 'x.sh')).toMatchObject({ way: 'both', hooked: ['python', 'node'] });
    expect(await dryRun(python, 'x.py')).toMatchObject({ way: 'inject' });
    expect(await dryRun('--no-attach', 'sh', 'x.sh')).toMatchObject({ way: 'inject' });
    expect(await dryRun('--no-attach', python, '-I', 'x.py')).toMatchObject({ way: 'none', start: 'exec' });
  });

  real('without rights: what is missing and what to type; the program runs', async () => {
    const bare = path.join(folder, 'echo');
    copyFileSync('/bin/echo', bare);
    execFileSync('chmod', ['755', folder]);
    const words = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--inh-caps=-all'];
    const ran = await run([...words, ...LAUNCH, bare, 'hello'], { env: env({ HOME: '/nonexistent' }), cwd: '/' });
    expect(ran).toMatchObject({ status: 0, stdout: 'hello\n' });
    expect(ran.stderr.trim().split('\n')).toHaveLength(1);
    expect(ran.stderr).toMatch(/echo runs un-instrumented: .*attach needs CAP_BPF.*sudo.*setcap/);
  });
});
