/** The programs behind the taps. A program with several threads has a connection for each, and is one target. */
import type { ObservedTarget, Pipeline } from '../../calls/pipeline.js';
import type { Target } from '../../calls/recorded-call.js';
import type { TapHello } from '../../wire/transport/tap-connection.js';

export interface Targets {
  /** The target of a tap that has just greeted. */
  take(hello: TapHello): ObservedTarget;
  /** One of its taps has gone; with the last one the target ends. */
  release(observed: ObservedTarget): void;
}

export function createTargets(pipeline: Pipeline, targetOf: (hello: TapHello) => Target): Targets {
  const open = new Map<string, { observed: ObservedTarget; taps: number }>();
  return {
    take(hello) {
      // A pid alone is not enough: with exec it is another program's now.
      const key = JSON.stringify([hello.pid, hello.executable, hello.command, hello.runtime]);
      const known = open.get(key);
      if (known !== undefined) {
        known.taps += 1;
        return known.observed;
      }
      const observed = pipeline.open(targetOf(hello));
      open.set(key, { observed, taps: 1 });
      return observed;
    },
    release(observed) {
      for (const [key, entry] of open) {
        if (entry.observed !== observed) continue;
        entry.taps -= 1;
        if (entry.taps > 0) return;
        open.delete(key);
        observed.end();
        return;
      }
    },
  };
}
