/** Runs in a Worker while the main thread, which is ending, waits: posts what is unsent. */
import { workerData } from 'node:worker_threads';
import { postPrepared } from '../../telemetry/otlp/post.js';
import type { PreparedRequest } from '../../telemetry/otlp/prepared-request.js';
import { DELIVERY, sayDelivery } from './own-workers.js';

const { requests, done, milliseconds } = workerData as {
  requests: PreparedRequest[];
  done: Int32Array;
  milliseconds: number;
};

sayDelivery(done, DELIVERY.delivering);
void postPrepared(requests, milliseconds).then(sent => {
  sayDelivery(done, sent === requests.length ? DELIVERY.sent : DELIVERY.notSent);
});
