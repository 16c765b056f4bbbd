/** Calls of the first milliseconds: children that ask at once, on every way to set probes, beside others with the same library. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect } from '@jest/globals';
import { hasHarmlessReturns, readKernelFacts } from '../../src/attach/kernel/problems.js';
import type { Lines } from '../attach/attached.js';
import { attachBench, go, goAndEnd, real } from '../support/attach-bench.js';
import { pythonFor, wholePaths } from '../support/attach-python.js';
import { until } from '../support/observed-session.js';

const bench = attachBench();
const python = pythonFor(bench);
const CHILDREN = Array.from({ length: 12 }, (_, i) => `child${String.fromCharCode(97 + i)}`);

/** A parent with a connection behind it, whose children ask at once and live on long enough to be looked at. */
const forking = () =>
  python(
    'forking',
    `ask('before')
ready()
for name in ${JSON.stringify(CHILDREN)}:
    if os.fork() == 0:
        ask(name)
        time.sleep(0.2)
        os._exit(0)
    os.wait()
done()
`,
  );
const said = (observer: Lines) => !/dropped +nothing/.test(observer.errors.join('\n'));
/** Links that see all processes which have the file. */
const sharedLinks = (pid: number) =>
  readdirSync(`/proc/${pid}/fdinfo`).filter(descriptor => {
    try {
      return /link_type:\s+uprobe_multi[\s\S]*^pid:\s+0$/m.test(
        readFileSync(`/proc/${pid}/fdinfo/${descriptor}`, 'utf8'),
      );
    } catch {
      return false; // closed meanwhile
    }
  }).length;

real('a child is seen from its first call on', async () => {
  if (!hasHarmlessReturns(readKernelFacts())) return console.log('skipped: probes are not shared before Linux 6.14');
  const program = forking();
  const observer = await bench.observe([program]);
  expect(sharedLinks(observer.process.pid!)).toBeGreaterThan(0);
  await goAndEnd(program);
  expect(await observer.exited).toBe(0);
  expect(wholePaths(observer)).toEqual(CHILDREN);
  expect(said(observer)).toBe(false);
});

real('a program that a child runs is seen from its first call on, and so is one in the background', async () => {
  if (!hasHarmlessReturns(readKernelFacts())) return console.log('skipped: probes are not shared before Linux 6.14');
  const program = python(
    'running',
    `if len(sys.argv) > 1:
    ask(sys.argv[1])
    sys.exit()
import ssl
ready()
for i in range(4): subprocess.run([sys.executable, sys.argv[0], f'run{i}'], check=True)
if os.fork(): os._exit(0)
if os.fork(): os._exit(0)
ask('behind')
done()
`,
  );
  const observer = await bench.observe([program]);
  await go(program);
  program.process.stdin!.end();
  expect(await observer.exited).toBe(0);
  expect(wholePaths(observer)).toEqual(['behind', 'run0', 'run1', 'run2', 'run3']);
});

real('where the probes come after the birth, what was missed is said', async () => {
  const program = forking();
  const observer = await bench.observe([program], ['--format', 'exchanges', '--link', 'perf']);
  expect(sharedLinks(observer.process.pid!)).toBe(0);
  await goAndEnd(program);
  expect(await observer.exited).toBe(0);
  const seen = wholePaths(observer);
  expect(seen).toEqual(CHILDREN.filter(name => seen.includes(name)));
  // A child takes a few milliseconds to its first call, perf links take longer for a process.
  expect(seen.length).toBeLessThan(CHILDREN.length);
  expect(said(observer)).toBe(true);
});

real(
  'others with the same library: nothing of theirs is read, and where they call often, they pay no more',
  async () => {
    const program = python(
      'beside',
      `import ssl
ready()
ask('seen')
if os.fork() == 0:
    ask('child')
    os._exit(0)
os.wait()
done()
`,
    );
    const other = python(
      'other',
      `import http.client, ssl
c = http.client.HTTPSConnection('127.0.0.1', ${bench.server.port}, context=ssl._create_unverified_context())
ready()
for i in range(1500):
    c.request('GET', '/other?size=10')
    c.getresponse().read()
done()
`,
    );
    const observer = await bench.observe([program]);
    const before = sharedLinks(observer.process.pid!);
    await go(other);
    // Of libssl; those of libraries that nobody calls are left.
    await until('the probes are of one process', () => before === 0 || sharedLinks(observer.process.pid!) < before);
    await goAndEnd(program);
    expect(await observer.exited).toBe(0);
    const seen = wholePaths(observer);
    expect(seen).toContain('seen');
    expect(seen).not.toContain('other');
    if (!seen.includes('child')) expect(said(observer)).toBe(true);
  },
);
