/** Runs in a Worker of ours: reads what the program's thread copied, decodes and exports. */
import { parentPort, workerData } from 'node:worker_threads';
import { giveWay } from './give-way.js';
import { createObserver } from './observe.js';
import { DELIVERY, sayDelivery } from './own-workers.js';
import type { RemoteMessage, RemoteStart } from './remote-observer.js';
import { createRingReader } from './ring.js';
import { captureRuntime, writeStatus } from './runtime.js';

/** Milliseconds between two looks into the ring: spans are that much later, and a busy program wakes nobody. */
const LOOK = 20;
/** Looks in vain before we sleep: between the chunks of one stream it is dearer to be woken than to look. */
const PATIENCE = 10;
/** Milliseconds of decoding before exports get their turn. */
const SLICE = 20;
/** Milliseconds of decoding after which we give way: a short program's end must not wait for a thread that does. */
const BUSY = 250;

const { env, ring: memory, done } = workerData as RemoteStart;
const runtime = captureRuntime(env, (result, reason) => writeStatus(env, result, reason));
const observer = createObserver({
  ...runtime,
  notice(line) {
    runtime.notice(line);
    Atomics.store(done, 1, 1);
  },
});
const ring = createRingReader(memory);
let looking = false;
let inVain = 0;
let busy = 0;

function look(): void {
  if (ring.empty) inVain += 1;
  else {
    inVain = 0;
    const since = runtime.now();
    ring.read(observer.handle, () => runtime.now() > since + SLICE);
    const before = busy;
    busy += runtime.now() - since;
    if (before <= BUSY && busy > BUSY) giveWay();
  }
  if (inVain > PATIENCE && ring.sleep()) looking = false;
  else if (ring.empty) setTimeout(look, LOOK);
  else setImmediate(look);
}

function start(): void {
  if (looking) return;
  looking = true;
  inVain = 0;
  look();
}

parentPort!.on('message', ({ leave }: RemoteMessage) => {
  if (leave === undefined) return start();
  ring.read(observer.handle, () => false);
  sayDelivery(done, DELIVERY.delivering);
  void observer.flush(leave).then(finish, () => finish(false));
});
start();

function finish(delivered: boolean): void {
  sayDelivery(done, delivered ? DELIVERY.sent : DELIVERY.notSent);
}
