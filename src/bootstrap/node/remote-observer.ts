/**
 * Decoding and exporting in a Worker of ours: the program's thread copies bytes and posts them, a batch each turn of the
 * event loop. At the end it waits until the Worker has delivered.
 */
import type { Channel, Item, Observer } from './channel.js';
import { type Own, startWorker } from './own-workers.js';
import type { Runtime } from './runtime.js';

/** An item without the channel's object: its number, and its facts the first time. */
export type RemoteItem = Omit<Item, 'channel'> & { readonly id: number; readonly channel?: Omit<Channel, 'reader'> };

export interface RemoteStart {
  readonly env: Runtime['env'];
  /** [0]: 0 while the Worker delivers, 1 all delivered, 2 not all. [1]: 1 after it has said something on stderr. */
  readonly done: Int32Array;
  /** [0]: bytes that the Worker has decoded. */
  readonly decoded: BigUint64Array;
}

/** The last message: deliver within so many milliseconds. */
export interface RemoteEnd {
  readonly leave: number;
}

export function createRemoteObserver(runtime: Runtime, own: Own): Observer {
  const done = new Int32Array(new SharedArrayBuffer(8));
  const decoded = new BigUint64Array(new SharedArrayBuffer(8));
  const start: RemoteStart = { env: { ...runtime.env }, done, decoded };
  let handed = 0;
  let failed = false;
  const worker = startWorker(own, 'observe-worker.cjs', start, error => {
    failed = true;
    runtime.status('internal_error', String(error.stack));
    runtime.notice(`this program's model calls are not observed: ${error.message}`);
  });
  const ids = new WeakMap<Channel, number>();
  let next = 0;
  let batch: RemoteItem[] = [];
  let posted = false;

  function commit(): number {
    if (batch.length > 0) {
      if (!failed) worker.postMessage(batch);
      posted = true;
      batch = [];
    }
    // What a failed Worker will never decode is not waited for.
    return failed ? 0 : handed - Number(Atomics.load(decoded, 0));
  }

  return {
    handle({ channel, ...rest }) {
      if (rest.kind === 'bytes') handed += rest.data.length;
      const known = ids.get(channel);
      if (known !== undefined) {
        batch.push({ ...rest, id: known });
        return;
      }
      next += 1;
      ids.set(channel, next);
      batch.push({ ...rest, id: next, channel });
    },
    commit,
    leave(milliseconds) {
      commit();
      if (failed || !posted) return !failed;
      worker.postMessage({ leave: milliseconds } satisfies RemoteEnd);
      Atomics.wait(done, 0, 0, milliseconds);
      return Atomics.load(done, 0) === 1 || Atomics.load(done, 1) === 1;
    },
  };
}
