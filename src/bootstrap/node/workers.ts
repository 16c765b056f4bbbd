/**
 * User Workers run the preload of NODE_OPTIONS, except those with an environment of their own that has none (`env: {}`).
 * For them the constructor gets our file as one more `execArgv`, which the hook takes away again inside the Worker. The
 * rest of the class is the program's: same statics, same prototype, same name.
 */
import { syncBuiltinESMExports } from 'node:module';
import workerThreads from 'node:worker_threads';
import { pickEnvironment } from './settings.js';

/** How Workers learn our settings: their environment may be empty. */
const SETTINGS_KEY = 'openlit-instrument.env';

export type Variables = Readonly<Record<string, string | undefined>>;

/** The environment that our settings are read from. In a Worker: the main thread's. */
export function settingsEnvironment(hook: string): Variables {
  if (workerThreads.isMainThread) {
    const env = pickEnvironment(process.env);
    workerThreads.setEnvironmentData(SETTINGS_KEY, env);
    return env;
  }
  const last = process.execArgv.length - 2;
  if (last >= 0 && process.execArgv[last] === '--require' && process.execArgv[last + 1] === hook) {
    process.execArgv.splice(last, 2);
  }
  return (workerThreads.getEnvironmentData(SETTINGS_KEY) as Variables | undefined) ?? pickEnvironment(process.env);
}

export function observeWorkers(hook: string): void {
  const { Worker } = workerThreads;
  const observed: typeof Worker = new Proxy(Worker, {
    construct(target, args: [unknown, Record<string, unknown> | undefined], newTarget) {
      return Reflect.construct(target, withHook(args, hook), newTarget === observed ? target : newTarget) as object;
    },
  });
  Object.defineProperty(Worker.prototype, 'constructor', { value: observed, writable: true, configurable: true });
  workerThreads.Worker = observed;
  syncBuiltinESMExports();
}

/** The arguments of a Worker, changed only where its environment has lost our preload. */
export function withHook(args: readonly [unknown, Record<string, unknown> | undefined], hook: string): unknown[] {
  const [file, options] = args;
  const env = options?.env as Variables | null | undefined;
  if (typeof env !== 'object' || env === null || String(env.NODE_OPTIONS ?? '').includes(hook)) return [...args];
  if (env.OPENLIT_INSTRUMENT_DISABLED === '1') return [...args];
  const given = options?.execArgv;
  if (given !== undefined && !Array.isArray(given)) return [...args];
  const execArgv = [...((given as string[] | undefined) ?? process.execArgv), '--require', hook];
  return [file, { ...options, execArgv }];
}
