/** Sessions: how they begin, whom they follow, how they end, and what they leave behind: nothing. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import {
  attach,
  type Lines,
  PROGRAMS,
  pidOf,
  ROOT,
  type Server,
  start,
  startServer,
  whyNot,
} from '../attach/attached.js';

const reason = whyNot();
if (reason) console.log(`skipped: attach cannot be tested here: ${reason}`);
const real = reason ? test.skip : test;

let server: Server;
let folder: string;
const running: Lines[] = [];
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'attach-'));
  if (!reason) server = await startServer();
});
afterEach(async () => {
  for (const lines of running.splice(0)) await lines.kill();
});
afterAll(async () => {
  await server?.lines.kill();
  rmSync(folder, { recursive: true });
});

type Step = [method: string, path: string, size: number];
function client(plan: Step[]): Lines {
  const file = path.join(folder, `plan-${running.length}.json`);
  writeFileSync(file, JSON.stringify(plan));
  return keep(start('python3', [path.join(PROGRAMS, 'client.py'), 'http.client', `${server.port}`, file]));
}
function keep(lines: Lines): Lines {
  running.push(lines);
  return lines;
}
const observe = async (pids: number[], args?: string[]) => keep(await attach(pids, args));
const get = (name: string): Step => ['GET', `/${name}?size=10`, 0];
const paths = (observer: Lines) => observer.seen.map(line => JSON.parse(line).path).sort();
const run = async (program: Lines) => {
  program.say('go');
  await program.line(line => line === 'done');
};
/** Ids in the kernel of the programs and links that a process holds, as its descriptors say: `bpftool` cannot tell whose they are. */
const held = (pid: number) => {
  const ids = { prog: new Set<number>(), link: new Set<number>() };
  for (const descriptor of readdirSync(`/proc/${pid}/fdinfo`)) {
    const text = readFileSync(`/proc/${pid}/fdinfo/${descriptor}`, 'utf8');
    const id = (what: string) => Number(new RegExp(`^${what}_id:\\s+(\\d+)`, 'm').exec(text)?.[1]);
    if (id('link')) ids.link.add(id('link'));
    else if (id('prog')) ids.prog.add(id('prog'));
  }
  return ids;
};
/** Those of them that the kernel has still, in words. Programs are freed when the last processor has left them. */
const leftovers = async (ids: ReturnType<typeof held>) => {
  const list = (kind: 'prog' | 'link') => {
    const all = JSON.parse(execFileSync('bpftool', ['-j', kind, 'show'], { encoding: 'utf8' })) as { id: number }[];
    return all.filter(({ id }) => ids[kind].has(id)).map(({ id }) => `${kind} ${id}`);
  };
  try {
    const links = list('link'); // with them the probes: gone at once
    const until = performance.now() + 5000;
    while (list('prog').length > 0 && performance.now() < until) await new Promise(resolve => setImmediate(resolve));
    return [...links, ...list('prog')];
  } catch {
    console.log('skipped: bpftool is not installed, so what the kernel still holds cannot be listed');
    return [];
  }
};

real(
  'several processes, each under its own pid',
  async () => {
    const [one, two] = [client([get('one')]), client([get('two')])];
    const pids = [await pidOf(one), await pidOf(two)];
    const observer = await observe(pids);
    await Promise.all([run(one), run(two)]);
    await Promise.all([one.end(), two.end()]);
    expect(await observer.exited).toBe(0);
    const seen = observer.seen.map(line => JSON.parse(line)).map(({ pid, path: where }) => `${pid} ${where}`);
    expect(seen.sort()).toEqual([`${pids[0]} /one?size=10`, `${pids[1]} /two?size=10`].sort());
  },
  30_000,
);

real.each([
  ['SIGINT', 'multi'],
  ['SIGTERM', 'multi'],
  ['SIGINT', 'perf'],
] as const)(
  '%s takes every probe off within a second (%s)',
  async (signal, link) => {
    const program = client([get('before'), get('after')]);
    const observer = await observe([await pidOf(program)], ['--format', 'exchanges', '--link', link]);
    const ids = held(observer.process.pid!);
    expect(ids.prog.size).toBe(5);
    if (link === 'multi') expect(ids.link.size).toBeGreaterThan(3); // of the three that follow processes, and the probes
    expect(await observer.kill(signal)).toBe(0);
    expect(await leftovers(ids)).toEqual([]);
    await run(program); // it runs on as if nothing had been
    await program.end();
  },
  30_000,
);

real(
  'killed with SIGKILL it leaves nothing behind, and the program goes on',
  async () => {
    const program = client([get('one'), get('two')]);
    const observer = await observe([await pidOf(program)]);
    const ids = held(observer.process.pid!);
    await observer.kill('SIGKILL');
    await run(program);
    await program.end();
    expect(await leftovers(ids)).toEqual([]);
  },
  30_000,
);

const PREFORK = `
import os, subprocess, sys
context = 'import ssl, http.client, sys; c = http.client.HTTPSConnection("127.0.0.1", %d, context=ssl._create_unverified_context()); c.request("GET", sys.argv[1]); c.getresponse().read(); c.close()'
import http.client, json, ssl, time
print(json.dumps({'ready': os.getpid()}), flush=True)
sys.stdin.readline()
def ask(path):
    c = http.client.HTTPSConnection('127.0.0.1', %d, context=ssl._create_unverified_context())
    c.request('GET', path)
    c.getresponse().read()
    c.close()
for i in range(3):
    if os.fork() == 0:
        time.sleep(0.3)  # a worker that lives on, as servers have them
        ask(f'/worker{i}?size=10')
        os._exit(0)
for _ in range(3):
    os.wait()
subprocess.run([sys.executable, '-c', 'import time; time.sleep(0.3);' + context, '/spawned?size=10'], check=True)
print('done', flush=True)
sys.stdin.readline()
`;

real(
  'children: forked workers and started programs',
  async () => {
    const script = path.join(folder, 'prefork.py');
    writeFileSync(script, PREFORK.replaceAll('%d', `${server.port}`));
    const program = keep(start('python3', [script]));
    const observer = await observe([await pidOf(program)]);
    await run(program);
    await program.end();
    expect(await observer.exited).toBe(0);
    expect(paths(observer)).toEqual(['/spawned?size=10', '/worker0?size=10', '/worker1?size=10', '/worker2?size=10']);
    for (const line of observer.seen) expect(JSON.parse(line).partial).toEqual([]);
  },
  30_000,
);

real(
  'a process that loads its TLS library later',
  async () => {
    const script = path.join(folder, 'late.py');
    writeFileSync(
      script,
      `import json, os, sys\nprint(json.dumps({'ready': os.getpid()}), flush=True)\nsys.stdin.readline()\nimport http.client, ssl\nprint('loaded', flush=True)\nsys.stdin.readline()\nc = http.client.HTTPSConnection('127.0.0.1', ${server.port}, context=ssl._create_unverified_context())\nc.request('GET', '/late?size=10')\nc.getresponse().read()\nc.close()\nprint('done', flush=True)\n`,
    );
    const program = keep(start('python3', [script]));
    const pid = await pidOf(program);
    const observer = keep(
      start(process.execPath, [path.join(ROOT, 'bin/run.js'), 'attach', '--pid', `${pid}`, '--format', 'exchanges']),
    );
    await observer.line(line => line.includes('no TLS library'));
    program.say('load');
    await observer.line(line => line.startsWith('attached'));
    program.say('go');
    await program.end();
    await observer.exited;
    expect(paths(observer)).toEqual(['/late?size=10']);
  },
  30_000,
);

real(
  'nginx as the server: its worker is a child, and the role is server',
  async () => {
    const found = spawnSync('nginx', ['-v'], { stdio: 'ignore' });
    if (found.error) return console.log('skipped: nginx is not installed');
    const port = await freePort();
    const tls = path.join(ROOT, 'test/fixtures/tls');
    writeFileSync(
      path.join(folder, 'nginx.conf'),
      `daemon off; worker_processes 2; pid ${folder}/nginx.pid; error_log ${folder}/error.log; user root;
events {}
http { access_log off; server { listen 127.0.0.1:${port} ssl; ssl_certificate ${tls}/server.pem; ssl_certificate_key ${tls}/server.key;
  location / { default_type application/json; return 200 '{"answer": true}'; } } }`,
    );
    const nginx = keep(start('nginx', ['-p', folder, '-c', path.join(folder, 'nginx.conf')]));
    await reachable(port);
    const master = nginx.process.pid!;
    // The port answers as soon as the master has bound it; its workers come a moment later.
    let workers: number[] = [];
    while (workers.length < 2) {
      await new Promise(resolve => setImmediate(resolve));
      const children = readFileSync(`/proc/${master}/task/${master}/children`, 'utf8');
      workers = children.split(' ').filter(Boolean).map(Number);
    }
    const observer = await observe(workers);
    for (let i = 0; i < 5; i++) execFileSync('curl', ['-sk', '-d', 'question', `https://127.0.0.1:${port}/n${i}`]);
    await observer.line(line => line.includes('/n4'));
    expect(await observer.kill('SIGINT')).toBe(0);
    const seen = observer.seen.map(line => JSON.parse(line));
    expect(seen.map(({ path: where }) => where).sort()).toEqual(['/n0', '/n1', '/n2', '/n3', '/n4']);
    for (const exchange of seen)
      expect(exchange).toMatchObject({ role: 'server', status: 200, request_size: 8, response_size: 16, partial: [] });
  },
  30_000,
);

real(
  'a small ring loses bytes under a flood: counted, said, and marked',
  async () => {
    const plan: Step[] = Array.from({ length: 8 }, (_, i) => ['POST', `/flood${i}?size=2000000`, 10]);
    const program = client(plan);
    const observer = await observe([await pidOf(program)], ['--format', 'exchanges', '--ring-size', '64KiB']);
    observer.process.kill('SIGSTOP'); // a reader that does not read
    program.say('go');
    await program.line(line => line === 'done');
    observer.process.kill('SIGCONT');
    await program.end();
    await observer.exited;
    const seen = observer.seen.map(line => JSON.parse(line));
    const whole = seen.filter(({ partial }) => partial.length === 0);
    for (const exchange of whole) expect(exchange).toMatchObject({ status: 200, response_size: 2_000_000 });
    expect(whole.length).toBeLessThan(plan.length);
    expect(observer.errors.join('\n')).toMatch(/lost \d+ bytes in \d+ records: the ring was full/);
  },
  60_000,
);

real('without privileges: status 3, the capability and the command', () => {
  const bare = spawnSync('setpriv', ['--version'], { stdio: 'ignore' });
  if (bare.error) return console.log('skipped: setpriv is not installed');
  const found = spawnSync(
    'setpriv',
    [
      '--bounding-set=-all',
      '--inh-caps=-all',
      process.execPath,
      path.join(ROOT, 'bin/run.js'),
      'attach',
      '--pid',
      `${process.pid}`,
    ],
    { encoding: 'utf8' },
  );
  expect(found.stderr).toContain('CAP_BPF is missing');
  expect(found.stderr).toMatch(/sudo openlit-instrument attach|--cap-add BPF/);
  expect(found.status).toBe(3);
});

real('no such process: one line, status 1', () => {
  const found = spawnSync(process.execPath, [path.join(ROOT, 'bin/run.js'), 'attach', '--pid', '4194304'], {
    encoding: 'utf8',
  });
  expect(found.stderr).toContain('there is no process 4194304');
  expect(found.status).toBe(1);
});

real('--explain prints the plan and attaches nothing', async () => {
  const program = client([get('x')]);
  const pid = await pidOf(program);
  const text = execFileSync(
    process.execPath,
    [path.join(ROOT, 'bin/run.js'), 'attach', '--pid', `${pid}`, '--explain'],
    { encoding: 'utf8' },
  );
  expect(text).toMatch(/OpenSSL, build [0-9a-f]{16}/);
  expect(text).toMatch(/write +(inner function of )?SSL_write/);
});

real(
  'what was recorded decodes to the same exchanges',
  async () => {
    const program = client([get('one'), ['POST', '/two?size=200000', 300_000]]);
    const file = path.join(folder, 'records');
    const observer = await observe([await pidOf(program)], ['--format', 'exchanges', '--record', file]);
    await run(program);
    await program.end();
    await observer.exited;
    const lines = execFileSync(process.execPath, [path.join(ROOT, 'bin/run.js'), 'decode', file], { encoding: 'utf8' });
    expect(lines.trim().split('\n')).toHaveLength(observer.seen.length);
  },
  30_000,
);

async function freePort(): Promise<number> {
  const { createServer } = await import('node:net');
  return new Promise(resolve => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}

async function reachable(port: number): Promise<void> {
  const { connect } = await import('node:net');
  for (;;) {
    const open = await new Promise<boolean>(resolve => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy();
        resolve(true);
      }).on('error', () => resolve(false));
    });
    if (open) return;
    await new Promise(resolve => setImmediate(resolve));
  }
}
