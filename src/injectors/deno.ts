/**
 * Deno: it honours NODE_OPTIONS, but its own `fetch` never passes JavaScript. Where a launch observes it from outside, the hook
 * stands down: probes see all of its calls, and none may count twice (sources.ts does so in children of a shell).
 */
import { VARIABLES } from '../config/variables.js';
import type { Injector } from './injector.js';
import { nodeInjector } from './node.js';

export const denoInjector: Injector = {
  ...nodeInjector,
  refuses: (program, env) =>
    env[VARIABLES.attached] && !program.wrapper
      ? 'probes see all calls of Deno, its hook a part'
      : nodeInjector.refuses(program, env),
};
