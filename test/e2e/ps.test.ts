/**
 * Planted processes: what talks, or can talk, to a model is found, with runtime, library and provider right; what is
 * ordinary is not listed. The processes are real; of the libraries only the folders are there, because that is all that
 * `ps` can see from outside before one is loaded.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { DiscoveredProcess, Discovery } from '../../src/discovery/discover.js';
import { cleanEnvironment, LAUNCHER, run } from '../support/launcher.js';

const isRoot = process.getuid?.() === 0;
const KEYS = /^(.*_API_KEY|.*_TOKEN|.*_AUTH_TOKEN)$/;

let folder: string;
let silent: net.Server;
let listing: Discovery;
const children = new Map<string, ChildProcess>();
const skipped: string[] = [];

/** The environment without keys of the person who runs the tests. */
function environment(extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  return cleanEnvironment({
    ...Object.fromEntries(
      Object.keys(process.env)
        .filter(name => KEYS.test(name))
        .map(name => [name, undefined]),
    ),
    ...extra,
  });
}

/** Starts a process that prints a line when it stands where the test wants it. */
async function plant(
  name: string,
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv; argv0?: string; silent?: true } = {},
): Promise<void> {
  const child = spawn(command, args, {
    cwd: options.cwd ?? folder,
    env: options.env ?? environment(),
    stdio: ['pipe', 'pipe', 'ignore'],
    ...(options.argv0 === undefined ? {} : { argv0: options.argv0 }),
  });
  children.set(name, child);
  if (options.silent) return;
  await new Promise<void>((resolve, reject) => {
    child.stdout!.once('data', () => resolve());
    child.once('exit', code => reject(new Error(`${name} ended with ${code}`)));
  });
}

const PYTHON_IDLE = 'import time; print("up", flush=True); time.sleep(600)';
const NODE_IDLE = 'console.log("up"); setInterval(() => {}, 1000)';
const pythonConnect = (port: number) =>
  `import socket,time; s=socket.create_connection(("127.0.0.1",${port})); print("up", flush=True); time.sleep(600)`;

function sitePackages(python: string): string {
  return execFileSync(python, ['-c', 'import site; print(site.getsitepackages()[0])'], { encoding: 'utf8' }).trim();
}

function venv(name: string, packages: readonly string[]): string {
  const place = path.join(folder, name);
  execFileSync('python3', ['-m', 'venv', '--without-pip', place]);
  const python = path.join(place, 'bin', 'python');
  const site = sitePackages(python);
  for (const each of packages) {
    mkdirSync(path.join(site, each), { recursive: true });
    writeFileSync(path.join(site, each, '__init__.py'), '');
  }
  return python;
}

function nodeApp(name: string, packages: readonly string[]): string {
  const place = path.join(folder, name);
  for (const each of packages) mkdirSync(path.join(place, 'node_modules', each), { recursive: true });
  mkdirSync(place, { recursive: true });
  writeFileSync(path.join(place, 'app.cjs'), NODE_IDLE);
  return place;
}

const portOf = (server: net.Server) => (server.address() as AddressInfo).port;

/** The row of a planted process: itself, or the one that it started (unshare). */
function find(name: string): DiscoveredProcess | undefined {
  const pid = children.get(name)?.pid;
  return (
    listing.processes.find(process => parentOf(process.pid) === pid) ??
    listing.processes.find(process => process.pid === pid)
  );
}

function parentOf(pid: number): number {
  try {
    return Number(/\) \w (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1]);
  } catch {
    return 0;
  }
}

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'ps-test-'));
  silent = net.createServer(socket => socket.on('error', () => {}));
  await new Promise<void>(resolve => silent.listen(0, '127.0.0.1', resolve));

  const openai = venv('openai', ['openai']);
  const several = venv('several', ['anthropic', 'langchain_core', 'langchain']);
  const vllm = venv('vllm', ['vllm']);
  writeFileSync(
    path.join(sitePackages(vllm), 'vllm', '__main__.py'),
    'import socket,time\ns=socket.socket(); s.bind(("127.0.0.1",0)); s.listen(); print(s.getsockname()[1], flush=True)\ntime.sleep(600)\n',
  );
  const plain = venv('plain', ['requests', 'flask']);

  await plant('python with openai', openai, ['-c', PYTHON_IDLE]);
  await plant('python with several', several, ['-c', PYTHON_IDLE]);
  await plant('python in an activated venv', 'python', ['-c', PYTHON_IDLE], {
    env: environment({
      VIRTUAL_ENV: path.join(folder, 'openai'),
      PATH: `${path.dirname(openai)}:${process.env['PATH']}`,
    }),
  });
  await plant('plain python', plain, ['-c', PYTHON_IDLE]);
  await plant('observed python', process.execPath, [
    LAUNCHER,
    '--quiet',
    '--endpoint',
    'http://127.0.0.1:9',
    openai,
    '-c',
    PYTHON_IDLE,
  ]);
  await plant('node with openai', process.execPath, ['app.cjs'], { cwd: nodeApp('node-openai', ['openai']) });
  await plant('node with anthropic', process.execPath, ['app.cjs'], {
    cwd: nodeApp('node-anthropic', ['@anthropic-ai/sdk']),
  });
  await plant('node with ai', process.execPath, [path.join(nodeApp('node-ai', ['ai', '@ai-sdk/openai']), 'app.cjs')]);
  await plant('plain node', process.execPath, ['app.cjs'], { cwd: nodeApp('node-plain', ['express']) });
  await plant('node with a key', process.execPath, ['app.cjs'], {
    cwd: nodeApp('node-key', []),
    env: environment({ GROQ_API_KEY: 'gsk-planted' }),
  });
  await plant('python that talks to somebody', plain, ['-c', pythonConnect(portOf(silent))]);
  await plant('editor', 'cat', [], { silent: true });
  await plant('shell', 'sh', ['-c', 'echo up; read line']);
  copyFileSync('/bin/sleep', path.join(folder, 'llama-server'));
  spawnSync('chmod', ['+x', path.join(folder, 'llama-server')]);
  await plant('llama.cpp', path.join(folder, 'llama-server'), ['600'], { silent: true });
  copyFileSync('/bin/sleep', path.join(folder, 'ollama'));
  spawnSync('chmod', ['+x', path.join(folder, 'ollama')]);
  await plant('ollama', path.join(folder, 'ollama'), ['600'], { silent: true });

  const log = path.join(folder, 'log', 'ollama');
  mkdirSync(path.dirname(log));
  writeFileSync(log, 'up\n');
  await plant('a reader of a log called ollama', 'tail', ['-f', log]);

  // A model server on a port that says nothing, and a client of it: the listening program is the evidence.
  const server = spawn(vllm, ['-m', 'vllm'], { stdio: ['pipe', 'pipe', 'inherit'] });
  children.set('vllm', server);
  const port = await new Promise<number>(resolve =>
    server.stdout!.once('data', chunk => resolve(Number(String(chunk)))),
  );
  await plant('client of vllm', plain, ['-c', pythonConnect(port)]);

  if (isRoot && spawnSync('unshare', ['-m', 'true']).status === 0) {
    const hosts = path.join(folder, 'hosts');
    writeFileSync(hosts, '127.0.0.1 localhost\n127.0.7.1 api.openai.com\n');
    const connect = `import socket,time; s=socket.create_connection(("127.0.7.1",${portOf(silent)})); print("up", flush=True); time.sleep(600)`;
    const wide = net.createServer(socket => socket.on('error', () => {}));
    await new Promise<void>(resolve => wide.listen(0, '127.0.7.1', resolve));
    closers.push(() => wide.close());
    await plant('a hosts table of its own', 'unshare', [
      '-m',
      'sh',
      '-c',
      `mount --bind ${hosts} /etc/hosts && exec ${plain} -c '${connect.replace(String(portOf(silent)), String(portOf(wide)))}'`,
    ]);
    await plant('a container', 'unshare', ['-mpf', '--mount-proc', openai, '-c', PYTHON_IDLE]);
  } else skipped.push('namespaces need root');

  const { stdout } = await run([process.execPath, LAUNCHER, 'ps', '--json', '--all'], { env: environment() });
  listing = JSON.parse(stdout) as Discovery;
}, 60_000);

const closers: (() => void)[] = [];

afterAll(() => {
  for (const child of children.values()) {
    spawnSync('pkill', ['-KILL', '-P', String(child.pid)]);
    child.kill('SIGKILL');
  }
  for (const close of closers) close();
  silent.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('found', () => {
  test.each<[string, string | undefined, string[]]>([
    ['python with openai', 'python', ['openai']],
    ['python with several', 'python', ['anthropic', 'langchain', 'langchain_core']],
    ['python in an activated venv', 'python', ['openai']],
    ['observed python', 'python', ['openai']],
    ['node with openai', 'node', ['openai']],
    ['node with anthropic', 'node', ['@anthropic-ai/sdk']],
    ['node with ai', 'node', ['@ai-sdk/openai', 'ai']],
    ['vllm', 'python', ['vllm']],
    ['llama.cpp', undefined, ['llama.cpp']],
    ['ollama', undefined, ['ollama']],
  ])('%s', (name, runtime, libraries) => {
    const found = find(name);
    expect(found?.relevant).toBe(true);
    expect(found?.runtime?.name).toBe(runtime);
    expect(found?.libraries.map(library => library.name)).toEqual(libraries);
  });

  test('exact versions', () => {
    const version = execFileSync('python3', ['-c', 'import platform; print(platform.python_version())'], {
      encoding: 'utf8',
    }).trim();
    expect(find('python with openai')?.runtime?.version).toBe(version);
    expect(find('node with openai')?.runtime?.version).toBe(process.versions.node);
  });

  test('a key, by its name alone', () => {
    expect(find('node with a key')).toMatchObject({ relevant: true, credentials: ['GROQ_API_KEY'] });
    expect(JSON.stringify(listing)).not.toContain('gsk-planted');
  });

  test('who is observed already', () => {
    expect(find('observed python')?.instrumentation).toEqual({ by: 'openlit-instrument', evidence: 'PYTHONPATH' });
    expect(find('python with openai')?.instrumentation).toBeUndefined();
  });

  test('a model server behind a port that says nothing', () => {
    expect(find('client of vllm')?.providers).toMatchObject([{ name: 'vllm', evidence: 'listener' }]);
  });

  test('a provider through the hosts table of its own mount namespace', () => {
    if (skipped.length > 0) return console.log(`skipped: ${skipped}`);
    expect(find('a hosts table of its own')?.providers).toMatchObject([
      { name: 'openai', evidence: 'hosts-file', host: 'api.openai.com' },
    ]);
  });

  test('a process in namespaces of its own', () => {
    if (skipped.length > 0) return console.log(`skipped: ${skipped}`);
    expect(find('a container')).toMatchObject({
      relevant: true,
      runtime: { name: 'python' },
      libraries: [{ name: 'openai' }],
    });
  });

  test('Node can be attached to, by the OpenSSL inside it', () => {
    expect(find('node with openai')?.tls).toMatchObject({ attachable: true, library: 'OpenSSL in node' });
    expect(find('node with openai')?.plan).toMatchObject({ way: 'both', runtimes: ['node'] });
  });

  test('what can be done about the others', () => {
    expect(find('python with openai')?.plan).toMatchObject({ way: 'inject', runtimes: ['python'] });
    expect(find('observed python')?.plan).toMatchObject({ way: 'none', observedBy: { by: 'openlit-instrument' } });
    expect(find('ollama')?.plan).toMatchObject({ way: 'none', runtimes: [] });
    expect(find('editor')?.relevant).toBe(false);
    expect(find('editor')?.plan).toBeUndefined();
  });

  test('a name of the workload', () => {
    expect(find('python with openai')?.workload).toMatch(/^(linux:exe:[0-9a-f]{6}|linux:systemd:.+|docker:.+|k8s:.+)$/);
  });
});

describe('not invented', () => {
  test.each([
    'plain python',
    'plain node',
    'python that talks to somebody',
    'editor',
    'shell',
    'a reader of a log called ollama',
  ])('%s', name => {
    expect(find(name)).toMatchObject({ relevant: false, evident: false, libraries: [], providers: [] });
  });
});

describe('what is evident is told from what is possible', () => {
  test.each(['vllm', 'llama.cpp', 'ollama', 'client of vllm'])('%s', name => {
    expect(find(name)).toMatchObject({ relevant: true, evident: true });
  });
  test.each(['python with openai', 'node with openai', 'node with a key'])('%s', name => {
    expect(find(name)).toMatchObject({ relevant: true, evident: false });
  });
});

test('the table fits 80 columns, and names what it leaves out', async () => {
  const { stdout, status } = await run([process.execPath, LAUNCHER, 'ps'], { env: environment() });
  expect(status).toBe(0);
  expect(stdout).toMatch(/PID +RUNTIME +TALKS TO/);
  expect(stdout).toContain('other processes are not listed');
  expect(stdout).not.toContain('\u001b');
});
