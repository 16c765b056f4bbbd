/**
 * What the hook starts in every observed program: the sources, a queue, and nothing else. The decoder and the exporter are
 * another file (`observe.ts`), loaded when the first request that looks like a model call has been made.
 */
import path from 'node:path';
import workerThreads from 'node:worker_threads';
import { createAppContext } from './app-context.js';
import { createQueue, type Observer } from './channel.js';
import { watchEndings } from './endings.js';
import { createLocalObserver } from './local-observer.js';
import type { Own } from './own-workers.js';
import { createRemoteObserver } from './remote-observer.js';
import { captureRuntime, type Runtime } from './runtime.js';
import { observeSockets } from './socket-source.js';
import { observeWorkers, settingsEnvironment } from './workers.js';

interface HookState {
  status(result: string, reason?: string): void;
  runtime?: Runtime;
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
  const { Worker, isMainThread } = workerThreads;
  const runtime = captureRuntime(settingsEnvironment(hook), state.status);
  state.runtime = runtime;

  const own: Own = { Worker, started: new WeakSet() };
  let observer: Observer | undefined;
  let failed = false;
  /** Made at the first call that is drained, or at the end of a program that ended before that. */
  function loadObserver(): Observer | undefined {
    if (observer !== undefined || failed) return observer;
    try {
      observer = isMainThread ? remoteOrLocal() : createLocalObserver(runtime, own, load);
    } catch (error) {
      failed = true;
      state.status('internal_error', String((error as Error).stack));
      runtime.notice(`this program's model calls are not observed: ${(error as Error).message}`);
    }
    return observer;
  }

  /** A Worker may be refused (permission model, resource limits); then this thread does the work. */
  function remoteOrLocal(): Observer {
    try {
      return createRemoteObserver(runtime, own);
    } catch {
      return createLocalObserver(runtime, own, load);
    }
  }

  const queue = createQueue(runtime, loadObserver);
  const appContext = createAppContext();
  const beReady = watchEndings({
    runtime,
    isMainThread,
    isOwn: worker => own.started.has(worker as object),
    leave(milliseconds) {
      queue.drain(milliseconds);
      return observer?.leave(milliseconds) ?? true;
    },
  });
  let called = false;
  function onFirstCall(): void {
    if (!called) beReady();
    called = true;
  }

  // node:http2 takes 9 ms to load, so it is only looked for; a program that uses it has loaded it before it connects.
  let http2Done = false;
  function lookForHttp2(): void {
    const { moduleLoadList } = process as { moduleLoadList?: string[] };
    if (http2Done || moduleLoadList === undefined || !moduleLoadList.includes('NativeModule http2')) return;
    http2Done = true;
    try {
      const module = load('http2.cjs') as typeof import('./http2-source.js');
      const problem = module.observeHttp2({ runtime, queue, contextOf: () => appContext.of(undefined), onFirstCall });
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
    queue,
    contextOf: socket => appContext.of(socket),
    onFirstCall,
    onConnect() {
      if (!http2Done) lookForHttp2();
    },
  });
  if (problem !== undefined) return unobserved('HTTP', problem);
  if (process.versions.bun === undefined && !('Deno' in globalThis)) observeWorkers(hook);
  state.status('success', isMainThread ? 'armed' : 'armed in a Worker');
}
