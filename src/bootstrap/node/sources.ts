/** What the hook starts in every observed program: the sources and a tap that is not connected until the first call. */
import path from 'node:path';
import workerThreads from 'node:worker_threads';
import { createAppContext } from './app-context.js';
import type { CallContext } from './channel.js';
import { watchEnd } from './endings.js';
import { captureRuntime } from './runtime.js';
import { ATTACHED, TAP } from './settings.js';
import { observeSockets } from './socket-source.js';
import { createTap } from './tap.js';
import { observeWorkers, settingsEnvironment } from './workers.js';

interface HookState {
  status(result: string, reason?: string): void;
}

/** A file of ours that does not stay in the program's `require.cache`. */
function load(file: string): unknown {
  const full = path.join(__dirname, file);
  const module: unknown = require(full);
  delete require.cache[full];
  return module;
}

export function start(state: HookState): void {
  const hook = path.join(__dirname, 'hook.cjs');
  const { isMainThread } = workerThreads;
  const env = settingsEnvironment(hook);
  if (!env[TAP]) return state.status('disabled', `${TAP} is not set, so there is no observer`);
  if ('Deno' in globalThis && process.env[ATTACHED])
    return state.status('disabled', 'probes see all calls of Deno, this hook a part');
  const runtime = captureRuntime(env, state.status);
  const tap = createTap(runtime);
  const appContext = createAppContext();
  watchEnd(() => tap.leave());

  const reported = new Set<string>();
  function contextOf(socket: object | undefined): CallContext | undefined {
    const context = appContext.of(socket);
    const by = context?.reported;
    if (by === undefined || reported.has(by)) return context;
    reported.add(by);
    state.status('already_instrumented', by);
    if (by === 'openlit') runtime.notice('this program runs OpenLIT itself, so its model calls are left to it');
    return context;
  }

  // node:http2 takes 9 ms to load, so it is only looked for; a program that uses it has loaded it before it connects.
  let http2Done = false;
  function lookForHttp2(): void {
    const { moduleLoadList } = process as { moduleLoadList?: string[] };
    if (http2Done || moduleLoadList === undefined || !moduleLoadList.includes('NativeModule http2')) return;
    http2Done = true;
    try {
      const module = load('http2.cjs') as typeof import('./http2-source.js');
      const problem = module.observeHttp2({ runtime, tap, contextOf: () => contextOf(undefined) });
      if (problem !== undefined) unobserved('HTTP/2', problem);
    } catch (error) {
      unobserved('HTTP/2', (error as Error).message);
    }
  }

  function unobserved(source: string, reason: string): void {
    state.status('incompatible_runtime', `${source}: ${reason}`);
    const { bun, deno, node } = process.versions as Readonly<Record<string, string | undefined>>;
    const name = bun ? `Bun ${bun}` : deno ? `Deno ${deno}` : `Node ${node}`;
    runtime.notice(
      `${source} calls of this program are not observed from inside, because this is ${name}: ${reason}\n` +
        `  try: openlit-instrument attach --pid ${process.pid}`,
    );
  }

  const problem = observeSockets({
    runtime,
    tap,
    contextOf,
    onConnect() {
      if (!http2Done) lookForHttp2();
    },
  });
  if (problem !== undefined) return unobserved('HTTP', problem);
  if (process.versions.bun === undefined && !('Deno' in globalThis)) observeWorkers(hook);
  state.status('success', isMainThread ? 'armed' : 'armed in a Worker');
}
