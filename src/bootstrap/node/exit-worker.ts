/** Runs in a Worker while the main thread, which is ending, waits: posts what is unsent. */
import { workerData } from 'node:worker_threads';
import { postPrepared } from '../../telemetry/otlp/post.js';
import type { PreparedRequest } from '../../telemetry/otlp/prepared-request.js';

const { requests, done, milliseconds } = workerData as {
  requests: PreparedRequest[];
  done: Int32Array;
  milliseconds: number;
};

void postPrepared(requests, milliseconds).then(sent => {
  Atomics.store(done, 0, sent === requests.length ? 1 : 2);
  Atomics.notify(done, 0);
});
