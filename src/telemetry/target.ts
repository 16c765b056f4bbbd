/**
 * One observed program: its resource, its metrics, its calls. The recorder (in the program itself) has one, the pipeline
 * (attach) one for each process; they differ only in who makes the span.
 */

import { cleanCall } from '../calls/clean.js';
import type { Cost } from '../calls/cost.js';
import { SCHEMA_URL } from '../calls/genai-attributes.js';
import type { Resource, Scope, Span } from '../calls/model.js';
import { parseTraceparent, type SpanParent } from '../calls/trace-context.js';
import type { Call, LlmCall, McpSession } from '../wire/llm-call.js';
import { createAggregator } from './aggregator.js';
import { type Measurement, sessionMeasurements } from './measurements.js';
import type { Exporter } from './otlp/exporter.js';
import { type RenderedCall, renderCall } from './render.js';
import type { TelemetrySettings } from './settings.js';

export type CostOf = (call: LlmCall) => Cost | undefined;

/** Identity and sampling of the span that was made. */
export type EmittedSpan = Pick<Span, 'traceId' | 'spanId' | 'traceFlags'>;

export interface TargetOptions {
  readonly settings: TelemetrySettings;
  readonly resource: Resource;
  readonly exporter: Exporter;
  /** From `createCostCalculator`; without it only what a provider states has a cost. */
  readonly costOf?: CostOf;
  /** One line, without our name in front. */
  readonly notice?: (line: string) => void;
  /** Makes the span and, when it is sampled, exports it. */
  readonly emitSpan: (rendered: RenderedCall, parent: SpanParent | undefined) => EmittedSpan;
}

export interface Target {
  /** Never throws. `parent` is the program's own active span, where it is known. */
  record(call: Call, parent?: SpanParent): void;
  /** Measured, not traced. Never throws. */
  session(session: McpSession): void;
  exportMetrics(): void;
  /** Exports the last metrics and stops the interval. */
  close(): void;
}

/** The instrumentation scope of everything that we emit. */
export function scopeOf(version: string, settings: TelemetrySettings): Scope {
  return { name: 'openlit-instrument', version, schemaUrl: SCHEMA_URL[settings.generation] };
}

export function createTarget(options: TargetOptions): Target {
  const { settings, resource, exporter, costOf, emitSpan } = options;
  const aggregator = createAggregator(settings.otlp.temporality, now());
  let timer: NodeJS.Timeout | undefined;
  let failed = false;

  const exportMetrics = (): void => {
    for (const metric of aggregator.collect(now())) exporter.metric(resource, metric);
  };

  const emit = (rendered: RenderedCall, given: SpanParent | undefined): void => {
    const { traceId, spanId, traceFlags } = emitSpan(rendered, given);
    const sampled = (traceFlags & 1) === 1;
    if (sampled && exporter.wants('logs')) {
      for (const { name, ...event } of rendered.events) {
        exporter.log(resource, { eventName: name, ...event, traceId, spanId, traceFlags });
      }
    }
    measure(rendered.measurements);
  };

  const measure = (measurements: readonly Measurement[]): void => {
    if (!exporter.wants('metrics')) return;
    for (const measurement of measurements) aggregator.add(measurement);
    timer ??= setInterval(exportMetrics, settings.otlp.metricInterval).unref();
  };

  return {
    record(call, parent) {
      try {
        const cost = call.kind === 'llm' ? (costOf ?? statedCost)(call) : undefined;
        const rendered = renderCall(cleanCall(call, settings.content), {
          ...settings,
          ...(cost === undefined ? {} : { cost }),
        });
        if (rendered !== undefined) emit(rendered, parent ?? observedParent(call));
      } catch (error) {
        // A call that cannot be told is lost; the program that made it is not.
        if (!failed) options.notice?.(`a call could not be reported (${(error as Error).message})`);
        failed = true;
      }
    },
    session: session => measure(sessionMeasurements(session)),
    exportMetrics,
    close() {
      clearInterval(timer);
      exportMetrics();
    },
  };
}

/** The header of a request that the process answered is its caller's; of one that it sent, its own client span's. */
function observedParent(call: Call): SpanParent | undefined {
  const parent = parseTraceparent(call.traceparent);
  return parent === undefined ? undefined : { ...parent, isRemote: call.role === 'server' };
}

function statedCost(call: LlmCall): Cost | undefined {
  return call.statedCost === undefined ? undefined : { ...call.statedCost, source: 'reported' };
}

function now(): bigint {
  return BigInt(Date.now()) * 1_000_000n;
}
