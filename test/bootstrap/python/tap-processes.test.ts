/** Forks, threads, signals and ends: what was handed over arrives once, and the program cannot see who took it. */
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { anyPython, environment } from '../../support/python-environments.js';
import { type Exchange, openTapBench, type Ran, type RunOptions } from '../../support/tap-observed.js';
import { ANSWER, openTapProvider, type TapProvider } from '../../support/tap-provider.js';

jest.setTimeout(120_000);

let python: string;
let provider: TapProvider;

beforeAll(async () => {
  python = await environment('tap', await anyPython());
  provider = await openTapProvider();
});
afterAll(() => provider?.close());

const PRELUDE = `
import json, os, signal, sys, threading, time
import urllib.request
URL = sys.argv[1] + "/v1/chat/completions"
def call(**more):
    body = json.dumps(dict({"model": "m", "messages": []}, **more)).encode()
    with urllib.request.urlopen(urllib.request.Request(URL, body, {"content-type": "application/json"})) as answer:
        return len(answer.read())
`;

interface Options extends RunOptions {
  readonly listen?: boolean;
  readonly words?: string[];
  readonly prelude?: string;
  readonly count: number;
}

/** Runs a program; the observer is there (or, with `listen: false`, is started by the tap). */
async function observed(code: string, options: Options) {
  const bench = await openTapBench(options.words, { listen: options.listen ?? true });
  try {
    const ran: Ran = await bench.run(python, ['-c', (options.prelude ?? PRELUDE) + code, provider.http], options);
    const exchanges: Exchange[] = await bench.exchanges(options.count);
    return {
      ...ran,
      exchanges,
      frames: bench.frames(),
      complete: exchanges.filter(each => each.received.includes(ANSWER)),
    };
  } finally {
    await bench.close();
  }
}

const ENDS: [name: string, code: string, status: number | string][] = [
  ['an ordinary end', '', 0],
  ['os._exit', 'os._exit(3)', 3],
  ['SIGKILL 5 ms after the answer', 'time.sleep(0.005); os.kill(os.getpid(), 9)', 'SIGKILL'],
  ['SIGTERM', 'os.kill(os.getpid(), 15)', 'SIGTERM'],
  ['an exception', 'raise SystemExit(4)', 4],
  ['a call of an exit function', 'import atexit; atexit.register(call)', 0],
];

for (const [name, code, status] of ENDS)
  for (const listen of [true, false])
    test(`${name}, ${listen ? 'an observer listens' : 'the tap starts the observer'}`, async () => {
      const count = code.includes('atexit') ? 2 : 1;
      const ran = await observed(`call()\n${code}`, { count, listen });
      expect(ran).toMatchObject({ status, stderr: '' });
      expect(ran.complete).toHaveLength(count);
      const orderly = typeof status === 'number' && !code.includes('_exit');
      expect(ran.frames.filter(frame => frame.kind === 12)).toHaveLength(orderly ? 1 : 0);
    });

test('the observer is nobody’s child, sends no signal and holds no descriptor', async () => {
  const code = `
opened = os.open("/dev/null", os.O_RDONLY)
os.set_inheritable(opened, True)
hits = []
signal.signal(signal.SIGCHLD, lambda *_: hits.append(1))
call()
try:
    os.wait()
except ChildProcessError:
    print("no child", hits, len(os.listdir("/proc/self/task")))
print(os.open("/dev/null", os.O_RDONLY) - opened)
# The shell between us goes when the observer runs.
def shell(pid):
    try:
        return open("/proc/%s/cmdline" % pid, "rb").read().startswith(b"/bin/sh\\0") and b"tap-observer" in open("/proc/%s/cmdline" % pid, "rb").read()
    except OSError:
        return False
while any(shell(pid) for pid in os.listdir("/proc") if pid.isdigit()): time.sleep(0.01)
for pid in os.listdir("/proc"):
    try:
        words = open("/proc/%s/cmdline" % pid, "rb").read()
        if b"tap-observer" in words and json.loads(os.environ["OPENLIT_INSTRUMENT_TAP"])["socket"].encode() in words and int(pid) != os.getpid():
            print(sorted(os.readlink("/proc/%s/fd/%d" % (pid, n))[:9] for n in range(4)), os.getsid(int(pid)) != os.getsid(0))
            print(sorted(e.split(b"=")[0] for e in open("/proc/%s/environ" % pid, "rb").read().split(b"\\0") if e and e[:3] != b"PWD" and e[:3] != b"OLD" and e[:1] != b"_"), os.readlink("/proc/%s/cwd" % pid))
    except OSError:
        pass
`;
  const ran = await observed(code, { count: 1, listen: false, env: { LANG: 'C', SECRET: 'x', TMPDIR: '/tmp' } });
  const lines = ran.stdout.split('\n');
  expect(lines.slice(0, 2)).toEqual(['no child [] 1', '1']);
  expect(lines[2]).toMatch(/^\['\/dev\/null', '\/dev\/null', '\/dev\/null', 'socket:\[.*'\] True$/);
  expect(lines[3]).not.toContain('SECRET');
  expect(lines[3]).toContain('OPENLIT_INSTRUMENT_DISABLED');
  expect(lines[3]).toMatch(/ \/$/);
  expect(ran.complete).toHaveLength(1);
});

test('a child of the program that ends at that moment is heard of', async () => {
  const code = `
hits = []
signal.signal(signal.SIGCHLD, lambda *_: hits.append(1))
if os.fork() == 0:
    time.sleep(0.02)
    os._exit(0)
while os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
    pass
call()
print(hits)
`;
  expect(await observed(code, { count: 1, listen: false })).toMatchObject({ stdout: '[1]\n', status: 0 });
});

test('SIGCHLD that is ignored', async () => {
  const ran = await observed('signal.signal(signal.SIGCHLD, signal.SIG_IGN)\nprint(call())', {
    count: 1,
    listen: false,
  });
  expect(ran).toMatchObject({ status: 0, stdout: `${ANSWER.length}\n` });
  expect(ran.complete).toHaveLength(1);
});

test('forks: a child has a connection of its own, and nothing is sent twice', async () => {
  const code = `
call()
if os.fork() == 0:
    call()
    os._exit(0)
os.wait()
import http.client
connection = http.client.HTTPConnection(sys.argv[1][7:])
connection.request("POST", "/v1/chat/completions", b'{"stream":1,"messages":[]}', {"content-type": "application/json"})
answer = connection.getresponse()
answer.read(5)
if os.fork() == 0:
    os._exit(0)
os.wait()
answer.read()
`;
  const { exchanges, frames } = await observed(code, { count: 3 });
  expect(exchanges.map(each => each.close)).toEqual([
    [0, ''],
    [0, ''],
    [0, ''],
  ]);
  expect(exchanges[2]!.received.match(/data: \[DONE\]/g)).toHaveLength(1);
  const pids = frames.filter(frame => frame.kind === 1).map(frame => frame.json.pid);
  expect(new Set(pids).size).toBe(2);
});

test.each(['fork', 'spawn', 'forkserver'])('multiprocessing, %s', async method => {
  const code = `
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
context = multiprocessing.get_context("${method}")
with ProcessPoolExecutor(2, mp_context=context) as pool:
    print(sum(pool.map(urllib_call, [sys.argv[1]] * 4)))
`;
  const prelude = `import sys\nsys.path.insert(0, ${JSON.stringify(new URL('../../support/python-tap', import.meta.url).pathname)})\nfrom worker import urllib_call\n`;
  const ran = await observed(code, { count: 4, prelude, tap: { wait: true } });
  expect(ran).toMatchObject({ status: 0, stderr: '', stdout: `${4 * ANSWER.length}\n` });
  expect(ran.complete).toHaveLength(4);
  // A worker's end is not its container's: nothing is waited for.
  expect(ran.frames.filter(frame => frame.kind === 12 && frame.flags & 8)).toHaveLength(0);
});

test('threads, and a signal handler that makes a call in the midst of one', async () => {
  const code = `
threads = [threading.Thread(target=call) for _ in range(8)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
signal.signal(signal.SIGALRM, lambda *_: call())
signal.setitimer(signal.ITIMER_REAL, 0.02)
while signal.getitimer(signal.ITIMER_REAL)[0]:
    call()
`;
  const ran = await observed(code, { count: 10 });
  expect(ran).toMatchObject({ status: 0, stderr: '' });
  expect(ran.exchanges.length).toBeGreaterThan(9);
  expect(ran.complete).toHaveLength(ran.exchanges.length);
});

test('what a signal handler raises in our part reaches the program', async () => {
  const code = `
from opentelemetry import trace
class Slow:
    def get_span_context(self):
        time.sleep(0.5)
trace.get_current_span = lambda: Slow()
class Alarm(Exception): pass
def handler(*_): raise Alarm
signal.signal(signal.SIGALRM, handler)
signal.setitimer(signal.ITIMER_REAL, 0.1)
try:
    call()
    print("swallowed")
except Alarm:
    print("raised")
`;
  expect((await observed(code, { count: 0 })).stdout).toBe('raised\n');
});

for (const late of [false, true])
  for (const listen of [true, false])
    test(`gevent, patched ${late ? 'late' : 'first'}, ${listen ? 'an observer listens' : 'none'}`, async () => {
      const patch = 'from gevent import monkey; monkey.patch_all()\n';
      const code = `
import gevent
jobs = [gevent.spawn(call) for _ in range(5)]
gevent.joinall(jobs, timeout=20)
print(sum(job.value for job in jobs))
`;
      const prelude = late ? `${PRELUDE}call()\n${patch}` : patch + PRELUDE;
      const count = late ? 6 : 5;
      const ran = await observed(code, { count, prelude, listen });
      expect(ran).toMatchObject({ status: 0, stdout: `${5 * ANSWER.length}\n` });
      expect(ran.complete).toHaveLength(count);
    });

test('in a container the end waits for the observer, one second at most', async () => {
  const timed = 'import atexit; began = [0]\natexit.register(lambda: began.__setitem__(0, time.time()))\ncall()';
  const quick = await observed(timed, { count: 1, tap: { wait: true } });
  expect(quick.frames.filter(frame => frame.kind === 12).map(frame => frame.flags)).toEqual([8]);
  const started = Date.now();
  const slow = await observed('call()', { count: 1, words: ['--refuse-done'], tap: { wait: true } });
  expect(slow).toMatchObject({ status: 0, stderr: '' });
  expect(Date.now() - started).toBeGreaterThan(1000);
});

test('a program that closes all its descriptors', async () => {
  const ran = await observed('call()\nos.closerange(3, 1000)\nprint(call())', { count: 2 });
  expect(ran).toMatchObject({ status: 0, stderr: '', stdout: `${ANSWER.length}\n` });
  expect(ran.complete).toHaveLength(2);
});

test('a program whose new socket has the number that ours had', async () => {
  const code = `
import socket
call()
ours = [int(n) for n in os.listdir("/proc/self/fd") if int(n) >= 200]
pairs = socket.socketpair()
os.dup2(pairs[0].fileno(), ours[0])
call()
pairs[1].setblocking(False)
try:
    print(pairs[1].recv(10))
except BlockingIOError:
    print("nothing")
`;
  const ran = await observed(code, { count: 2 });
  expect(ran).toMatchObject({ status: 0, stdout: 'nothing\n' });
  expect(ran.complete).toHaveLength(2);
});

test('an observer that is slow: all of it arrives later; what does not fit is dropped whole and counted', async () => {
  const code = 'for _ in range(3): call(pad="x" * 2_000_000)';
  const slow = await observed(code, { count: 3, words: ['--slow', '1'] });
  expect(slow.exchanges.map(each => each.sent.length > 2_000_000)).toEqual([true, true, true]);
  expect(slow.complete).toHaveLength(3);
  const big = await observed('call(pad="x" * 20_000_000)\ncall()', { count: 1, words: ['--slow', '0.3'] });
  expect(big.complete).toHaveLength(1);
  const lost = big.frames.filter(frame => frame.kind === 11);
  expect(lost).toHaveLength(1);
  // It went in one piece with its beginning, so the observer has nothing to forget.
  expect(lost[0]).toMatchObject({ channel: 0, json: { exchanges: 1 } });
});

test('an observer that stands still: each call is complete or counted, and one line says so', async () => {
  const code = `
for _ in range(200): call(pad="x" * 100_000)
time.sleep(3)
call()
`;
  const ran = await observed(code, { count: 201, words: ['--slow', '2'] });
  const lost = ran.frames
    .filter(frame => frame.kind === 11)
    .map(({ json }) => (json as { exchanges: number }).exchanges);
  expect(ran.complete.length + lost.reduce((sum, count) => sum + count, 0)).toBe(201);
  // Not one for each of them.
  expect(lost).toHaveLength(1);
  expect(ran.stderr).toBe('openlit-instrument: some model calls could not be handed over, and are not reported\n');
});

test('an observer that dies is started once more; a second death is said', async () => {
  const code = `
def kill():
    time.sleep(0.3)
    for pid in os.listdir("/proc"):
        try:
            words = open("/proc/%s/cmdline" % pid, "rb").read()
        except OSError:
            continue
        if b"tap-observer" in words and json.loads(os.environ["OPENLIT_INSTRUMENT_TAP"])["socket"].encode() in words:
            os.kill(int(pid), 9)
    time.sleep(0.1)
for _ in range(3):
    print(call())
    kill()
print(call())
`;
  const ran = await observed(code, { count: 2, listen: false });
  expect(ran.status).toBe(0);
  expect(ran.complete).toHaveLength(2);
  expect(ran.stderr).toBe(
    'openlit-instrument: the observer ended; calls that it had not sent are lost\n' +
      'openlit-instrument: the observer ended twice; calls are not observed any more\n',
  );
});

test('an observer that cannot be started is said once, and not where that is not wanted', async () => {
  const tap = { socket: '/nonexistent/socket', observer: ['/nonexistent/node', 'x'] };
  const loud = await observed('call(); call()', { count: 0, tap });
  expect(loud.status).toBe(0);
  expect(loud.stderr.split('\n')).toHaveLength(2);
  expect(loud.stderr).toMatch(/^openlit-instrument: .*\/nonexistent\/node.*doctor\n$/);
  const quiet = await observed('call()', { count: 0, tap, env: { OPENLIT_INSTRUMENT_QUIET: '1' } });
  expect(quiet).toMatchObject({ status: 0, stderr: '' });
  const view = await observed('call()', { count: 0, tap: { socket: '/nonexistent/socket', observer: undefined } });
  expect(view).toMatchObject({ status: 0, stderr: '' });
});

test('what the observer says is written once', async () => {
  const ran = await observed('call(); time.sleep(0.2); call(); call()', { count: 3, words: ['--say', 'a line'] });
  expect(ran.stderr).toBe('openlit-instrument: a line\n');
});

test('switched off', async () => {
  for (const env of [
    { OPENLIT_INSTRUMENT_DISABLED: '1' },
    { OTEL_SDK_DISABLED: 'true' },
    { OPENLIT_INSTRUMENT_TAP: '' },
  ]) {
    const ran = await observed('call()\nprint([type(f).__name__ for f in sys.meta_path].count("Watcher"))', {
      count: 0,
      env,
    });
    expect(ran).toMatchObject({ status: 0, stdout: '0\n', stderr: '' });
    expect(ran.frames).toEqual([]);
  }
});
