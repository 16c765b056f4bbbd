/**
 * Decoding and exporting in a Worker of ours: the program's thread copies bytes into a ring in shared memory and goes on.
 * A Worker that is at work looks into it by itself; only one that sleeps is sent a message. At the end this thread waits
 * until the Worker has delivered.
 */
import type { Observer } from './channel.js';
import { type Own, startWorker, waitForDelivery } from './own-workers.js';
import { createRingMemory, createRingWriter, type RingMemory } from './ring.js';
import type { Runtime } from './runtime.js';

export interface RemoteStart {
  readonly env: Runtime['env'];
  readonly ring: RingMemory;
  /** [0]: `DELIVERY`. [1]: 1 after the Worker has said something on stderr. */
  readonly done: Int32Array;
}

/** What the Worker is told: look into the ring; and at the end, deliver within so many milliseconds. */
export interface RemoteMessage {
  readonly leave?: number;
}

export function createRemoteObserver(runtime: Runtime, own: Own): Observer {
  const done = new Int32Array(new SharedArrayBuffer(8));
  const memory = createRingMemory();
  const ring = createRingWriter(memory);
  const start: RemoteStart = { env: { ...runtime.env }, ring: memory, done };
  let failed = false;
  let used = false;
  const worker = startWorker(own, 'observe-worker.cjs', start, error => {
    failed = true;
    runtime.status('internal_error', String(error.stack));
    runtime.notice(`this program's model calls are not observed: ${error.message}`);
  });
  const tell = (message: RemoteMessage) => worker.postMessage(message);

  return {
    direct: true,
    handle(item) {
      // What a failed Worker will never decode is not waited for.
      if (failed) return true;
      if (!ring.write(item)) return false;
      used = true;
      if (ring.mustWake()) tell({});
      return true;
    },
    waitForRoom: milliseconds => !failed && ring.waitForRoom(milliseconds),
    leave(milliseconds) {
      if (failed || !used) return !failed;
      tell({ leave: milliseconds });
      return waitForDelivery(done, milliseconds) || Atomics.load(done, 1) === 1;
    },
  };
}
