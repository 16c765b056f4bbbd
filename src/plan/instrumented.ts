/**
 * Who already observes a process, by the traces that agents leave in its environment. Names of tools, not values: values
 * of these variables may hold paths of users, never credentials.
 */
import type { RuntimeName } from '../machine/runtimes.js';

export interface Instrumentation {
  readonly by: 'openlit-instrument' | 'openlit' | 'opentelemetry' | 'ddtrace' | 'newrelic';
  /** The variable that proves it. */
  readonly evidence: string;
}

/** [tool, variable, what its value holds when the tool was loaded into the process]. First match wins. */
const TRACES: readonly (readonly [Instrumentation['by'], string, RegExp])[] = [
  ['openlit-instrument', 'NODE_OPTIONS', /bootstrap\/node\/hook\.cjs/],
  ['openlit-instrument', 'BUN_OPTIONS', /bootstrap\/node\/hook\.cjs/],
  ['openlit-instrument', 'PYTHONPATH', /openlit-instrument[^:]*\/bootstrap\/python|dist\/bootstrap\/python/],
  // As the operator puts them into pods.
  ['openlit-instrument', 'NODE_OPTIONS', /\/openlit-instrument\/node\/hook\.cjs/],
  ['openlit-instrument', 'PYTHONPATH', /(?:^|:)\/openlit-instrument\/python(?::|$)/],
  ['openlit', 'NODE_OPTIONS', /openlit\/(register|dist)/],
  ['openlit', 'PYTHONPATH', /openlit\/cli\/bootstrap/],
  ['opentelemetry', 'NODE_OPTIONS', /@opentelemetry\/auto-instrumentations-node|elastic-otel|opentelemetry\/auto/],
  ['opentelemetry', 'PYTHONPATH', /opentelemetry\/instrumentation\/auto_instrumentation|otel-auto-instrumentation/],
  ['ddtrace', 'NODE_OPTIONS', /dd-trace\//],
  ['ddtrace', 'PYTHONPATH', /ddtrace\/bootstrap/],
  ['newrelic', 'NODE_OPTIONS', /newrelic\b/],
  ['newrelic', 'PYTHONPATH', /newrelic\/bootstrap/],
];

/** Undefined when nothing is seen, which is no proof that nothing is there: an app may set up an SDK in its own code. */
export function detectInstrumentation(
  environment: ReadonlyMap<string, string> | undefined,
  runtime: RuntimeName | undefined,
): Instrumentation | undefined {
  if (!environment) return undefined;
  for (const [by, variable, pattern] of TRACES) {
    // Children inherit both variables; only the one that this runtime reads says anything.
    if (variable === 'PYTHONPATH' && runtime !== 'python') continue;
    if (variable === 'NODE_OPTIONS' && runtime !== 'node' && runtime !== 'deno') continue;
    if (variable === 'BUN_OPTIONS' && runtime !== 'bun') continue;
    if (pattern.test(environment.get(variable) ?? '')) return { by, evidence: variable };
  }
  return undefined;
}
