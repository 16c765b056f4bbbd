/** Bun: ignores NODE_OPTIONS and reads BUN_OPTIONS, in which `--preload` loads our hook. */
import { settingsToEnvironment } from '../config/to-environment.js';
import type { Injector, InjectorInput, Outcome } from './injector.js';

export const bunInjector: Injector = { runtime: 'bun', inject };

function inject({ program, settings, sources, env, hooks, readable }: InjectorInput): Outcome {
  if (!readable(hooks.node)) {
    return { mine: false, because: `our file ${hooks.node} is missing; install the package again` };
  }
  if (/\s/.test(hooks.node))
    return { mine: false, because: `BUN_OPTIONS cannot name a file with spaces: ${hooks.node}` };
  const before = env['BUN_OPTIONS'] ?? '';
  const ours = `--preload ${hooks.node}`;
  const options = before.includes(ours) ? {} : { BUN_OPTIONS: before.trim() === '' ? ours : `${ours} ${before}` };
  return {
    mine: true,
    argv: program.argv,
    env: { ...settingsToEnvironment(settings, 'node', sources), ...options },
    why: 'BUN_OPTIONS preloads our hook',
  };
}
