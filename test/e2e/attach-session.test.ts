/** Sessions: how they begin, whom they follow, how they end, and what they leave behind: nothing. */
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from '@jest/globals';
import { PROGRAMS, pidOf } from '../attach/attached.js';
import { attachBench, exchangesOf, get, go, goAndEnd, pathsOf, real } from '../support/attach-bench.js';
import { LAUNCH } from '../support/launcher.js';

const bench = attachBench();

/** Two for TLS in C and one in Go, three that follow processes, three for sockets. */
const PROGRAMS_LOADED = process.arch === 'x64' ? 10 : 9;

/** Ids in the kernel of the programs and links that a process holds, as its descriptors say: `bpftool` cannot tell whose they are. */
const held = (pid: number) => {
  const ids = { prog: new Set<number>(), link: new Set<number>() };
  for (const descriptor of readdirSync(`/proc/${pid}/fdinfo`)) {
    let text: string;
    try {
      text = readFileSync(`/proc/${pid}/fdinfo/${descriptor}`, 'utf8');
    } catch {
      continue; // closed meanwhile
    }
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

real('at rest the observer has little memory of its own, and keeps nothing that it has freed', async () => {
  const program = bench.client([get('one')]);
  const observer = await bench.observe([program]);
  const rollup = readFileSync(`/proc/${observer.process.pid}/smaps_rollup`, 'utf8');
  const anonymous = Number(/^Anonymous:\s+(\d+) kB/m.exec(rollup)?.[1]) / 1024;
  process.stderr.write(`${anonymous.toFixed(0)} MB anonymous\n`);
  // 39 to 47 MB on Node 20; 65 to 75 with a young generation that has grown.
  expect(anonymous).toBeLessThan(60);
  await goAndEnd(program);
  expect(await observer.exited).toBe(0);
});

real('several processes, each under its own pid', async () => {
  const [one, two] = [bench.client([get('one')]), bench.client([get('two')])];
  const pids = [one.process.pid, two.process.pid];
  const observer = await bench.observe([one, two]);
  await Promise.all([goAndEnd(one), goAndEnd(two)]);
  expect(await observer.exited).toBe(0);
  const seen = exchangesOf(observer).map(({ pid, path: where }) => `${pid} ${where}`);
  expect(seen.sort()).toEqual([`${pids[0]} /one?size=10`, `${pids[1]} /two?size=10`].sort());
});

real.each([
  ['SIGINT', 'multi'],
  ['SIGTERM', 'multi'],
  ['SIGINT', 'perf'],
] as const)('%s takes every probe off within a second (%s)', async (signal, link) => {
  const program = bench.client([get('before'), get('after')]);
  const observer = await bench.observe([program], ['--format', 'exchanges', '--link', link]);
  const ids = held(observer.process.pid!);
  expect(ids.prog.size).toBe(PROGRAMS_LOADED);
  if (link === 'multi') expect(ids.link.size).toBeGreaterThan(3); // of the three that follow processes, and the probes
  expect(await observer.kill(signal)).toBe(0);
  expect(await leftovers(ids)).toEqual([]);
  await go(program); // it runs on as if nothing had been
  await program.end();
});

real('killed with SIGKILL it leaves nothing behind, and the program goes on', async () => {
  const program = bench.client([get('one'), get('two')]);
  const observer = await bench.observe([program]);
  const ids = held(observer.process.pid!);
  await observer.kill('SIGKILL');
  await goAndEnd(program);
  expect(await leftovers(ids)).toEqual([]);
});

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

real('children: forked workers and started programs', async () => {
  const script = path.join(bench.folder, 'prefork.py');
  writeFileSync(script, PREFORK.replaceAll('%d', `${bench.server.port}`));
  const program = bench.start('python3', [script]);
  const observer = await bench.observe([program]);
  await goAndEnd(program);
  expect(await observer.exited).toBe(0);
  expect(pathsOf(observer)).toEqual(['/spawned?size=10', '/worker0?size=10', '/worker1?size=10', '/worker2?size=10']);
  for (const { partial } of exchangesOf(observer)) expect(partial).toEqual([]);
});

real('a process that loads its TLS library later', async () => {
  const script = path.join(bench.folder, 'late.py');
  writeFileSync(
    script,
    `import json, os, sys\nprint(json.dumps({'ready': os.getpid()}), flush=True)\nsys.stdin.readline()\nimport http.client, ssl\nprint('loaded', flush=True)\nsys.stdin.readline()\nc = http.client.HTTPSConnection('127.0.0.1', ${bench.server.port}, context=ssl._create_unverified_context())\nc.request('GET', '/late?size=10')\nc.getresponse().read()\nc.close()\nprint('done', flush=True)\n`,
  );
  const program = bench.start('python3', [script]);
  const pid = await pidOf(program);
  const observer = bench.startAttach('--pid', `${pid}`, '--format', 'exchanges');
  await observer.line(line => line.includes('no supported TLS library'));
  program.say('load');
  await observer.line(line => line.startsWith('attached'));
  program.say('go');
  await program.end();
  await observer.exited;
  expect(pathsOf(observer)).toEqual(['/late?size=10']);
});

real('a program that replaces itself again and again, and in between has nothing mapped', async () => {
  const script = path.join(bench.folder, 'again.sh');
  writeFileSync(
    script,
    `[ "$1" = 500 ] && echo '{"ready":'$$'}' && read go
[ "$1" -gt 0 ] && exec sh "$0" $(($1 - 1)) "$2" "$3" "$4"
exec python3 "$2" http.client "$3" "$4"
`,
  );
  const words = ['500', path.join(PROGRAMS, 'client.py'), `${bench.server.port}`, bench.plan([get('at-last')])];
  const program = bench.start('sh', [script, ...words]);
  const observer = bench.startAttach('--pid', `${await pidOf(program)}`, '--format', 'exchanges');
  await observer.line(line => line.includes('no supported TLS library'));
  program.say('go');
  await observer.line(line => line.startsWith('attached to python'));
  await goAndEnd(program);
  expect(await observer.exited).toBe(0);
  expect(pathsOf(observer)).toContain('/at-last?size=10'); // its first request may be seen, too
});

real('without privileges: status 3, the capability and the command', () => {
  const bare = spawnSync('setpriv', ['--version'], { stdio: 'ignore' });
  if (bare.error) return console.log('skipped: setpriv is not installed');
  const words = ['--bounding-set=-all', '--inh-caps=-all', ...LAUNCH, 'attach', '--pid', `${process.pid}`];
  const found = spawnSync('setpriv', words, { encoding: 'utf8' });
  expect(found.stderr).toContain('CAP_BPF is missing');
  expect(found.stderr).toMatch(/sudo openlit-instrument attach|--cap-add BPF/);
  expect(found.status).toBe(3);
});

real('no such process: one line, status 1', () => {
  const found = spawnSync(LAUNCH[0]!, [...LAUNCH.slice(1), 'attach', '--pid', '4194304'], { encoding: 'utf8' });
  expect(found.stderr).toContain('there is no process 4194304');
  expect(found.status).toBe(1);
});

real('--explain prints the plan and attaches nothing', async () => {
  const program = bench.client([get('x')]);
  const pid = await pidOf(program);
  const words = [...LAUNCH.slice(1), 'attach', '--pid', `${pid}`, '--explain'];
  const text = execFileSync(LAUNCH[0]!, words, { encoding: 'utf8' });
  expect(text).toMatch(/OpenSSL, build [0-9a-f]{16}/);
  expect(text).toMatch(/write +(inner function of )?SSL_write/);
});

real('what was recorded decodes to the same exchanges', async () => {
  const program = bench.client([get('one'), ['POST', '/two?size=200000', 300_000]]);
  const file = path.join(bench.folder, 'records');
  const observer = await bench.observe([program], ['--format', 'exchanges', '--record', file]);
  await goAndEnd(program);
  await observer.exited;
  const lines = execFileSync(LAUNCH[0]!, [...LAUNCH.slice(1), 'decode', file], { encoding: 'utf8' });
  expect(lines.trim().split('\n')).toHaveLength(observer.seen.length);
});
