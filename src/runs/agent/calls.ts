/** The calls of all observed workloads: to the endpoint, to the page for Prometheus, to the kept runs. */
import type { ExchangeSink } from '../../attach/observation-options.js';
import { createCostCalculator } from '../../calls/cost.js';
import { loadPrices } from '../../calls/load-prices.js';
import type { Resource } from '../../calls/model.js';
import { createPipeline, type Pipeline } from '../../calls/pipeline.js';
import type { Consumer, TargetSettings } from '../../calls/recorded-call.js';
import { hasDestination } from '../../config/load.js';
import type { OtlpEndpoint, Settings } from '../../config/settings.js';
import type { ProcessIdentity } from '../../machine/identity.js';
import type { OtlpConsumer } from '../../telemetry/otlp-consumer.js';
import { telemetrySettings } from '../../telemetry/resolved-settings.js';
import { callSink } from '../attach/call-sink.js';
import { keepingCalls } from '../keep-calls.js';
import { prometheusPage } from '../prometheus-page.js';

export interface AgentCallsOptions {
  readonly settings: Settings;
  readonly version: string;
  readonly note: (line: string) => void;
  readonly resourceOf: (process: ProcessIdentity) => Resource;
  /** Counts for the agent's own page. */
  readonly meter: Consumer;
}

export interface AgentCalls {
  /** Of the probes; it ends the pipeline with them. */
  readonly sink: ExchangeSink;
  readonly pipeline: Pipeline;
  /** How the calls of all are treated. */
  readonly target: TargetSettings;
  /** Where the dashboard says that telemetry goes; only where nobody else says it. */
  send(endpoint: OtlpEndpoint): void;
  /** What the exporter counted; absent without an endpoint. */
  readonly sent: ReturnType<OtlpConsumer['stats']> | undefined;
}

export async function createAgentCalls(options: AgentCallsOptions): Promise<AgentCalls> {
  const { settings, version, note, resourceOf, meter } = options;
  const telemetry = telemetrySettings(settings, process.env);
  for (const warning of telemetry.warnings) note(warning);
  const { createOtlpConsumer } = await import('../../telemetry/otlp-consumer.js');
  const openOtlp = (to: Settings): OtlpConsumer =>
    createOtlpConsumer({ settings: telemetrySettings(to, process.env), version, notice: note });
  const own = hasDestination(settings);
  let otlp = own ? openOtlp(settings) : undefined;
  const leaving = new Set<Promise<void>>();
  /** An exporter that can be another one tomorrow. */
  const exporting: Consumer = {
    call: recorded => otlp?.call(recorded),
    span: recorded => otlp?.span?.(recorded),
    session: (session, target) => otlp?.session?.(session, target),
    ended: target => otlp?.ended?.(target),
    async finish() {
      await Promise.all([otlp?.finish(), ...leaving]);
    },
  };
  const run = { program: 'agent', pid: process.pid, started: new Date().toISOString(), way: 'attach' as const };
  const consumers = [
    meter,
    exporting,
    ...(await prometheusPage(telemetry, note)),
    ...keepingCalls(settings, run, note),
  ];
  const { pricingFile } = telemetry;
  const costOf = createCostCalculator({ loadPrices, ...(pricingFile === undefined ? {} : { pricingFile }) });
  const pipeline = createPipeline({ consumers, costOf, notice: note });
  const sink = callSink(pipeline, facts => ({
    resource: resourceOf(facts),
    settings: telemetry,
    pid: facts.pid,
    process: facts.name,
  }));
  return {
    sink,
    pipeline,
    target: telemetry,
    send(endpoint) {
      if (own) return;
      const before = otlp;
      otlp = openOtlp({ ...settings, otlp: endpoint });
      const done = before?.finish().finally(() => leaving.delete(done!));
      if (done) leaving.add(done);
    },
    get sent() {
      return otlp?.stats();
    },
  };
}

export interface LazyCalls {
  /** With the first workload that is observed, or the first hook that may connect. */
  open(): Promise<AgentCalls>;
  readonly opened: AgentCalls | undefined;
  send(endpoint: OtlpEndpoint): void;
}

/** Exporter and prices are loaded when there is something to observe. */
export function lazyCalls(options: AgentCallsOptions): LazyCalls {
  let opened: AgentCalls | undefined;
  let opening: Promise<AgentCalls> | undefined;
  let to: OtlpEndpoint | undefined;
  return {
    open() {
      opening ??= createAgentCalls(options).then(calls => {
        if (to) calls.send(to);
        opened = calls;
        return calls;
      });
      return opening;
    },
    get opened() {
      return opened;
    },
    send(endpoint) {
      to = endpoint;
      opened?.send(endpoint);
    },
  };
}
