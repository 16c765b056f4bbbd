/** Which process, from when: children that are there, parents that leave, execs, libraries that come late, limits of ours. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync } from 'node:fs';
import path from 'node:path';
import { expect } from '@jest/globals';
import { attachedTo, type Lines, pidOf } from '../attach/attached.js';
import { attachBench, get, go, goAndEnd, pathsOf, real } from '../support/attach-bench.js';
import { pythonFor, wholePaths } from '../support/attach-python.js';
import { LAUNCH } from '../support/launcher.js';

const bench = attachBench();
const LINKS = [['multi'], ['perf']] as const;

const python = pythonFor(bench);

real('children that are there already, and theirs', async () => {
  const program = python(
    'prefork',
    `import ssl
pipes = []
def child(name, nested):
    r, w = os.pipe()
    up, upw = os.pipe()
    if os.fork() == 0:
        inner = child(name + '-inner', False) if nested else None
        os.write(upw, b'x')
        os.read(r, 1)
        ask(name)
        if inner:
            os.write(inner, b'x')
            os.wait()
        os._exit(0)
    os.read(up, 1)
    return w
pipes = [child('one', False), child('two', True)]
ready()
for w in pipes: os.write(w, b'x')
for _ in pipes: os.wait()
done()
`,
  );
  const observer = await bench.observe([program]);
  await goAndEnd(program);
  expect(await observer.exited).toBe(0);
  expect(wholePaths(observer)).toEqual(['one', 'two', 'two-inner']);
  expect(observer.errors.join('\n')).toMatch(/dropped +nothing/);
});

real('with --no-follow they are left alone', async () => {
  const program = python(
    'nofollow',
    `import ssl
r, w = os.pipe()
if os.fork() == 0:
    os.read(r, 1)
    ask('child')
    os._exit(0)
ready()
os.write(w, b'x')
os.wait()
ask('parent')
done()
`,
  );
  const observer = await bench.observe([program], ['--format', 'exchanges', '--no-follow']);
  await goAndEnd(program);
  expect(await observer.exited).toBe(0);
  expect(wholePaths(observer)).toEqual(['parent']);
});

real.each([[1], [2]])('a program that goes into the background by %i forks is observed on', async forks => {
  const program = python(
    `daemon${forks}`,
    `ask('before')
ready()
for _ in range(${forks}):
    if os.fork(): os._exit(0)
    os.setsid()
ask('behind')
done()
`,
  );
  const observer = await bench.observe([program]);
  await go(program);
  program.process.stdin!.end();
  expect(await observer.exited).toBe(0); // not before the grandchild's end
  expect(wholePaths(observer)).toEqual(['behind']);
  expect(observer.errors.join('\n')).not.toMatch(/is not observed/);
});

real.each(LINKS)('an exec by another thread, and by the main one again (%s)', async link => {
  const program = python(
    'exec',
    `def replace(step): os.execv(sys.executable, [sys.executable, sys.argv[0], step])
step = sys.argv[1] if len(sys.argv) > 1 else 'first'
import ssl
if step == 'first':
    ready()
    t = threading.Thread(target=replace, args=['second'])
    t.start()
    t.join()
time.sleep(0.5)
ask(step)
if step == 'second': replace('third')
done()
`,
  );
  const observer = await bench.observe([program], ['--format', 'exchanges', '--link', link]);
  await goAndEnd(program);
  expect(await observer.exited).toBe(0);
  expect(wholePaths(observer)).toEqual(['second', 'third']);
  expect(observer.errors.join('\n')).toMatch(/dropped +nothing/);
});

real('short children of a program without TLS', async () => {
  const program = python(
    'children',
    `ready()
for i in range(5):
    subprocess.run([sys.executable, sys.argv[0].replace('children', 'child'), str(i)], check=True)
done()
`,
  );
  await pidOf(program);
  const child = python('child', 'ask(sys.argv[1]) if len(sys.argv) > 1 else ready()\n');
  await pidOf(child);
  const observer = bench.startAttach('--pid', `${await pidOf(program)}`, '--format', 'exchanges');
  await observer.line(line => line.includes('no supported TLS library'));
  await goAndEnd(program);
  expect(await observer.exited).toBe(0);
  expect(wholePaths(observer)).toEqual(['0', '1', '2', '3', '4']);
});

real('a library that comes late is told of by the dynamic loader', async () => {
  const own = '/usr/lib/x86_64-linux-gnu/libssl.so.3';
  if (!existsSync(own)) return console.log(`skipped: no ${own} here`);
  const copy = path.join(bench.folder, 'libssl-of-its-own.so.3');
  copyFileSync(own, copy);
  const program = python(
    'late',
    `import ctypes, ssl
ready()
ctypes.CDLL(${JSON.stringify(copy)})
print('loaded', flush=True)
sys.stdin.readline()
`,
  );
  const observer = await bench.observe([program]);
  // The looks without a notice are seconds apart by now.
  await new Promise(resolve => setTimeout(resolve, 3000));
  program.say('load');
  await program.line(line => line === 'loaded');
  const loaded = performance.now();
  await observer.line(line => line.startsWith('attached') && line.includes(copy));
  expect(performance.now() - loaded).toBeLessThan(1000);
});

real('of several pids, one is gone: that is said, and the others are observed', async () => {
  const program = bench.client([get('seen')]);
  const observer = bench.startAttach('--pid', '4194304', '--pid', `${await pidOf(program)}`, '--format', 'exchanges');
  await attachedTo(observer, await pidOf(program));
  await goAndEnd(program);
  expect(await observer.exited).toBe(0);
  expect(observer.errors.join('\n')).toContain('there is no process 4194304');
  expect(pathsOf(observer)).toEqual(['/seen?size=10']);
});

real('a tracer is named when we come and when we leave', async () => {
  const program = bench.client([get('seen')]);
  const pid = await pidOf(program);
  const tracer = python(
    'tracer',
    `import ctypes
libc = ctypes.CDLL(None, use_errno=True)
SEIZE = 0x4206
if libc.ptrace(SEIZE, ${pid}, None, None): sys.exit(f'ptrace: errno {ctypes.get_errno()}')
ready()
`,
  );
  await pidOf(tracer);
  try {
    const observer = await bench.observe([program]);
    await observer.line(line => line.includes(`is traced by python3 (pid ${tracer.process.pid})`));
    expect(await observer.kill('SIGINT')).toBe(0);
    expect(observer.errors.join('\n')).toMatch(/is still traced by python3/);
  } finally {
    await tracer.kill(); // as long as it traces, the end of the program is not told to us
  }
});

/** Attach with a hard limit of files that not even CAP_SYS_RESOURCE lifts. */
function limited(files: number, drop: string, ...args: string[]): Lines {
  const words = [
    '-c',
    'ulimit -n "$0"; exec "$@"',
    `${files}`,
    'setpriv',
    `--bounding-set=${drop}`,
    ...LAUNCH,
    'attach',
  ];
  return bench.start('sh', [...words, ...args]);
}
const hasSetpriv = () => {
  if (!spawnSync('setpriv', ['--version'], { stdio: 'ignore' }).error) return true;
  console.log('skipped: setpriv is not installed');
  return false;
};

real('few files may be open: many processes all the same', async () => {
  if (!hasSetpriv()) return;
  const programs = Array.from({ length: 15 }, (_, i) => bench.client([get(`number${i}`)]));
  const pids = await Promise.all(programs.map(pidOf));
  const words = pids.flatMap(pid => ['--pid', `${pid}`]);
  const observer = limited(80, '-sys_resource', ...words, '--format', 'exchanges', '--no-follow');
  await attachedTo(observer, ...pids);
  await Promise.all(programs.map(goAndEnd));
  expect(await observer.exited).toBe(0);
  expect(observer.seen).toHaveLength(15);
  expect(observer.errors.filter(line => line.startsWith('attached to'))).toHaveLength(15);
  expect(observer.errors.join('\n')).toMatch(/dropped +nothing/);
});

real('too few files, and no way around it: said once, in words, and counted; nobody is taken for ended', async () => {
  if (!hasSetpriv()) return;
  const programs = Array.from({ length: 15 }, (_, i) => bench.client([get(`number${i}`)]));
  const pids = await Promise.all(programs.map(pidOf));
  // What is wrong with the last one is said when all were tried.
  const words = [...pids, 4194304].flatMap(pid => ['--pid', `${pid}`]);
  const observer = limited(80, '-sys_resource', ...words, '--format', 'exchanges', '--link', 'perf');
  await observer.line(line => line.includes('there is no process 4194304'));
  await Promise.all(programs.map(goAndEnd));
  expect(await observer.exited).toBe(0);
  const text = observer.errors.join('\n');
  expect(text.match(/the limit of open files is reached/g)).toHaveLength(1);
  expect(text).not.toContain('EMFILE');
  expect(text).not.toContain('no supported TLS library');
  const attached = observer.errors.filter(line => line.startsWith('attached to'));
  expect(new Set(attached).size).toBe(attached.length);
  expect(text).toMatch(/dropped +some calls of \d+ processes/);
});
