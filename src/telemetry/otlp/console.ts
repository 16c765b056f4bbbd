/**
 * The `console` exporter: one JSON object a line. The specification's console exporter writes to stdout; ours writes where
 * its caller says, and that is stderr, because a program's stdout is its own.
 */
import type { LogRecord, Metric, Resource, Span } from '../../calls/model.js';

export function consoleLine(
  type: 'span' | 'log' | 'metric',
  resource: Resource,
  data: Span | LogRecord | Metric,
): string {
  const service = resource.attributes['service.name'];
  const text = JSON.stringify({ type, service, ...data }, (_key, value) =>
    typeof value === 'bigint' ? String(value) : value,
  );
  return `${text}\n`;
}
