/**
 * Our own requests must not appear as spans of a program that has OpenTelemetry itself. Its instrumentations look for a key
 * in the active context; key and registry are global symbols of @opentelemetry/api 1.x and @opentelemetry/core, reached
 * here without a dependency.
 */
const API = Symbol.for('opentelemetry.js.api.1');
const SUPPRESS = Symbol.for('OpenTelemetry SDK Context Key SUPPRESS_TRACING');

interface ContextLike {
  setValue(key: symbol, value: unknown): ContextLike;
}
interface ContextManagerLike {
  active(): ContextLike;
  with<T>(context: ContextLike, run: () => T): T;
}

/** Runs `run` so that the program's own instrumentations make no span of it. */
export function withoutTracing<T>(run: () => T): T {
  const api = (globalThis as Record<symbol, { context?: ContextManagerLike } | undefined>)[API];
  const manager = api?.context;
  if (manager === undefined) return run();
  let context: ContextLike;
  try {
    context = manager.active().setValue(SUPPRESS, true);
  } catch {
    return run();
  }
  return manager.with(context, run);
}
