/**
 * What a person sees of `run`, `attach`, `ps` and `doctor`, as reviewed snapshots: real terminals of 80 and 140 columns,
 * with and without colour, and a pipe. Times, pids, versions and paths are replaced by others of the same width.
 */
import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import stringWidth from 'string-width';
import { start, whyNot } from '../attach/attached.js';
import { EXAMPLE_WORDS, installExample } from '../support/example.js';
import { cleanEnvironment, LAUNCH, run } from '../support/launcher.js';
import { onlyPlanted, withHosts } from '../support/only-planted.js';
import { CA_FILE, type Provider, startProvider } from '../support/provider.js';
import { noTerminal, onTerminal, plainLines, type Step, settled } from '../support/terminal.js';

// Real programs on a machine that may be busy, and one `npm ci`.
jest.setTimeout(120_000);
const noAttach = whyNot();
for (const reason of [noTerminal, noAttach]) if (reason) process.stderr.write(`skipped on a terminal: ${reason}\n`);
const everybody = noTerminal ? describe.skip : describe;
const root = noTerminal || noAttach ? describe.skip : describe;
const WIDTHS = [80, 140];

let folder: string;
let provider: Provider;
let secure: Provider;
const closers: (() => void)[] = [];
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'term-'));
  provider = await startProvider();
  secure = await startProvider({ tls: true });
  installExample();
});
afterAll(async () => {
  for (const close of closers) close();
  await provider.close();
  await secure.close();
  rmSync(folder, { recursive: true, force: true });
});

interface View {
  readonly words: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly steps?: readonly Step[];
  /** Replaces what differs from run to run and from machine to machine. */
  readonly same: (text: string) => string;
}

/** In colour as reviewed; without colour the same words; nothing wider than the terminal. */
async function expectOnTerminal(columns: number, view: View): Promise<void> {
  const coloured = await onTerminal(columns, view.words, view);
  expect(view.same(settled(coloured.output))).toMatchSnapshot();
  const plain = await onTerminal(columns, view.words, { ...view, env: { ...view.env, NO_COLOR: '1' } });
  expect(plain.output).not.toMatch(/\u001b\[[\d;]*m/);
  const [words, others] = [coloured, plain].map(({ output }) => view.same(plainLines(output).join('\n')));
  expect(others).toBe(words);
  expect(plainLines(plain.output).filter(line => stringWidth(line) > columns)).toEqual([]);
}

/** Equal where the width of what is replaced may differ: the spaces behind it go with it. */
const padded = (pattern: RegExp, text: string) => (whole: string) =>
  whole.replace(pattern, match => text.padEnd(match.length));

const times = (text: string) => text.replace(/\d\d:\d\d:\d\d/g, '03:04:05').replace(/\d+\.\d+s/g, '0.12s');
const ofNode = padded(/node\[\d+\] *(?=\S|\u001b)/g, 'node[4242]');

everybody('run', () => {
  const view = (): View => ({
    words: [...LAUNCH, ...EXAMPLE_WORDS],
    env: {
      OPENAI_BASE_URL: `${provider.url}/openai/v1`,
      OPENAI_API_KEY: 'sk-planted-key-0123456789',
      OPENLIT_INSTRUMENT_CACHE_DIR: path.join(folder, 'cache'),
      TZ: 'UTC',
    },
    // The program's own lines come between ours at their own times.
    same: text => ofNode(times(text.replace(/^(answer|stream|tool|error):.*\n/gm, ''))),
  });

  test.each(WIDTHS)('%d columns', columns => expectOnTerminal(columns, view()));

  test('a pipe, with the messages', async () => {
    const { same, env = {} } = view();
    const words = [...LAUNCH, '--verbose', '--capture-content', ...EXAMPLE_WORDS];
    const { stderr } = await run(words, { env: cleanEnvironment(env) });
    expect(same(stderr)).toMatchSnapshot();
  });
});

/** Asks five times when it gets SIGUSR2: one answer, one stream, two that belong to a tool, one error. */
const TALKER = `
process.on('SIGUSR2', () => import(process.argv[2]));
setInterval(() => {}, 1e6);
console.log('up');
`;

root('attach', () => {
  /** A program makes its calls once: each view needs one of its own. */
  async function startTalker(): Promise<number> {
    const file = path.join(folder, 'talker.mjs');
    writeFileSync(file, TALKER);
    const talker = start(process.execPath, [file, EXAMPLE_WORDS[1]!], {
      env: cleanEnvironment({
        OPENAI_BASE_URL: `${secure.url}/openai/v1`,
        OPENAI_API_KEY: 'sk-planted-key-0123456789',
        NODE_EXTRA_CA_CERTS: CA_FILE,
      }),
    });
    closers.push(() => talker.process.kill('SIGKILL'));
    await talker.line(line => line === 'up');
    return talker.process.pid!;
  }

  const same = (text: string) =>
    ofNode(times(text))
      .replace(/pid \d+/g, 'pid 4242')
      .replace(/in \S*\/node\b/g, 'in /usr/bin/node')
      // Names and offsets are those of this Node.
      .replace(/^(.*probes)[\s\S]*?(?=^.*seen )/m, '$1    …\n')
      .replace(/\d+ records, [\d.]+ kB/, '99 records, 9.9 kB')
      .replace(/[\d.]+ s of CPU, [\d.]+ MB/, '0.99 s of CPU, 99.9 MB');

  test.each(WIDTHS)('%d columns', async columns => {
    const shown: string[] = [];
    for (const env of [{}, { NO_COLOR: '1' }]) {
      const pid = await startTalker();
      const steps: Step[] = [
        { see: 'attached', run: ['kill', '-USR2', String(pid)] },
        { see: 'model_not_found', send: '\u0003' },
      ];
      const { output } = await onTerminal(columns, [...LAUNCH, 'attach', '--pid', String(pid)], {
        env: { ...env, TZ: 'UTC' },
        steps,
      });
      expect(plainLines(output).filter(line => stringWidth(line) > columns)).toEqual([]);
      shown.push(output);
    }
    const [coloured, plain] = shown as [string, string];
    expect(same(settled(coloured))).toMatchSnapshot();
    expect(plain).not.toMatch(/\u001b\[[\d;]*m/);
    expect(same(plainLines(plain).join('\n'))).toBe(same(plainLines(coloured).join('\n')));
  });

  test('a pipe, with the messages', async () => {
    const pid = await startTalker();
    const words = [...LAUNCH.slice(1), 'attach', '--verbose', '--capture-content', '--pid', String(pid)];
    const observer = start(LAUNCH[0]!, words, { env: cleanEnvironment({ TZ: 'UTC' }) });
    closers.push(() => observer.process.kill('SIGKILL'));
    await observer.line(line => line.startsWith('attached'));
    process.kill(pid, 'SIGUSR2');
    await observer.line(line => line.includes('model_not_found'));
    expect(await observer.kill('SIGINT')).toBe(0);
    expect(same(observer.errors.join('\n'))).toMatchSnapshot();
  });
});

/** Says that it is up once it stands where the test wants it, connected where it was told to. */
const IDLE = `
const up = () => console.log('up');
if (process.env.PORT) require('node:net').connect(process.env.PORT, '127.0.7.2', up);
else up();
setInterval(() => {}, 1e6);
`;

root('ps', () => {
  let view: View;

  async function plant(words: readonly string[], env: NodeJS.ProcessEnv = {}, cwd = folder): Promise<number> {
    const keys = Object.keys(process.env).filter(name => /_API_KEY$|_TOKEN$/.test(name));
    const without = Object.fromEntries(keys.map(name => [name, undefined]));
    const child = spawn(words[0]!, words.slice(1), {
      cwd,
      env: cleanEnvironment({ ...without, VIRTUAL_ENV: undefined, ...env }),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    closers.push(() => child.kill('SIGKILL'));
    await new Promise(resolve => child.stdout!.once('data', resolve));
    return child.pid!;
  }

  beforeAll(async () => {
    // A path that says the version, and the widest one that there is: the same columns on every machine.
    const node = path.join(folder, 'node-v22.100.100/bin/node');
    mkdirSync(path.dirname(node), { recursive: true });
    copyFileSync(process.execPath, node);
    const app = (name: string, packages: readonly string[]) => {
      for (const each of packages) mkdirSync(path.join(folder, name, 'node_modules', each), { recursive: true });
      mkdirSync(path.join(folder, name), { recursive: true });
      writeFileSync(path.join(folder, name, 'app.cjs'), IDLE);
      return path.join(folder, name);
    };
    const silent = net.createServer(socket => socket.on('error', () => {}));
    await new Promise<void>(resolve => silent.listen(0, '127.0.7.2', resolve));
    closers.push(() => silent.close());
    const hosts = path.join(folder, 'hosts');
    writeFileSync(hosts, '127.0.0.1 localhost\n127.0.7.2 api.anthropic.com\n');
    const port = String((silent.address() as net.AddressInfo).port);
    const hook = path.join(folder, 'dist/bootstrap/node/hook.cjs');
    mkdirSync(path.dirname(hook), { recursive: true });
    writeFileSync(hook, '');
    const cgroup = path.join(folder, 'cgroup');
    writeFileSync(cgroup, '0::/system.slice/shop.service\n');

    const packages = ['openai', '@anthropic-ai/sdk', 'ai'];
    const planted: [number, number][] = [
      [101, await plant([...withHosts(hosts), node, 'app.cjs', '漢字の質問'], { PORT: port }, app('shop', packages))],
      [2002, await plant([node, 'app.cjs'], { NODE_OPTIONS: `--require "${hook}"` }, app('observed', ['openai']))],
      [30_003, await plant([node, '@openai/codex/app.cjs'], {}, path.dirname(path.dirname(app('@openai/codex', []))))],
      [400_004, await plant([node, 'app.cjs'], { GROQ_API_KEY: 'gsk-planted' }, app('key', []))],
      [400_005, await plant([node, '-e', 'console.log("up"); setInterval(() => {}, 1e6)'])],
    ];
    const namespace = onlyPlanted(folder, planted, cgroup);
    view = {
      words: [...namespace.words, ...LAUNCH, 'ps'],
      env: namespace.env,
      same: text => text.replaceAll(folder, '/tmp/term-abcdef'),
    };
  });

  test.each(WIDTHS)('%d columns', columns => expectOnTerminal(columns, view));

  test('a pipe', async () => {
    const { stdout } = await run([...view.words, '--all'], { env: cleanEnvironment(view.env) });
    expect(view.same(stdout)).toMatchSnapshot();
  });
});

everybody('ps, whoever runs it', () => {
  test.each(WIDTHS)('nothing is wider than %d columns', async columns => {
    const { output, status } = await onTerminal(columns, [...LAUNCH, 'ps', '--all']);
    expect(status).toBe(0);
    expect(plainLines(output).filter(line => stringWidth(line) > columns)).toEqual([]);
  });
});

everybody('doctor', () => {
  const view = (): View => {
    writeFileSync(path.join(folder, 'app.js'), '');
    writeFileSync(path.join(folder, 'openlit.yml'), 'application_name: shop\ntraces:\n  sampling_rate: 0\n');
    return {
      words: [...LAUNCH, 'doctor', '--', 'node', 'app.js'],
      cwd: folder,
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector.invalid:4317', OTEL_CONFIG_FILE: '/etc/otel.yaml' },
      same: text =>
        text
          .replaceAll(folder, '/tmp/term-abcdef')
          .replace(/\S+\/bin\/node/g, '/usr/bin/node')
          .replace(/Node \d+\.\d+\.\d+/g, 'Node 20.20.2')
          .replace(/\((ENOTFOUND|EAI_AGAIN)\)/, '(ENOTFOUND)'),
    };
  };

  test.each(WIDTHS)('%d columns', columns => expectOnTerminal(columns, view()));

  test('a pipe', async () => {
    const { words, same, env = {}, cwd } = view();
    const { stdout, status } = await run(words, { env: cleanEnvironment(env), ...(cwd && { cwd }) });
    expect(same(stdout)).toMatchSnapshot();
    expect(status).toBe(1);
  });
});
