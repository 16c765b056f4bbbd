/**
 * OTLP as one consumer of recorded calls: each target under a resource of its own, all through one exporter with its
 * connection, its bounded queue and its counters. Built on the OpenTelemetry SDK for spans; metrics and events are ours
 * (docs/decisions/0050).
 */
import { SCHEMA_URL } from '../calls/genai-attributes.js';
import type { Scope } from '../calls/model.js';
import type { Consumer, RecordedCall, RecordedSpan, Target } from '../calls/recorded-call.js';
import { createAggregator } from './aggregator.js';
import { type Measurement, sessionMeasurements } from './measurements.js';
import { createExporter, type Exporter } from './otlp/exporter.js';
import { renderCall } from './render.js';
import { createSdkSpans } from './sdk-spans.js';
import type { TelemetrySettings } from './settings.js';

export interface OtlpConsumerOptions {
  readonly settings: TelemetrySettings;
  /** Our version, for the instrumentation scope. */
  readonly version: string;
  /** One line, without our name in front, once for each kind of problem. */
  readonly notice?: (line: string) => void;
  /** Bytes that may wait for the collector; default 16 MiB. */
  readonly queueBytes?: number;
}

export interface OtlpConsumer extends Consumer {
  flush(milliseconds: number): Promise<boolean>;
  finish(milliseconds?: number): Promise<void>;
  stats(): ReturnType<Exporter['stats']>;
}

/** Milliseconds that leaving may take. */
const LONGEST_FLUSH = 5_000;

/** The instrumentation scope of everything that we emit. */
export function scopeOf(version: string, settings: Pick<TelemetrySettings, 'generation'>): Scope {
  return { name: 'openlit-instrument', version, schemaUrl: SCHEMA_URL[settings.generation] };
}

export function createOtlpConsumer({ settings, version, notice, queueBytes }: OtlpConsumerOptions): OtlpConsumer {
  const scope = scopeOf(version, settings);
  const exporter = createExporter({
    settings: settings.otlp,
    scope,
    ...(notice === undefined ? {} : { notice }),
    ...(queueBytes === undefined ? {} : { queueBytes }),
  });
  const open = new Map<Target, TargetTelemetry>();
  const leaving = new Set<Promise<void>>();

  function of(target: Target): TargetTelemetry {
    let telemetry = open.get(target);
    if (telemetry === undefined) {
      telemetry = createTargetTelemetry(target, scope, settings, exporter);
      open.set(target, telemetry);
    }
    return telemetry;
  }

  function end(target: Target): void {
    const telemetry = open.get(target);
    if (telemetry === undefined || !open.delete(target)) return;
    const done = telemetry.close().finally(() => leaving.delete(done));
    leaving.add(done);
  }

  return {
    call: recorded => of(recorded.target).call(recorded),
    span: recorded => of(recorded.target).span(recorded),
    session: (session, target) => of(target).measure(sessionMeasurements(session)),
    ended: end,
    flush(milliseconds) {
      for (const telemetry of open.values()) telemetry.exportMetrics();
      return exporter.flush(milliseconds);
    },
    async finish(milliseconds = LONGEST_FLUSH) {
      for (const target of [...open.keys()]) end(target);
      await Promise.all(leaving);
      await exporter.shutdown(milliseconds);
    },
    stats: () => exporter.stats(),
  };
}

interface TargetTelemetry {
  call(recorded: RecordedCall): void;
  span(recorded: RecordedSpan): void;
  measure(measurements: readonly Measurement[]): void;
  exportMetrics(): void;
  /** Hands over the last metrics; the exporter goes on. */
  close(): Promise<void>;
}

function createTargetTelemetry(
  { resource, settings: { generation, content, emitEvent } }: Target,
  scope: Scope,
  { otlp }: TelemetrySettings,
  exporter: Exporter,
): TargetTelemetry {
  const spans = createSdkSpans(resource, scope, exporter);
  const aggregator = createAggregator(otlp.temporality, now());
  let timer: NodeJS.Timeout | undefined;

  const exportMetrics = (): void => {
    for (const metric of aggregator.collect(now())) exporter.metric(resource, metric);
  };

  const measure = (measurements: readonly Measurement[]): void => {
    if (!exporter.wants('metrics')) return;
    for (const measurement of measurements) aggregator.add(measurement);
    timer ??= setInterval(exportMetrics, otlp.metricInterval).unref();
  };

  return {
    call({ call, cost, identity, extra }) {
      const rendered = renderCall(call, {
        generation,
        content,
        emitEvent,
        ...(cost === undefined ? {} : { cost }),
        ...(extra === undefined ? {} : { extra }),
      });
      if (rendered === undefined) return;
      if ((identity.traceFlags & 1) === 1) {
        spans.emit(rendered, identity);
        const { traceId, spanId, traceFlags } = identity;
        if (exporter.wants('logs')) {
          for (const { name, ...event } of rendered.events) {
            exporter.log(resource, { eventName: name, ...event, traceId, spanId, traceFlags });
          }
        }
      }
      measure(rendered.measurements);
    },
    span({ span }) {
      if ((span.traceFlags & 1) === 1) exporter.span(resource, span);
    },
    measure,
    exportMetrics,
    async close() {
      clearInterval(timer);
      exportMetrics();
      await spans.shutdown();
    },
  };
}

function now(): bigint {
  return BigInt(Date.now()) * 1_000_000n;
}
