/** Workers of ours: without preloads of anybody and without the program's environment, and not to be seen by it. */
import path from 'node:path';
import type { Worker as WorkerClass } from 'node:worker_threads';

export interface Own {
  /** The class before anybody replaced it. */
  readonly Worker: typeof WorkerClass;
  readonly started: WeakSet<object>;
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
  Atomics.wait(done, 0, 0, milliseconds);
  return Atomics.load(done, 0) === 1;
}
