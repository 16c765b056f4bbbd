/** `attach --name`: what has the name now, what gets it later, and none of the rest of the machine. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { type Lines, PROGRAMS, pidOf, ROOT, type Server, start, startServer, whyNot } from '../attach/attached.js';

const reason = whyNot();
if (reason) console.log(`skipped: attach cannot be tested here: ${reason}`);
const real = reason ? test.skip : test;
/** The kernel keeps 15 characters of a name. */
const NAME = `t${process.pid.toString(36)}`;

let server: Server;
let folder: string;
let python: string;
const running: Lines[] = [];
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'attach-name-'));
  if (reason) return;
  server = await startServer();
  const where = ['-c', 'import os, sys; print(os.path.realpath(sys.executable))'];
  python = path.join(folder, `${NAME}-program`);
  symlinkSync(execFileSync('python3', where, { encoding: 'utf8' }).trim(), python);
});
afterEach(async () => {
  for (const lines of running.splice(0)) await lines.kill();
});
afterAll(async () => {
  await server?.lines.kill();
  rmSync(folder, { recursive: true });
});

function keep(lines: Lines): Lines {
  running.push(lines);
  return lines;
}
function client(name: string): Lines {
  const file = path.join(folder, `plan-${name}.json`);
  writeFileSync(file, JSON.stringify([['GET', `/${name}?size=10`, 0]]));
  return keep(start(python, [path.join(PROGRAMS, 'client.py'), 'http.client', `${server.port}`, file]));
}
const observer = (...words: string[]) =>
  keep(start(process.execPath, [path.join(ROOT, 'bin/run.js'), 'attach', ...words, '--format', 'exchanges']));
const observed = async (observing: Lines, program: Lines) => {
  const pid = await pidOf(program);
  await observing.line(line => line.startsWith('attached') && line.includes(`(pid ${pid})`));
};
const run = async (program: Lines) => {
  program.say('go');
  await program.line(line => line === 'done');
  await program.end();
};
/** Without the clients' warm-up, which came before or after us. */
const paths = (observing: Lines) =>
  observing.seen
    .map(line => JSON.parse(line).path)
    .filter(where => where !== '/warm')
    .sort();

real('none yet, then two, one after the other: each is observed, and only Ctrl-C ends', async () => {
  const observing = observer('--name', `${NAME}*`);
  await observing.line(line => line.includes(`no process has the name ${NAME}* now; what starts later is observed`));
  for (const name of ['one', 'two']) {
    const program = client(name);
    await observed(observing, program);
    await run(program);
    await observing.line(line => line.includes(`/${name}?size=10`));
  }
  expect(await observing.kill('SIGINT')).toBe(0);
  expect(paths(observing)).toEqual(['/one?size=10', '/two?size=10']);
});

real('the name of the executable itself fits as well, and --explain looks once', async () => {
  const program = client('explained');
  await pidOf(program);
  const words = [path.join(ROOT, 'bin/run.js'), 'attach', '--explain', '--name'];
  expect(execFileSync(process.execPath, [...words, `${NAME}-progra?`], { encoding: 'utf8' })).toContain('OpenSSL');
  expect(execFileSync(process.execPath, [...words, `${NAME}-none`], { encoding: 'utf8', stdio: 'pipe' })).toBe('');
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
  const script = path.join(folder, 'forks.py');
  writeFileSync(script, FORKS);
  const program = keep(start(python, [script, `${server.port}`]));
  const observing = observer('--name', `${NAME}*`);
  await observed(observing, program);
  const known = new Set<string>();
  for (let worker = 0; worker < WORKERS; worker++) {
    observing.process.kill('SIGSTOP'); // then the look is due when the ring is read: which is first, chance decides
    program.say('fork');
    const forked = await program.line(line => line.startsWith('forked') && !known.has(line));
    known.add(forked);
    observing.process.kill('SIGCONT');
    const pid = forked.split(' ')[1];
    await observing.line(line => line.startsWith('attached') && line.includes(`(pid ${pid})`));
    program.say('go');
    await observing.line(line => line.includes(`/worker${worker}?`));
  }
  expect(await observing.kill('SIGINT')).toBe(0);
  expect(paths(observing)).toHaveLength(WORKERS);
});
