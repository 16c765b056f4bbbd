/**
 * Calls in, telemetry out, without the OpenTelemetry SDK: what runs inside other people's Node programs. `pipeline.ts` is
 * its twin for our own process; both render with `render.ts` and export with `otlp/`.
 */

import type { Resource, Span } from '../calls/model.js';
import { newSpanId, newTraceId, type SpanParent } from '../calls/trace-context.js';
import type { Call, McpSession } from '../wire/llm-call.js';
import { createExporter, type Exporter } from './otlp/exporter.js';
import type { PreparedRequest } from './otlp/prepared-request.js';
import type { RenderedCall } from './render.js';
import type { TelemetrySettings } from './settings.js';
import { type CostOf, createTarget, scopeOf } from './target.js';

export interface RecorderOptions {
  readonly settings: TelemetrySettings;
  readonly resource: Resource;
  readonly costOf?: CostOf;
  /** Our version, for the instrumentation scope. */
  readonly version: string;
  /** One line, without our name in front, once for each kind of problem. */
  readonly notice?: (line: string) => void;
  readonly queueBytes?: number;
}

export interface Recorder {
  /** Never throws. `parent` is the program's own active span, where it has one. */
  record(call: Call, parent?: SpanParent): void;
  /** An MCP session that is over. */
  session(session: McpSession): void;
  /** Sends all; holds the event loop at most this long. True when nothing is left. */
  flush(milliseconds: number): Promise<boolean>;
  /** What is unsent, ready for `postPrepared` in a Worker; the recorder is closed by it. Synchronous. */
  takePrepared(): PreparedRequest[];
  shutdown(milliseconds: number): Promise<void>;
  stats(): ReturnType<Exporter['stats']>;
}

export function createRecorder(options: RecorderOptions): Recorder {
  const { settings, resource, costOf, notice, queueBytes } = options;
  const exporter = createExporter({
    settings: settings.otlp,
    scope: scopeOf(options.version, settings),
    ...(notice === undefined ? {} : { notice }),
    ...(queueBytes === undefined ? {} : { queueBytes }),
  });
  const target = createTarget({
    settings,
    resource,
    exporter,
    ...(costOf === undefined ? {} : { costOf }),
    ...(notice === undefined ? {} : { notice }),
    emitSpan(rendered, parent) {
      const span = spanOf(rendered, parent, settings);
      if ((span.traceFlags & 1) === 1) exporter.span(resource, span);
      return span;
    },
  });
  return {
    record: target.record,
    session: target.session,
    flush(milliseconds) {
      target.exportMetrics();
      return exporter.flush(milliseconds);
    },
    takePrepared() {
      target.close();
      return exporter.takePrepared();
    },
    async shutdown(milliseconds) {
      target.close();
      await exporter.shutdown(milliseconds);
    },
    stats: () => exporter.stats(),
  };
}

function spanOf(rendered: RenderedCall, parent: SpanParent | undefined, settings: TelemetrySettings): Span {
  const traceId = parent?.traceId ?? newTraceId();
  return {
    traceId,
    spanId: newSpanId(),
    ...(parent === undefined ? {} : { parentSpanId: parent.spanId, parentIsRemote: parent.isRemote ?? false }),
    ...(parent?.traceState === undefined ? {} : { traceState: parent.traceState }),
    traceFlags: settings.sampler.shouldSample(traceId, parent) ? 1 : 0,
    name: rendered.name,
    kind: rendered.kind,
    start: rendered.start,
    end: rendered.end,
    attributes: rendered.attributes,
    ...(rendered.error === undefined ? {} : { error: rendered.error }),
  };
}
