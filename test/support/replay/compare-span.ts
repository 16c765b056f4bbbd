/** A span as it reached a collector, against what an exact observer must report. */
import { isDeepStrictEqual } from 'node:util';
import type { Difference, Expected } from '../corpus.js';
import type { FlatMetricPoint, FlatSpan } from '../otlp-receiver.js';

export function compareSpan(span: FlatSpan, expected: NonNullable<Expected>): Difference[] {
  const differences: Difference[] = [];
  for (const [name, value] of Object.entries(expected)) {
    const actual = fact(span, name);
    const wanted = plain(name, value);
    if (value === null ? actual !== undefined : !isSame(actual, wanted))
      differences.push({ name, expected: wanted, actual });
  }
  return differences;
}

function plain(name: string, value: unknown): unknown {
  if (name === 'tool_calls') return (value as [string, string][]).map(([tool, text]) => [tool, json(text)]);
  return name === 'cost' && value !== null ? (value as { amount: number }).amount : value;
}

/** A secret in an argument never leaves us. */
const REDACTED = '[REDACTED]';

function isSame(actual: unknown, wanted: unknown): boolean {
  if (actual === REDACTED && typeof wanted === 'string') return true;
  if (typeof actual !== 'object' || typeof wanted !== 'object' || actual === null || wanted === null)
    return isDeepStrictEqual(actual, wanted);
  const names = Object.keys(wanted);
  return (
    Array.isArray(actual) === Array.isArray(wanted) &&
    names.length === Object.keys(actual).length &&
    names.every(name => isSame((actual as Record<string, unknown>)[name], (wanted as Record<string, unknown>)[name]))
  );
}

function fact({ attributes }: FlatSpan, name: string): unknown {
  if (name === 'output_text') return outputText(attributes);
  if (name === 'tool_calls') return toolCalls(attributes).map(({ name: tool, arguments: given }) => [tool, given]);
  if (name === 'http_status') return attributes['http.response.status_code'];
  return attributes[name === 'cost' ? 'gen_ai.usage.cost' : name];
}

interface Part {
  readonly type: string;
  readonly content?: string;
  readonly name?: string;
  readonly arguments?: unknown;
}

function parts(attributes: FlatSpan['attributes']): Part[] {
  const text = attributes['gen_ai.output.messages'];
  if (typeof text !== 'string') return [];
  return (JSON.parse(text) as { parts: Part[] }[]).flatMap(message => message.parts);
}

export function outputText(attributes: FlatSpan['attributes']): string {
  return parts(attributes)
    .filter(part => part.type === 'text')
    .map(part => part.content ?? '')
    .join('');
}

export function toolCalls(attributes: FlatSpan['attributes']): { name: string; arguments: unknown }[] {
  return parts(attributes)
    .filter(part => part.type === 'tool_call')
    .map(part => ({
      name: part.name ?? '',
      arguments: typeof part.arguments === 'string' ? json(part.arguments) : part.arguments,
    }));
}

function json(source: string): unknown {
  try {
    return JSON.parse(source);
  } catch {
    return source;
  }
}

export interface Totals {
  calls: number;
  input: number;
  output: number;
}

/** Calls and tokens by model, as the histograms sum them up; the last export of a series counts. */
export function metricTotals(points: readonly FlatMetricPoint[]): Record<string, Totals> {
  const last = new Map<string, FlatMetricPoint>();
  for (const each of points) {
    if (each.name !== 'gen_ai.client.operation.duration' && each.name !== 'gen_ai.client.token.usage') continue;
    last.set(JSON.stringify([each.name, each.resource['process.pid'], Object.entries(each.attributes).sort()]), each);
  }
  const totals: Record<string, Totals> = {};
  for (const { name, attributes, point } of last.values()) {
    const total = totalOf(totals, attributes);
    if (name === 'gen_ai.client.operation.duration') total.calls += Number(point['count']);
    else total[attributes['gen_ai.token.type'] as 'input' | 'output'] += Number(point['sum']);
  }
  return totals;
}

/** The same from the expectations; where one says nothing of a count, the span of that call may. */
export function expectedTotals(
  calls: readonly { expected: NonNullable<Expected>; span: FlatSpan }[],
): Record<string, Totals> {
  const totals: Record<string, Totals> = {};
  for (const { expected, span } of calls) {
    const total = totalOf(totals, span.attributes);
    const tokens = (name: string) => Number((name in expected ? expected[name] : span.attributes[name]) ?? 0);
    total.calls++;
    total.input += tokens('gen_ai.usage.input_tokens');
    total.output += tokens('gen_ai.usage.output_tokens');
  }
  return totals;
}

function totalOf(totals: Record<string, Totals>, attributes: Readonly<Record<string, unknown>>): Totals {
  const names = ['gen_ai.provider.name', 'gen_ai.operation.name', 'gen_ai.request.model', 'gen_ai.response.model'];
  const key = names.map(name => attributes[name] ?? '-').join(' ');
  totals[key] ??= { calls: 0, input: 0, output: 0 };
  return totals[key];
}
