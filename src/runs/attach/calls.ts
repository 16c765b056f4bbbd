/** attach's sink for LLM calls: decoded once, then to lines, to an endpoint, to the screen, by what was asked for. */
import type { ExchangeSink } from '../../attach/observation-options.js';
import { createCostCalculator } from '../../calls/cost.js';
import { loadPrices } from '../../calls/load-prices.js';
import { createPipeline } from '../../calls/pipeline.js';
import type { Consumer } from '../../calls/recorded-call.js';
import { hasDestination, type Loaded } from '../../config/load.js';
import { callScreen } from '../../report/call-screen.js';
import type { Reporter } from '../../report/reporter.js';
import type { OtlpConsumer } from '../../telemetry/otlp-consumer.js';
import { telemetrySettings } from '../../telemetry/resolved-settings.js';
import { callLines } from '../call-consumers.js';
import type { KeptRun } from '../kept-run.js';
import { prometheusPage } from '../prometheus-page.js';
import { callSink } from './call-sink.js';
import type { LineWriter } from './line-writer.js';
import { resourceOfProcess } from './process-resource.js';

/** Calls so far, and the exporter's own figures where there is one. */
export interface Ledger {
  all: number;
  partial: number;
  sent: OtlpConsumer['stats'] | undefined;
}

/** A consumer that only counts. */
function counting(ledger: Ledger): Consumer {
  return {
    call: ({ call, sameAs }) => {
      if (call.kind !== 'llm' || sameAs !== undefined) return;
      ledger.all++;
      if (call.partial.length > 0) ledger.partial++;
    },
    finish: async () => {},
  };
}

export interface CallSinkRequest {
  readonly loaded: Loaded;
  /** JSON lines, where they are asked for. */
  readonly lines: LineWriter | undefined;
  /** The screen, where calls are shown. */
  readonly reporter: Reporter | undefined;
  readonly verbose: boolean;
  readonly notice: (line: string) => void;
  readonly version: string;
  readonly ledger: Ledger;
  readonly kept: KeptRun;
  /** What else wants the calls. */
  readonly more: readonly Consumer[];
}

/** Calls as lines, to an endpoint, on the screen: what was asked for, and never nowhere. */
export async function makeCallSink(request: CallSinkRequest): Promise<ExchangeSink> {
  const { loaded, lines, reporter, verbose, notice, version, ledger, kept, more } = request;
  const { settings } = loaded;
  const telemetry = telemetrySettings(settings, process.env);
  for (const warning of telemetry.warnings) notice(warning);
  const consumers: Consumer[] = [counting(ledger)];
  if (lines) consumers.push(callLines(lines));
  if (hasDestination(settings)) {
    // The SDK for spans is the largest part of us: 10 MB that only an endpoint needs.
    const { createOtlpConsumer } = await import('../../telemetry/otlp-consumer.js');
    const otlp = createOtlpConsumer({ settings: telemetry, version, notice });
    ledger.sent = () => otlp.stats();
    consumers.push(otlp);
  }
  consumers.push(...(await prometheusPage(telemetry, notice)));
  if (reporter) consumers.push(callScreen(reporter, verbose));
  consumers.push(...kept.consumers, ...more);
  const { pricingFile } = telemetry;
  const costOf = createCostCalculator({ loadPrices, ...(pricingFile === undefined ? {} : { pricingFile }) });
  return callSink(createPipeline({ consumers, costOf, notice }), facts => ({
    resource: resourceOfProcess(facts, { settings, version }),
    settings: telemetry,
    pid: facts.pid,
    process: facts.name,
  }));
}
