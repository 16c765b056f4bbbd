/**
 * Planted faults: for each, the first failure that `doctor` names is the planted one, and the line that it gives is the
 * one that mends it. Everything is real: collectors that refuse, certificates, interpreters, capabilities, processes.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import http from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Finding } from '../../src/doctor/finding.js';
import { cleanEnvironment, LAUNCHER, run } from '../support/launcher.js';
import { type OtlpReceiver, startOtlpReceiver } from '../support/otlp-receiver.js';
import { CA_FILE, type Provider, startProvider } from '../support/provider.js';

let folder: string;
let receiver: OtlpReceiver;
let secure: Provider;
const closers: (() => void)[] = [];
const isRoot = process.getuid?.() === 0;

interface Report {
  readonly status: number | null;
  readonly findings: Finding[];
  readonly first: Finding | undefined;
}

async function doctor(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  before: readonly string[] = [],
): Promise<Report> {
  const words = [...before, process.execPath, LAUNCHER, 'doctor', '--json', ...args];
  const { stdout, stderr, status } = await run(words, { cwd: folder, env: cleanEnvironment(env) });
  try {
    const { findings } = JSON.parse(stdout) as { findings: Finding[] };
    return { status, findings, first: findings.find(({ verdict }) => verdict === 'failed') };
  } catch {
    throw new Error(`doctor printed no JSON (status ${status}): ${stdout}${stderr}`);
  }
}

/** What a fix says to type: flags of ours, or the environment; undefined where it is advice. */
function typed(fix: string): { flags: string[]; env: NodeJS.ProcessEnv } | undefined {
  const [, name] = /^unset (\w+)/.exec(fix) ?? [];
  if (name) return { flags: [], env: { [name]: undefined } };
  const [, variable, value] = /^([A-Z_]+)=(\S+)$/.exec(fix) ?? [];
  if (variable) return { flags: [], env: { [variable]: value } };
  // Words behind a comma explain.
  return fix.startsWith('--') ? { flags: fix.split(',')[0]!.split(' '), env: {} } : undefined;
}

/** Types what the fix says, and looks again: what had failed does not fail any more. */
async function expectMended(args: readonly string[], env: NodeJS.ProcessEnv, first: Finding | undefined) {
  const mended = typed(first?.fix ?? '');
  expect(mended).toBeDefined();
  const { findings } = await doctor([...mended!.flags, ...args], { ...env, ...mended!.env });
  const same = findings.filter(({ layer, check }) => layer === first!.layer && check === first!.check);
  expect(same.filter(({ verdict }) => verdict === 'failed')).toEqual([]);
}

async function listen(server: net.Server): Promise<string> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const answer = (status: number | ((url: string) => number)) =>
  http.createServer((request, response) => {
    request.resume();
    const code = typeof status === 'number' ? status : status(request.url ?? '');
    request.on('end', () => response.writeHead(code).end());
  });

function grpcOnly(): net.Server {
  const server = createHttp2Server();
  server.on('stream', stream => {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.end(Buffer.alloc(5));
  });
  return server;
}

function file(name: string, text: string): string {
  const place = path.join(folder, name);
  mkdirSync(path.dirname(place), { recursive: true });
  writeFileSync(place, text);
  return place;
}

function python(): string {
  return execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).trim();
}

/** An empty virtual environment: an interpreter that has no library at all. */
function bareVenv(): string {
  const place = path.join(folder, 'venv');
  if (!existsSync(place)) execFileSync(python(), ['-m', 'venv', '--without-pip', place]);
  return path.join(place, 'bin', 'python');
}

function start(command: string, args: readonly string[]): ChildProcess {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  closers.push(() => child.kill('SIGKILL'));
  return child;
}

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'doctor-test-'));
  chmodSync(folder, 0o755);
  for (const name of ['app.js', 'app.py']) writeFileSync(path.join(folder, name), '');
  receiver = await startOtlpReceiver();
  secure = await startProvider({ tls: true });
});

afterAll(async () => {
  for (const close of closers) close();
  await receiver.close();
  await secure.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('nothing is wrong', () => {
  test('a program and a collector that work end with status 0', async () => {
    const { status, first, findings } = await doctor(['--', 'node', 'app.js'], {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    });
    expect(first).toBeUndefined();
    expect(findings.filter(({ layer }) => layer === 'program').map(({ check }) => check)).toContain('calls');
    expect(status).toBe(0);
  });
});

describe('collector', () => {
  const PROGRAM = ['--', 'node', 'app.js'];
  const at = (endpoint: string, more: NodeJS.ProcessEnv = {}) =>
    doctor(PROGRAM, { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, ...more });

  test('1 nothing listens', async () => {
    const closed = net.createServer();
    const url = await listen(closed);
    await new Promise(resolve => closed.close(resolve));
    expect((await at(url)).first).toMatchObject({ layer: 'collector', check: 'connect' });
  });

  test('1 the wrong port, beside the right one', async () => {
    const closed = net.createServer();
    const url = await listen(closed);
    await new Promise(resolve => closed.close(resolve));
    const usual = answer(200);
    const taken = await new Promise<boolean>(resolve => {
      usual.once('error', () => resolve(true)).listen(4318, '127.0.0.1', () => resolve(false));
    });
    if (taken) return console.log('skipped: something listens on 4318 already');
    const { first } = await at(url);
    expect(first).toMatchObject({ layer: 'collector', check: 'connect', fix: '--endpoint http://127.0.0.1:4318' });
    await expectMended(PROGRAM, { OTEL_EXPORTER_OTLP_ENDPOINT: url }, first);
    await new Promise(resolve => usual.close(resolve));
  });

  test('2 a host that does not exist', async () => {
    expect((await at('http://collector.invalid:4318')).first).toMatchObject({ check: 'resolve' });
  });

  test('3 HTTP spoken to a gRPC port, and the fix works', async () => {
    const url = await listen(grpcOnly());
    const { first } = await at(url);
    expect(first).toMatchObject({ layer: 'collector', check: 'traces', fix: '--protocol grpc' });
    await expectMended(PROGRAM, { OTEL_EXPORTER_OTLP_ENDPOINT: url }, first);
    expect((await at(url, { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' })).first).toBeUndefined();
  });

  test('4 gRPC spoken to an HTTP port, and the fix works', async () => {
    const url = await listen(answer(200));
    const { first } = await at(url, { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' });
    expect(first).toMatchObject({ layer: 'collector', check: 'traces', fix: '--protocol http/protobuf' });
    await expectMended(PROGRAM, { OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, first);
  });

  test('5 401, and no credential is shown', async () => {
    const url = await listen(answer(401));
    const report = await at(url, { OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer planted-secret' });
    expect(report.first).toMatchObject({ check: 'traces', fix: expect.stringContaining('--headers-file') });
    expect(JSON.stringify(report.findings)).not.toContain('planted-secret');
  });

  test('6 a web server that is no collector', async () => {
    expect((await at(await listen(answer(404)))).first?.fix).toContain('port of an OTLP receiver');
  });

  test('7 a path too many', async () => {
    const url = await listen(answer(path => (/^\/v1\/(traces|metrics|logs)$/.test(path) ? 200 : 404)));
    const { first } = await at(`${url}/v1/traces`);
    expect(first?.fix).toContain(`--endpoint ${url}, without a path`);
    await expectMended(PROGRAM, { OTEL_EXPORTER_OTLP_ENDPOINT: `${url}/v1/traces` }, first);
  });

  test('8 TLS to a plain port', async () => {
    const url = receiver.url.replace('http:', 'https:');
    const { first } = await at(url);
    expect(first).toMatchObject({ check: 'tls', fix: `--endpoint ${receiver.url}` });
    await expectMended(PROGRAM, { OTEL_EXPORTER_OTLP_ENDPOINT: url }, first);
  });

  test('9 a certificate that nobody trusts', async () => {
    const { first } = await at(secure.url, { NODE_EXTRA_CA_CERTS: '' });
    expect(first).toMatchObject({ check: 'tls', fix: expect.stringContaining('OTEL_EXPORTER_OTLP_CERTIFICATE') });
    const filled = { ...first!, fix: first!.fix!.replace('/path/of/the/collector/ca.pem', CA_FILE) };
    await expectMended(PROGRAM, { OTEL_EXPORTER_OTLP_ENDPOINT: secure.url, NODE_EXTRA_CA_CERTS: '' }, filled);
  });

  test('10 a CA file that does not exist', async () => {
    const { first } = await at(secure.url, { OTEL_EXPORTER_OTLP_CERTIFICATE: '/no/such/ca.pem' });
    expect(first?.fact).toContain('/no/such/ca.pem');
  });

  test('11 an overloaded collector', async () => {
    expect((await at(await listen(answer(503)))).first?.fix).toContain('overloaded');
  });
});

describe('settings', () => {
  const endpoint = () => ({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });

  test('12 hooks switched off, and the fix works', async () => {
    const { first } = await doctor(['--', 'node', 'app.js'], { OPENLIT_INSTRUMENT_DISABLED: '1' });
    expect(first).toMatchObject({ layer: 'settings', fix: 'unset OPENLIT_INSTRUMENT_DISABLED' });
    await expectMended(['--', 'node', 'app.js'], { OPENLIT_INSTRUMENT_DISABLED: '1' }, first);
  });

  test('13 a file that the SDK ignores', async () => {
    const { first } = await doctor([], { OTEL_CONFIG_FILE: '/etc/otel.yaml' });
    expect(first).toMatchObject({ layer: 'settings', check: 'config-file' });
    await expectMended([], { OTEL_CONFIG_FILE: '/etc/otel.yaml' }, first);
  });

  test('14 spans switched off', async () => {
    const env = { ...endpoint(), OTEL_TRACES_EXPORTER: 'none' };
    const { first } = await doctor([], env);
    expect(first).toMatchObject({ layer: 'settings', check: 'traces' });
    await expectMended([], env, first);
  });

  test('15 no call is sampled', async () => {
    const env = { ...endpoint(), OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' };
    const { first } = await doctor([], env);
    expect(first).toMatchObject({ layer: 'settings', check: 'sampling' });
    await expectMended([], env, first);
  });

  test('16 no URL', async () => {
    const { first } = await doctor([], { OTEL_EXPORTER_OTLP_ENDPOINT: 'ftp://collector' });
    expect(first?.fact).toContain('OTEL_EXPORTER_OTLP_ENDPOINT');
  });

  test('17 broken YAML, with its line', async () => {
    const config = file('broken/openlit.yml', 'traces:\n  sampling_rate: 0.5\n  exporter: [otlp\n');
    const { first, status } = await doctor(['--config', config]);
    expect(first).toMatchObject({ layer: 'settings', check: 'file' });
    expect(first?.fact).toMatch(/broken\/openlit\.yml:\d+/);
    expect(status).toBe(1);
  });

  test('18 a value that is not allowed, with its line', async () => {
    const config = file('wrong/openlit.yml', 'application_name: shop\ntraces:\n  sampling_rate: 7\n');
    expect((await doctor(['--config', config])).first?.fact).toMatch(/wrong\/openlit\.yml:3.*sampling_rate/s);
  });

  test('19 an SDK that is switched off', async () => {
    const env = { ...endpoint(), OTEL_SDK_DISABLED: 'true' };
    const { first } = await doctor([], env);
    expect(first?.fix).toBe('unset OTEL_SDK_DISABLED');
    await expectMended([], env, first);
  });
});

describe('program', () => {
  test('20 not found', async () => {
    expect((await doctor(['--', 'no-such-program'])).first).toMatchObject({ layer: 'program', check: 'path' });
  });

  test('21 a runtime that nobody knows', async () => {
    const { first } = await doctor(['--', 'true']);
    expect(first).toMatchObject({ layer: 'program', check: 'runtime', fix: expect.stringContaining('attach') });
  });

  test('21 an application that is bundled into one executable', async () => {
    const bundle = path.join(folder, 'shop');
    copyFileSync(process.execPath, bundle);
    const { first } = await doctor(['--', bundle]);
    expect(first).toMatchObject({ layer: 'program', check: 'runtime', fix: expect.stringContaining('attach --pid') });
    if (!isRoot) return console.log('skipped: attaching needs root');
    // The fix: from outside, it can be observed.
    const child = start(bundle, ['-e', 'console.log("up"); setInterval(() => {}, 1000)']);
    await new Promise(resolve => child.stdout!.once('data', resolve));
    const outside = await doctor(['--pid', String(child.pid), '--seconds', '1']);
    expect(outside.findings.find(({ check }) => check === 'probes')?.verdict).toBe('ok');
  });

  test.each([
    ['22 python -I', '-I'],
    ['23 python -S', '-S'],
    ['24 python -E', '-E'],
  ])('%s', async (_name, option) => {
    const { first } = await doctor(['--', python(), option, 'app.py']);
    expect(first).toMatchObject({ layer: 'program', check: 'hook' });
    expect(first?.fact).toContain(option);
  });

  test('25 no LLM library is no fault: calls of any client are seen', async () => {
    const { first, findings, status } = await doctor(['--', bareVenv(), 'app.py']);
    expect(first).toBeUndefined();
    expect(findings.find(({ check }) => check === 'library')?.fact).toContain('none that is known');
    expect(findings.find(({ check }) => check === 'calls')?.fact).toBe(
      'our own test calls were seen: http.client; the program itself was not run',
    );
    expect(status).toBe(0);
  });

  test("25 a library for which OpenLIT's SDK is needed, and no copy of it", async () => {
    const place = path.join(folder, 'venv-crew');
    execFileSync(python(), ['-m', 'venv', '--without-pip', place]);
    const crew = path.join(place, 'bin', 'python');
    const site = execFileSync(crew, ['-c', 'import site; print(site.getsitepackages()[0])'], {
      encoding: 'utf8',
    }).trim();
    mkdirSync(path.join(site, 'crewai-1.2.3.dist-info'));
    const env = { OPENLIT_INSTRUMENT_PYTHON_SDK: path.join(folder, 'no-sdk') };
    const { first, findings } = await doctor(['--', crew, 'app.py'], env);
    expect(first).toMatchObject({ check: 'sdk', fix: `openlit-instrument setup python --python ${crew}` });
    expect(findings.find(({ check }) => check === 'calls')?.verdict).toBe('ok');
  });

  test('25 a hook that another sitecustomize keeps out', async () => {
    const other = path.dirname(file('other/sitecustomize.py', ''));
    const place = path.join(folder, 'venv-other');
    execFileSync(python(), ['-m', 'venv', '--without-pip', place]);
    const own = path.join(place, 'bin', 'python');
    // As a launcher inside a wrapper script puts itself in front.
    const wrapper = file('wrapped-python3', `#!/bin/sh\nPYTHONPATH=${other}:$PYTHONPATH exec ${own} "$@"\n`);
    chmodSync(wrapper, 0o755);
    const shim = path.join(folder, 'shim', 'python3');
    mkdirSync(path.dirname(shim));
    symlinkSync(wrapper, shim);
    expect((await doctor(['--', shim, 'app.py'])).first).toMatchObject({ layer: 'program', check: 'hook' });
  });

  test('26 a Python that is too old', async () => {
    const old = ['3.8', '3.7']
      .map(version =>
        spawnSync('sh', ['-c', `ls -d $HOME/.pyenv/versions/${version}.*/bin/python | head -1`], {
          encoding: 'utf8',
        }).stdout.trim(),
      )
      .find(Boolean);
    if (!old) return console.log('skipped: there is no Python older than 3.9 on this machine');
    const { first } = await doctor(['--', old, 'app.py']);
    expect(first).toMatchObject({
      layer: 'program',
      check: 'hook',
      fact: expect.stringContaining("older than the hook's 3.9"),
    });
  });

  test('27 a client whose calls would not be seen is named', async () => {
    const env = { OTEL_SDK_DISABLED: 'true' };
    const { findings } = await doctor(['--', 'node', 'app.js'], env);
    const calls = findings.find(({ check }) => check === 'calls');
    expect(calls).toMatchObject({
      verdict: 'failed',
      fact: expect.stringContaining('our own test call with node:http and fetch was not seen (disabled'),
    });
  });
});

describe('system and process', () => {
  test('28 missing capabilities', async () => {
    if (!isRoot) return console.log('skipped: dropping capabilities needs root');
    const { first } = await doctor([], {}, ['setpriv', '--bounding-set=-all', '--inh-caps=-all']);
    expect(first).toMatchObject({ layer: 'system', check: 'privilege' });
    expect(first?.fact).toContain('CAP_BPF');
    // The fix is sudo: with all rights nothing is missing.
    expect(first?.fix).toMatch(/sudo|docker run/);
    expect((await doctor([])).findings.find(({ check }) => check === 'privilege')?.verdict).toBe('ok');
  });

  test('29 no such process', async () => {
    const { first } = await doctor(['--pid', '4194300']);
    expect(first).toMatchObject({ layer: 'process', check: 'process', fix: 'openlit-instrument ps' });
    expect((await run([process.execPath, LAUNCHER, 'ps'], { env: cleanEnvironment() })).status).toBe(0);
  });

  test('30 a process without TLS code', async () => {
    const child = start('sleep', ['60']);
    const { first } = await doctor(['--pid', String(child.pid)]);
    expect(first).toMatchObject({
      layer: 'process',
      check: 'tls code',
      fix: expect.stringContaining(`attach --pid ${child.pid}`),
    });
  });

  test('30 TLS that is linked into the executable and stripped', async () => {
    const source = file(
      'static.c',
      '#include <openssl/ssl.h>\n#include <stdio.h>\n#include <unistd.h>\nint main(void) { SSL_CTX *c = SSL_CTX_new(TLS_client_method()); printf("up %p\\n", (void *)SSL_new(c)); fflush(stdout); pause(); }\n',
    );
    const binary = path.join(folder, 'static');
    const built = spawnSync('gcc', ['-s', '-o', binary, source, '-l:libssl.a', '-l:libcrypto.a', '-ldl', '-lpthread']);
    if (built.status !== 0) return console.log('skipped: gcc and a static libssl are needed');
    const child = start(binary, []);
    await new Promise(resolve => child.stdout!.once('data', resolve));
    const { first } = await doctor(['--pid', String(child.pid)]);
    expect(first).toMatchObject({
      layer: 'process',
      check: 'tls code',
      fix: expect.stringContaining(`attach --pid ${child.pid}`),
    });
  });

  test('31 the memory map of another user', async () => {
    if (!isRoot) return console.log('skipped: becoming another user needs root');
    const child = start('sleep', ['60']);
    // A copy that everybody may read: the clone may lie in a home that is closed to others.
    const nodeCopy = path.join(folder, 'node');
    if (!existsSync(nodeCopy)) symlinkSync(process.execPath, nodeCopy);
    const readable = spawnSync('setpriv', [
      '--reuid=65534',
      '--clear-groups',
      process.execPath,
      '-e',
      `require('fs').accessSync(${JSON.stringify(LAUNCHER)})`,
    ]);
    if (readable.status !== 0) return console.log('skipped: another user may not read this clone');
    const { first, findings } = await doctor(['--pid', String(child.pid)], {}, [
      'setpriv',
      '--reuid=65534',
      '--clear-groups',
    ]);
    expect(first).toMatchObject({ layer: 'system', check: 'privilege' });
    expect(findings.find(({ layer, verdict }) => layer === 'process' && verdict === 'failed')?.fix).toContain('sudo');
  });

  test('a process with TLS code that is silent: nothing fails, and what is not known is said', async () => {
    if (!isRoot) return console.log('skipped: attaching needs root');
    const child = start(process.execPath, ['-e', 'console.log("up"); setInterval(() => {}, 1000)']);
    await new Promise(resolve => child.stdout!.once('data', resolve));
    const { first, findings, status } = await doctor(['--pid', String(child.pid), '--seconds', '1']);
    expect(first).toBeUndefined();
    expect(findings.find(({ check }) => check === 'plaintext')?.verdict).toBe('unknown');
    expect(status).toBe(0);
  });
});
