/**
 * Telemetry of `attach`: one process of ours observes many, each with a resource of its own, and all share one exporter
 * with its connection, its bounded queue and its counters. Built on the OpenTelemetry SDK for spans; metrics and events go
 * the hook's way, so that launch and attach say the same (docs/decisions, "One exporter").
 */

import type { Resource } from '../calls/model.js';
import type { SpanParent } from '../calls/trace-context.js';
import type { Call, McpSession } from '../wire/llm-call.js';
import { createExporter, type Exporter } from './otlp/exporter.js';
import type { MeasurementConsumer } from './prometheus.js';
import { createSdkSpans } from './sdk-spans.js';
import type { TelemetrySettings } from './settings.js';
import { type CostOf, createTarget, scopeOf } from './target.js';

export interface HubOptions {
  readonly settings: TelemetrySettings;
  /** From `createCostCalculator`. */
  readonly costOf?: CostOf;
  /** Our version, for the instrumentation scope. */
  readonly version: string;
  /** Another reader of all measurements: the page for Prometheus. */
  readonly meter?: MeasurementConsumer;
  /** One line, without our name in front, once for each kind of problem. */
  readonly notice?: (line: string) => void;
}

/** One observed process. */
export interface Telemetry {
  /** Never throws and never waits. */
  record(call: Call, parent?: SpanParent): void;
  /** An MCP session that is over. */
  session(session: McpSession): void;
  /** Sends all; resolves after at most this many milliseconds, true when nothing is left. */
  flush(milliseconds?: number): Promise<boolean>;
  /**
   * The process has ended: its last metrics are handed over. The shared exporter goes on, so nothing is waited for; of a hub
   * with one process it ends as well, within this many milliseconds.
   */
  shutdown(milliseconds?: number): Promise<void>;
  stats(): ReturnType<Exporter['stats']>;
}

export interface TelemetryHub {
  /** Call once for each observed process; two of them never share a resource, even when their names are the same. */
  open(resource: Resource): Telemetry;
  flush(milliseconds?: number): Promise<boolean>;
  shutdown(milliseconds?: number): Promise<void>;
  stats(): ReturnType<Exporter['stats']>;
}

/** Milliseconds that leaving may take. */
const LONGEST_FLUSH = 5_000;

export function createTelemetryHub(options: HubOptions): TelemetryHub {
  const { settings, costOf, version, notice, meter } = options;
  const scope = scopeOf(version, settings);
  const exporter = createExporter({ settings: settings.otlp, scope, ...(notice === undefined ? {} : { notice }) });
  const opened = new Set<{ exportMetrics(): void; close(): void }>();

  const flush = (milliseconds = LONGEST_FLUSH): Promise<boolean> => {
    for (const target of opened) target.exportMetrics();
    return exporter.flush(milliseconds);
  };

  return {
    open(resource) {
      const spans = createSdkSpans(resource, scope, settings.sampler, exporter);
      const target = createTarget({
        settings,
        resource,
        exporter,
        emitSpan: spans.emit,
        ...(costOf === undefined ? {} : { costOf }),
        ...(meter === undefined ? {} : { meter }),
        ...(notice === undefined ? {} : { notice }),
      });
      opened.add(target);
      return {
        record: target.record,
        session: target.session,
        flush,
        async shutdown() {
          if (!opened.delete(target)) return;
          target.close();
          await spans.shutdown();
        },
        stats: () => exporter.stats(),
      };
    },
    flush,
    async shutdown(milliseconds = LONGEST_FLUSH) {
      for (const target of opened) target.close();
      opened.clear();
      await exporter.shutdown(milliseconds);
    },
    stats: () => exporter.stats(),
  };
}
