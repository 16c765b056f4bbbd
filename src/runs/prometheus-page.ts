/** The page that a Prometheus server reads, where it was asked for: beside an endpoint, and without one. */
import type { Consumer } from '../calls/recorded-call.js';
import type { TelemetrySettings } from '../telemetry/settings.js';

/** One consumer or none; loaded only where it is wanted. */
export async function prometheusPage(
  { otlp: { prometheus } }: TelemetrySettings,
  notice: (line: string) => void,
): Promise<Consumer[]> {
  if (prometheus === undefined) return [];
  const { createPrometheusConsumer } = await import('../telemetry/prometheus.js');
  return [createPrometheusConsumer(prometheus, notice)];
}
