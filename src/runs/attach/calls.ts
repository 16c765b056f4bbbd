/** attach's sink for LLM calls: decoded once, then to lines, to an endpoint, to the screen, by what was asked for. */

import type { ExchangeSink } from '../../attach/observation.js';
import { createCostCalculator } from '../../calls/cost.js';
import { loadPrices } from '../../calls/load-prices.js';
import { hasDestination, type Loaded } from '../../config/load.js';
import type { CallScreen } from '../../report/call-screen.js';
import type { TelemetryHub } from '../../telemetry/pipeline.js';
import { telemetrySettings } from '../../telemetry/resolved-settings.js';
import { type CallConsumer, callLines, callSink, callTelemetry } from './call-sinks.js';
import type { LineWriter } from './line-writer.js';

/** Calls so far, and the exporter's own figures where there is one. */
export interface Ledger {
  all: number;
  partial: number;
  sent: TelemetryHub['stats'] | undefined;
}

/** A consumer that only counts. */
function counting(ledger: Ledger): CallConsumer {
  return {
    call: call => {
      if (call.kind !== 'llm') return;
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
  readonly screen: CallScreen | undefined;
  readonly notice: (line: string) => void;
  readonly version: string;
  readonly ledger: Ledger;
}

/** Calls as lines, to an endpoint, on the screen: what was asked for, and never nowhere. */
export async function makeCallSink(request: CallSinkRequest): Promise<ExchangeSink> {
  const { loaded, lines, screen, notice, version, ledger } = request;
  const { settings } = loaded;
  const telemetry = telemetrySettings(settings, process.env);
  for (const warning of telemetry.warnings) notice(warning);
  const costOf = createCostCalculator({
    loadPrices,
    ...(telemetry.pricingFile === undefined ? {} : { pricingFile: telemetry.pricingFile }),
  });
  const { generation, content, emitEvent } = telemetry;
  const consumers: CallConsumer[] = [counting(ledger)];
  if (lines) consumers.push(callLines(lines, { generation, content, emitEvent }));
  if (hasDestination(settings)) {
    // The SDK for spans is the largest part of us: 10 MB that only an endpoint needs.
    const { createTelemetryHub } = await import('../../telemetry/pipeline.js');
    const hub = createTelemetryHub({ settings: telemetry, costOf, version, notice });
    ledger.sent = () => hub.stats();
    consumers.push(callTelemetry({ hub, settings, version }));
  }
  if (screen) consumers.push(screen.consumer(content));
  return callSink({
    content: content.capture !== 'off',
    costOf,
    excludedHosts: settings.excludeEndpoints,
    consumers,
  });
}
