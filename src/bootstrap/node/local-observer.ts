/** Decoding and exporting in this thread: in the program's own Workers, and where no Worker can be started. */
import type { Observer } from './channel.js';
import type { LocalObserver } from './observe.js';
import { type Own, postInWorker } from './own-workers.js';
import type { Runtime } from './runtime.js';

export function createLocalObserver(runtime: Runtime, own: Own, load: (file: string) => unknown): Observer {
  const module = load('observe.cjs') as { createObserver(runtime: Runtime): LocalObserver };
  const observer = module.createObserver(runtime);
  return {
    direct: false,
    handle(item) {
      observer.handle(item);
      return true;
    },
    waitForRoom: () => true,
    leave(milliseconds) {
      const requests = observer.finish();
      return requests.length === 0 || postInWorker(own, requests, milliseconds);
    },
  };
}
