/** Workers of ours: without preloads of anybody and without the program's environment, and not to be seen by it. */
import path from 'node:path';
import type { Worker as WorkerClass } from 'node:worker_threads';

export interface Own {
  /** The class before anybody replaced it. */
  readonly Worker: typeof WorkerClass;
  readonly started: WeakSet<object>;
}

/** What a Worker of ours says in `done[0]` while the program's thread waits at its end. */
export const DELIVERY = { preparing: 0, sent: 1, notSent: 2, delivering: 3 } as const;

/** Milliseconds for our own start and decoding: some 50 on an idle machine, seconds where twenty processes want each core. */
const OWN_TIME = 5_000;

/**
 * Waits until all is sent, or the collector has had its time. Ours is bounded apart: what a busy machine takes from us must
 * not look like a dead collector, and lose the calls.
 * @param milliseconds for the collector
 */
export function waitForDelivery(done: Int32Array, milliseconds: number): boolean {
  Atomics.wait(done, 0, DELIVERY.preparing, OWN_TIME);
  Atomics.wait(done, 0, DELIVERY.delivering, milliseconds);
  return Atomics.load(done, 0) === DELIVERY.sent;
}

/** In the Worker: from here on it is the collector's time, and after it the end. */
export function sayDelivery(done: Int32Array, state: number): void {
  Atomics.store(done, 0, state);
  Atomics.notify(done, 0);
}

/** Never keeps the program alive; what it throws is told to `onError` and not to the program. */
export function startWorker(own: Own, file: string, workerData: object, onError: (error: Error) => void): WorkerClass {
  const worker = new own.Worker(path.join(__dirname, file), {
    workerData,
    env: {},
    execArgv: [],
    stdout: true,
    stderr: true,
  });
  own.started.add(worker);
  worker.on('error', onError);
  worker.unref();
  return worker;
}

/** Posts prepared requests while this thread waits. @returns whether the collector took them all */
export function postInWorker(own: Own, requests: readonly unknown[], milliseconds: number): boolean {
  const done = new Int32Array(new SharedArrayBuffer(4));
  startWorker(own, 'exit-worker.cjs', { requests, done, milliseconds }, () => {});
  return waitForDelivery(done, milliseconds);
}
