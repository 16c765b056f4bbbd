/**
 * Bun runs un-instrumented, and that is said before it starts: its `fetch` and `node:http` are native code that never
 * passes the JavaScript of `node:net`, where our hook observes (tried with Bun 1.4.5; docs/node.md).
 */
import type { Injector, Outcome } from './injector.js';

export const bunInjector: Injector = { runtime: 'bun', inject };

function inject(): Outcome {
  return { mine: false, because: "Bun's HTTP is native code that no preload can see" };
}
