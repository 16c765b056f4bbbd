/** Runs in a Worker of ours: receives what the program's thread copied, decodes and exports. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Channel, Item, Payload } from './channel.js';
import { createObserver } from './observe.js';
import type { RemoteEnd, RemoteItem, RemoteStart } from './remote-observer.js';
import { captureRuntime, writeStatus } from './runtime.js';

const { env, done, decoded } = workerData as RemoteStart;
const runtime = captureRuntime(env, (result, reason) => writeStatus(env, result, reason));
const observer = createObserver({
  ...runtime,
  notice(line) {
    runtime.notice(line);
    Atomics.store(done, 1, 1);
  },
});
const channels = new Map<number, Channel>();

parentPort!.on('message', (message: readonly RemoteItem[] | RemoteEnd) => {
  if ('leave' in message) {
    void observer.flush(message.leave).then(finish, () => finish(false));
    return;
  }
  let bytes = 0;
  for (const { id, channel: opened, ...rest } of message) {
    if (opened !== undefined) channels.set(id, { ...opened });
    const channel = channels.get(id);
    if (channel === undefined) continue;
    observer.handle({ ...rest, channel } as Item);
    if (rest.kind === 'close') channels.delete(id);
    if (rest.kind === 'bytes') bytes += (rest as { data?: Payload }).data?.length ?? 0;
  }
  Atomics.add(decoded, 0, BigInt(bytes));
});

function finish(delivered: boolean): void {
  Atomics.store(done, 0, delivered ? 1 : 2);
  Atomics.notify(done, 0);
}
