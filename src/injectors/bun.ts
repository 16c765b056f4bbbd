/**
 * Bun runs un-instrumented, and that is said before it starts: its `fetch` and `node:http` are native code that never
 * passes the JavaScript of `node:net`, where our hook observes (tried with Bun 1.4.5; docs/node.md).
 */
import type { Injector } from './injector.js';

const REASON = "Bun's HTTP is native code that no preload can see";

export const bunInjector: Injector = { refuses: () => REASON, inject: () => ({ mine: false, because: REASON }) };
