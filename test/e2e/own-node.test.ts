/**
 * NODE_OPTIONS and their like are meant for the program; the launcher is a Node as well. Whatever they make a Node do, the
 * program does it once, as without us, whatever its language.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { cleanEnvironment, LAUNCH, LAUNCHER, run } from '../support/launcher.js';

jest.setTimeout(60_000);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'own-node-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** In front of the program: nothing, the launcher that stays for the local view, the launcher that becomes the program. */
const MODES = {
  bare: [],
  view: [...LAUNCH, '--quiet'],
  exec: [...LAUNCH, '--quiet', '--endpoint', 'http://127.0.0.1:9'],
} as const;
type Mode = keyof typeof MODES;
const LAUNCHED: readonly Mode[] = ['view', 'exec'];

let number = 0;

/** One run in a new folder. @returns what it printed, and the names of the files that it left */
async function observe(mode: Mode, program: readonly string[], env: NodeJS.ProcessEnv) {
  const cwd = path.join(folder, `run${++number}`);
  mkdirSync(cwd);
  const ended = await run([...MODES[mode], ...program], { cwd, env: cleanEnvironment(env) });
  return { ...ended, files: readdirSync(cwd).sort() };
}

const node = (code: string) => [process.execPath, '-e', code];
const PRINT = node('console.log("I ran")');
const PYTHON = ['python3', '-c', 'print("I ran")'];

async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise(resolve => server.close(resolve));
  return port;
}

describe('--inspect', () => {
  test.each(LAUNCHED)('%s: the program runs, and has the inspector on its port', async mode => {
    const port = await freePort();
    const show = node('console.log(require("node:inspector").url()?.split("/")[2])');
    const { stdout, stderr, status } = await observe(mode, show, { NODE_OPTIONS: `--inspect=127.0.0.1:${port}` });
    expect({ stdout, status }).toEqual({ stdout: `127.0.0.1:${port}\n`, status: 0 });
    expect(stderr).not.toContain('address already in use');
  });

  test.each(LAUNCHED)('%s: a program in Python', async mode => {
    const { stdout, status } = await observe(mode, PYTHON, { NODE_OPTIONS: '--inspect=0' });
    expect({ stdout, status }).toEqual({ stdout: 'I ran\n', status: 0 });
  });

  test.each(LAUNCHED)('%s: a debugger that stays connected does not hold the program up', async mode => {
    const port = await freePort();
    const env = cleanEnvironment({ NODE_OPTIONS: `--inspect-brk=127.0.0.1:${port}` });
    const child = spawn(MODES[mode][0]!, [...MODES[mode].slice(1), ...PYTHON], { env });
    let errors = '';
    const listens = new Promise<string>(resolve => {
      child.stderr.on('data', data => {
        errors += data;
        const url = /ws:\/\/\S+/.exec(errors)?.[0];
        if (url) resolve(url);
      });
    });
    let output = '';
    child.stdout.on('data', data => {
      output += data;
    });
    const socket = await debugger_(await listens);
    // Node forgets one that comes before it has begun to wait, so it is asked until it goes on.
    const ask = () => socket.write(frame('{"id":1,"method":"Runtime.runIfWaitingForDebugger"}'));
    ask();
    const asking = setInterval(ask, 500);
    await once(child, 'close');
    clearInterval(asking);
    socket.destroy();
    expect(output).toBe('I ran\n');
  });
});

describe('files that a Node leaves', () => {
  test.each([
    ['a heap profile', { NODE_OPTIONS: '--heap-prof' }],
    ['coverage', { NODE_V8_COVERAGE: 'coverage' }],
  ] as [string, NodeJS.ProcessEnv][])('%s: one, of the program', async (_name, env) => {
    const count = (files: readonly string[], cwd: string) =>
      files.flatMap(name => (name === 'coverage' ? readdirSync(path.join(cwd, name)) : [name])).length;
    for (const mode of ['bare', ...LAUNCHED] as Mode[]) {
      const { files, stdout } = await observe(mode, PRINT, env);
      expect({ mode, stdout, files: count(files, path.join(folder, `run${number}`)) }).toEqual({
        mode,
        stdout: 'I ran\n',
        files: 1,
      });
    }
  });

  test.each(LAUNCHED)('%s: none of a program that is no Node', async mode => {
    expect((await observe(mode, PYTHON, { NODE_OPTIONS: '--heap-prof', NODE_V8_COVERAGE: 'c' })).files).toEqual([]);
  });
});

describe('preloads', () => {
  const hook = (text: string): NodeJS.ProcessEnv => {
    const file = path.join(folder, `hook${++number}.cjs`);
    writeFileSync(file, text);
    return { NODE_OPTIONS: `--require ${file}` };
  };

  test.each(LAUNCHED)('%s: one that keeps a Node alive does not keep the launcher', async mode => {
    const env = hook('setInterval(() => {}, 1e6)');
    expect(await observe(mode, PYTHON, env)).toMatchObject({ stdout: 'I ran\n', status: 0 });
  });

  test.each(LAUNCHED)('%s: what one opens in the launcher is not open in the program', async mode => {
    const log = path.join(folder, `log${++number}`);
    const env = hook(`require("node:fs").openSync(${JSON.stringify(log)}, "a")`);
    const list = [
      'python3',
      '-c',
      `import os; print([f for f in os.listdir("/proc/self/fd") if os.path.exists("/proc/self/fd/" + f) and os.readlink("/proc/self/fd/" + f) == ${JSON.stringify(log)}])`,
    ];
    expect((await observe(mode, list, env)).stdout).toBe('[]\n');
  });

  test.each(LAUNCHED)('%s: one that fails in the launcher is the failure that the program has as well', async mode => {
    const env = { NODE_OPTIONS: '--require /no/such/file.cjs' };
    expect((await observe(mode, PRINT, env)).status).toBe((await observe('bare', PRINT, env)).status);
  });
});

test.each(LAUNCHED)(
  "%s: Node's permission model keeps the launcher from starting anything, and that is said",
  async mode => {
    const options = ['--permission', '--experimental-permission'].map(name => `${name} --allow-fs-read=*`);
    const accepted: string[] = [];
    for (const each of options)
      if ((await observe('bare', PRINT, { NODE_OPTIONS: each })).status === 0) accepted.push(each);
    const [option] = accepted;
    if (option === undefined) return console.log('skipped: this Node takes no permission model from NODE_OPTIONS');
    const { stderr, status } = await observe(mode, PYTHON, { NODE_OPTIONS: option });
    expect(status).toBe(126);
    expect(stderr).toContain("NODE_OPTIONS switches Node's permission model on");
    expect(stderr).toContain('try: env -u NODE_OPTIONS openlit-instrument env NODE_OPTIONS=');
  },
);

test('lines that NODE_DEBUG asks for come of the program alone while it runs', async () => {
  const { stderr } = await observe('view', PYTHON, { NODE_DEBUG: 'net,http' });
  expect(stderr).not.toMatch(/^(NET|HTTP) \d+:/m);
});

test('intrinsics that are frozen do not break the local view', async () => {
  const { stderr, stdout } = await observe('view', PYTHON, { NODE_OPTIONS: '--frozen-intrinsics --no-warnings' });
  expect({ stderr, stdout }).toEqual({ stderr: '', stdout: 'I ran\n' });
});

test.each(['NODE_PRESERVE_SYMLINKS_MAIN', 'NODE_PRESERVE_SYMLINKS'])('%s: found through a link', async name => {
  const link = path.join(folder, `link${++number}`);
  symlinkSync(LAUNCHER, link);
  const env = cleanEnvironment({ [name]: '1' });
  const { stdout, status } = await run([process.execPath, link, '--quiet', ...PYTHON], { env });
  expect({ stdout, status }).toEqual({ stdout: 'I ran\n', status: 0 });
});

test.each(LAUNCHED)('%s: the program finds its variables as they were', async mode => {
  const env = {
    NODE_OPTIONS: '--title="a b" --no-warnings',
    NODE_V8_COVERAGE: path.join(folder, 'c'),
    NODE_DEBUG: 'x',
  };
  const show = [
    'sh',
    '-c',
    'printf "%s|%s|%s|%s" "$NODE_OPTIONS" "$NODE_V8_COVERAGE" "$NODE_DEBUG" "$OPENLIT_INSTRUMENT_SET_ASIDE"',
  ];
  const { stdout } = await observe(mode, show, env);
  expect(stdout).toMatch(/^--require "[^"]+" --title="a b" --no-warnings\|/);
  expect(stdout.slice(stdout.indexOf('|'))).toBe(`|${env.NODE_V8_COVERAGE}|x|`);
});

test('a signal that asks for a heap snapshot is answered once, by the program', async () => {
  const cwd = path.join(folder, `run${++number}`);
  mkdirSync(cwd);
  const ready =
    'console.log("up"); const fs = require("node:fs"); setInterval(() => { if (fs.readdirSync(".").length) process.exit() }, 20)';
  const [first, ...words] = [...MODES.view, ...node(ready)];
  const child = spawn(first!, words, { cwd, env: cleanEnvironment({ NODE_OPTIONS: '--heapsnapshot-signal=SIGUSR2' }) });
  await once(child.stdout, 'data');
  child.kill('SIGUSR2');
  await once(child, 'close');
  const snapshots = readdirSync(cwd);
  expect(snapshots).toHaveLength(1);
  expect(snapshots[0]).not.toContain(`.${child.pid}.`);
  expect(readFileSync(path.join(cwd, snapshots[0]!), 'utf8').length).toBeGreaterThan(0);
});

/** A WebSocket to an inspector, without a library: Node 20 has no client. */
async function debugger_(url: string): Promise<net.Socket> {
  const { hostname, port, pathname } = new URL(url);
  const socket = net.connect(Number(port), hostname);
  socket.on('error', () => {}); // the other end is replaced
  socket.write(
    `GET ${pathname} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\nSec-WebSocket-Version: 13\r\n\r\n`,
  );
  await once(socket, 'data');
  return socket;
}

/** A text frame of a client, masked with zeros. */
function frame(text: string): Buffer {
  return Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]);
}
