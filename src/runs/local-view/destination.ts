/** The endpoint of a launch that stays to show something: the same exporters as in the observer, and what became of the calls. */
import type { Consumer } from '../../calls/recorded-call.js';
import { maskAddresses } from '../../config/mask.js';
import type { Settings } from '../../config/settings.js';
import type { TelemetrySettings } from '../../telemetry/settings.js';

export interface Destination {
  readonly consumers: readonly Consumer[];
  /** One line for the end of the launch. */
  closingLine(): string;
}

/** Milliseconds that the last export may hold the launcher. */
const LONGEST_WAIT = 1_000;

export async function openDestination(
  settings: Settings,
  telemetry: TelemetrySettings,
  version: string,
  notice: (line: string) => void,
): Promise<Destination> {
  const { createOtlpConsumer } = await import('../../telemetry/otlp-consumer.js');
  const otlp = createOtlpConsumer({ settings: telemetry, version, notice });
  let calls = 0;
  const counting: Consumer = {
    call({ call, sameAs }) {
      if (call.kind === 'llm' && sameAs === undefined) calls++;
    },
    finish: async () => {},
  };
  const consumers: Consumer[] = [counting, { ...otlp, finish: () => otlp.finish(LONGEST_WAIT) }];
  return { consumers, closingLine: () => closingLine(calls, whereTo(settings), otlp.stats().traces) };
}

/** Undefined where no span leaves. */
function whereTo({ otlp, tracesExporter }: Settings): string | undefined {
  if (tracesExporter === 'none') return undefined;
  if (tracesExporter === 'console') return 'the console';
  const address = otlp.signalEndpoints.traces ?? otlp.endpoint;
  return address === undefined ? undefined : maskAddresses(address);
}

/** Exported for tests. */
export function closingLine(
  calls: number,
  to: string | undefined,
  { exported, dropped, queued }: { exported: number; dropped: number; queued: number },
): string {
  if (calls === 0) return 'no LLM call was seen';
  const seen = `${calls} LLM ${calls === 1 ? 'call' : 'calls'}`;
  if (to === undefined) return `${seen} seen, no span sent: traces are switched off`;
  const missing = dropped + queued;
  if (missing === 0) return `${seen} seen, ${spans(exported)} sent to ${to}`;
  return `${seen} seen, ${spans(exported)} sent to ${to}, ${spans(missing)} not delivered`;
}

const spans = (number: number) => `${number} ${number === 1 ? 'span' : 'spans'}`;
