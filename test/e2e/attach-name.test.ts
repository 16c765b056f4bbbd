/** `attach --name`: what has the name now, what gets it later, and none of the rest of the machine. */
import { execFileSync } from 'node:child_process';
import { symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, expect } from '@jest/globals';
import { attachedTo, type Lines, pidOf } from '../attach/attached.js';
import { attachBench, get, goAndEnd, pathsOf, real, reason } from '../support/attach-bench.js';
import { LAUNCH } from '../support/launcher.js';

/** The kernel keeps 15 characters of a name. */
const NAME = `t${process.pid.toString(36)}`;

const bench = attachBench();
let python: string;
beforeAll(() => {
  if (reason) return;
  const where = ['-c', 'import os, sys; print(os.path.realpath(sys.executable))'];
  python = path.join(bench.folder, `${NAME}-program`);
  symlinkSync(execFileSync('python3', where, { encoding: 'utf8' }).trim(), python);
});

const client = (name: string) => bench.client([get(name)], { python });
const observer = (...words: string[]) => bench.startAttach(...words, '--format', 'exchanges');
const observed = async (observing: Lines, program: Lines) => attachedTo(observing, await pidOf(program));
/** Without the clients' warm-up, which came before or after us. */
const paths = (observing: Lines) => pathsOf(observing).filter(where => where !== '/warm');

real('none yet, then two, one after the other: each is observed, and only Ctrl-C ends', async () => {
  const observing = observer('--name', `${NAME}*`);
  await observing.line(line => line.includes(`no process has the name ${NAME}* now; waiting for one`));
  for (const name of ['one', 'two']) {
    const program = client(name);
    await observed(observing, program);
    await goAndEnd(program);
    await observing.line(line => line.includes(`/${name}?size=10`));
  }
  expect(await observing.kill('SIGINT')).toBe(0);
  expect(paths(observing)).toEqual(['/one?size=10', '/two?size=10']);
});

real('the name of the executable itself fits as well, and --explain looks once', async () => {
  const program = client('explained');
  await pidOf(program);
  const words = [...LAUNCH.slice(1), 'attach', '--explain', '--name'];
  expect(execFileSync(LAUNCH[0]!, [...words, `${NAME}-progra?`], { encoding: 'utf8' })).toContain('OpenSSL');
  expect(execFileSync(LAUNCH[0]!, [...words, `${NAME}-none`], { encoding: 'utf8', stdio: 'pipe' })).toBe('');
});

const WORKERS = 5;
const FORKS = `
import http.client, json, os, ssl, sys, time
print(json.dumps({'ready': os.getpid()}), flush=True)
for worker in range(${WORKERS}):
    sys.stdin.readline()
    pid = os.fork()
    if pid == 0:
        sys.stdin.readline()
        c = http.client.HTTPSConnection('127.0.0.1', int(sys.argv[1]), context=ssl._create_unverified_context())
        c.request('GET', f'/worker{worker}?size=10')
        c.getresponse().read()
        c.close()
        os._exit(0)
    time.sleep(0.4)  # longer than the time between two looks by name
    print('forked', pid, flush=True)
    os.wait()
sys.stdin.read()
`;

real('workers that are found by their name before their birth is read stay observed', async () => {
  const script = path.join(bench.folder, 'forks.py');
  writeFileSync(script, FORKS);
  const program = bench.start(python, [script, `${bench.server.port}`]);
  const observing = observer('--name', `${NAME}*`);
  await observed(observing, program);
  const known = new Set<string>();
  for (let worker = 0; worker < WORKERS; worker++) {
    observing.process.kill('SIGSTOP'); // then the look is due when the ring is read: which is first, chance decides
    program.say('fork');
    const forked = await program.line(line => line.startsWith('forked') && !known.has(line));
    known.add(forked);
    observing.process.kill('SIGCONT');
    await attachedTo(observing, Number(forked.split(' ')[1]));
    program.say('go');
    await observing.line(line => line.includes(`/worker${worker}?`));
  }
  expect(await observing.kill('SIGINT')).toBe(0);
  expect(paths(observing)).toHaveLength(WORKERS);
});
