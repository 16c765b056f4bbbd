// One call, then an ending, by name. Says `called` when the answer is there.
const { fork } = require('node:child_process');
const cluster = require('node:cluster');
const http = require('node:http');
const { Worker, isMainThread, parentPort, workerData, threadId } = require('node:worker_threads');

const name = process.argv[2] ?? workerData?.name;
const url = workerData?.url ?? process.env.PROVIDER_URL;

function call() {
  const body = JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'hi' }] });
  const headers = { 'content-type': 'application/json' };
  return new Promise((resolve, reject) => {
    const request = http.request(`${url}/openai/v1/chat/completions`, { method: 'POST', headers }, response => {
      response.resume().on('end', () => {
        console.log('called', isMainThread ? 'main' : 'worker');
        resolve();
      });
    });
    request.on('error', reject);
    request.end(body);
  });
}

const kill = signal => process.kill(process.pid, signal);
const later = run => setTimeout(run, 250);
const forever = () => setInterval(() => {}, 1000);

const endings = {
  natural: () => call(),
  'exit code': () => {
    process.exitCode = 5;
    return call();
  },
  exit: () => call().then(() => process.exit(3)),
  'exit in a timer': () => call().then(() => setTimeout(() => process.exit(0), 1)),
  'exit in an exit listener': () => {
    process.on('exit', () => process.exit(4));
    return call();
  },
  throw: () =>
    call().then(() =>
      setImmediate(() => {
        throw new Error('thrown by the program');
      }),
    ),
  'unhandled rejection': () => call().then(() => void Promise.reject(new Error('rejected by the program'))),
  'beforeExit goes on': () => {
    process.once('beforeExit', () => {
      console.log('beforeExit');
      setTimeout(() => console.log('went on'), 20);
    });
    return call();
  },
  SIGTERM: () => call().then(() => kill('SIGTERM') && forever()),
  'SIGTERM later': () => call().then(() => later(() => kill('SIGTERM')) && forever()),
  'SIGTERM handled by exit': () => {
    process.on('SIGTERM', () => process.exit(0));
    return call().then(() => kill('SIGTERM') && forever());
  },
  'SIGTERM handled once': () => {
    process.once('SIGTERM', () => {
      console.log('handled');
      clearInterval(timer);
    });
    const timer = forever();
    return call().then(() => kill('SIGTERM'));
  },
  'SIGTERM handled and raised again': () => {
    process.once('SIGTERM', () => kill('SIGTERM'));
    return call().then(() => kill('SIGTERM') && forever());
  },
  'SIGTERM closes the server': () => {
    const server = http.createServer().listen(0, '127.0.0.1', () => call().then(() => kill('SIGTERM')));
    process.on('SIGTERM', () => server.close());
  },
  SIGINT: () => call().then(() => kill('SIGINT') && forever()),
  'SIGINT later': () => call().then(() => later(() => kill('SIGINT')) && forever()),
  SIGKILL: () => call().then(() => kill('SIGKILL') && forever()),
  'SIGKILL 5 ms later': () => call().then(() => setTimeout(() => kill('SIGKILL'), 5) && forever()),
  'process.reallyExit': () => call().then(() => process.reallyExit(6)),
  abort: () => call().then(() => process.abort()),
  'Worker ends': () => worker({}),
  'Worker is terminated': () => {
    if (!isMainThread) return call().then(() => parentPort.postMessage('called') && forever());
    const thread = worker({});
    thread.on('message', () => thread.terminate());
  },
  'Worker exits': () => worker({}, () => call().then(() => process.exit(0))),
  'Worker without environment': () => worker({ env: {} }),
  'Worker without environment exits': () => worker({ env: {} }, () => call().then(() => process.exit(0))),
  'Worker throws': () =>
    worker({}, () =>
      call().then(() => {
        throw new Error('thrown in the Worker');
      }),
    ),
  'cluster worker killed': () => clustered(0),
  'cluster worker killed later': () => clustered(250),
  'fork exits': () => {
    if (process.send) return call().then(() => process.exit(7));
    fork(__filename, [name]).on('exit', code => console.log('child', code));
  },
};

function worker(options, run = call) {
  if (!isMainThread) return run();
  const thread = new Worker(__filename, { workerData: { name, url }, ...options });
  thread.on('error', error => console.log('error', error.message));
  thread.on('exit', code => console.log('worker ended', code, JSON.stringify(Object.keys(options))));
  return thread;
}

function clustered(milliseconds) {
  if (cluster.isWorker) return call().then(() => process.send('called') && forever());
  const child = cluster.fork();
  child.on('message', () => setTimeout(() => child.kill(), milliseconds));
  child.on('exit', (code, signal) => console.log('child', code, signal));
}

// Ended by the test, when it wants.
const endless = () => call().then(forever);

if (name === undefined) console.log(JSON.stringify(Object.keys(endings)));
else if (name === 'endless') endless();
else if (threadId === 0 || !isMainThread) endings[name]();
