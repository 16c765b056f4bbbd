/**
 * Planted faults: for each, the first failure that `doctor` names is the planted one, and the line that it gives is the
 * one that mends it. Everything is real: collectors that refuse, certificates, interpreters, capabilities, processes.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Finding } from '../../src/doctor/finding.js';
import { cleanEnvironment, LAUNCHER, run } from '../support/launcher.js';
import { type OtlpReceiver, startOtlpReceiver } from '../support/otlp-receiver.js';
import { type Provider, startProvider } from '../support/provider.js';

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

async function listen(server: net.Server): Promise<string> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const answer = (status: number) =>
  http.createServer((request, response) => {
    request.resume();
    request.on('end', () => response.writeHead(status).end());
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
    expect(findings.filter(({ layer }) => layer === 'program').map(({ check }) => check)).toContain('arming');
    expect(status).toBe(0);
  });
});

describe('collector', () => {
  const at = (endpoint: string, more: NodeJS.ProcessEnv = {}) =>
    doctor(['--', 'node', 'app.js'], { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, ...more });

  test('1 nothing listens', async () => {
    const closed = net.createServer();
    const url = await listen(closed);
    await new Promise(resolve => closed.close(resolve));
    expect((await at(url)).first).toMatchObject({ layer: 'collector', check: 'connect' });
  });

  test('2 a host that does not exist', async () => {
    expect((await at('http://collector.invalid:4318')).first).toMatchObject({ check: 'resolve' });
  });

  test('3 HTTP spoken to a gRPC port, and the fix works', async () => {
    const url = await listen(grpcOnly());
    const { first } = await at(url);
    expect(first).toMatchObject({ layer: 'collector', check: 'traces', fix: '--protocol grpc' });
    expect((await at(url, { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' })).first).toBeUndefined();
  });

  test('4 gRPC spoken to an HTTP port, and the fix works', async () => {
    const url = await listen(answer(200));
    const { first } = await at(url, { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' });
    expect(first).toMatchObject({ layer: 'collector', check: 'traces', fix: '--protocol http/protobuf' });
    expect((await at(url, { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' })).first).toBeUndefined();
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
    const url = await listen(answer(404));
    expect((await at(`${url}/v1/traces`)).first?.fix).toContain(`--endpoint ${url}, without a path`);
  });

  test('8 TLS to a plain port', async () => {
    const { first } = await at(receiver.url.replace('http:', 'https:'));
    expect(first).toMatchObject({ check: 'tls', fix: `--endpoint ${receiver.url}` });
  });

  test('9 a certificate that nobody trusts', async () => {
    const { first } = await at(secure.url, { NODE_EXTRA_CA_CERTS: '' });
    expect(first).toMatchObject({ check: 'tls', fix: expect.stringContaining('OTEL_EXPORTER_OTLP_CERTIFICATE') });
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
  });

  test('13 a file that the SDK ignores', async () => {
    const { first } = await doctor([], { OTEL_CONFIG_FILE: '/etc/otel.yaml' });
    expect(first).toMatchObject({ layer: 'settings', check: 'config-file' });
  });

  test('14 spans switched off', async () => {
    const { first } = await doctor([], { ...endpoint(), OTEL_TRACES_EXPORTER: 'none' });
    expect(first).toMatchObject({ layer: 'settings', check: 'traces' });
  });

  test('15 no call is sampled', async () => {
    const env = { ...endpoint(), OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' };
    expect((await doctor([], env)).first).toMatchObject({ layer: 'settings', check: 'sampling' });
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
    const { first } = await doctor([], { ...endpoint(), OTEL_SDK_DISABLED: 'true' });
    expect(first?.fix).toBe('unset OTEL_SDK_DISABLED');
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

  test.each([
    ['22 python -I', '-I'],
    ['23 python -S', '-S'],
    ['24 python -E', '-E'],
  ])('%s', async (_name, option) => {
    const { first } = await doctor(['--', python(), option, 'app.py']);
    expect(first).toMatchObject({ layer: 'program', check: 'hook' });
    expect(first?.fact).toContain(option);
  });

  test('25 no LLM library', async () => {
    const { first } = await doctor(['--', bareVenv(), 'app.py']);
    expect(first).toMatchObject({ layer: 'program', check: 'library' });
    expect(first?.fix).toMatch(/-m pip install openai$/);
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
    expect((await doctor(['--', old, 'app.py'])).first).toMatchObject({ layer: 'program', check: 'interpreter' });
  });

  test('27 a version of the library that the SDK cannot work with', async () => {
    const site = execFileSync(bareVenv(), ['-c', 'import site; print(site.getsitepackages()[0])'], {
      encoding: 'utf8',
    }).trim();
    const planted = ['openai/__init__.py', 'pydantic-1.10.27.dist-info/METADATA'].map(name => path.join(site, name));
    mkdirSync(path.dirname(planted[0]!), { recursive: true });
    mkdirSync(path.dirname(planted[1]!), { recursive: true });
    writeFileSync(planted[0]!, '__version__ = "2.0"\n');
    writeFileSync(planted[1]!, 'Metadata-Version: 2.1\nName: pydantic\nVersion: 1.10.27\n');
    const { first } = await doctor(['--', bareVenv(), 'app.py']);
    for (const name of planted) rmSync(path.dirname(name), { recursive: true });
    expect(first).toMatchObject({ layer: 'program', check: 'arming' });
    expect(first?.fact).toContain('pydantic');
  });
});

describe('system and process', () => {
  test('28 missing capabilities', async () => {
    if (!isRoot) return console.log('skipped: dropping capabilities needs root');
    const { first } = await doctor([], {}, ['setpriv', '--bounding-set=-all', '--inh-caps=-all']);
    expect(first).toMatchObject({ layer: 'system', check: 'privilege' });
    expect(first?.fact).toContain('CAP_BPF');
  });

  test('29 no such process', async () => {
    expect((await doctor(['--pid', '4194300'])).first).toMatchObject({ layer: 'process', check: 'process' });
  });

  test('30 a process without TLS code', async () => {
    const child = start('sleep', ['60']);
    const { first } = await doctor(['--pid', String(child.pid)]);
    expect(first).toMatchObject({ layer: 'process', check: 'tls code', fix: expect.stringContaining('launch it') });
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
