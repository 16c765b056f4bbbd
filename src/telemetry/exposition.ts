/**
 * Metric points -> what a Prometheus server reads: the text format (0.0.4) and OpenMetrics (1.0). Pure. Names and labels
 * by the OpenTelemetry specification, "Prometheus and OpenMetrics compatibility".
 */
import { cutText } from '../calls/content.js';
import type { Attributes, AttributeValue, HistogramPoint, Metric, SumPoint } from '../calls/model.js';

export type ExpositionFormat = 'text' | 'openmetrics';

export const CONTENT_TYPE: Readonly<Record<ExpositionFormat, string>> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

/** Facts of one program that hold for all its series. */
export type TargetLabels = Readonly<Attributes>;

/** Characters of one label: a model's name comes from the program, and may be anything. */
const LONGEST_LABEL = 256;

/** UCUM -> the words of Prometheus; what stands in braces is an annotation and no unit. */
const UNITS: Readonly<Record<string, string>> = { s: 'seconds', ms: 'milliseconds', By: 'bytes', '1': '' };

/** `gen_ai.client.operation.duration` in `s` -> `gen_ai_client_operation_duration_seconds`. Without `_total`. */
export function metricName(name: string, unit: string): string {
  const base = sanitize(name).replace(/_total$/, '');
  const suffix = unit.startsWith('{') ? '' : sanitize(UNITS[unit] ?? unit);
  return suffix === '' || base.endsWith(`_${suffix}`) ? base : `${base}_${suffix}`;
}

/** The whole answer to one scrape. `targets` become `target_info`. */
export function expose(metrics: readonly Metric[], targets: readonly TargetLabels[], format: ExpositionFormat): string {
  const lines = targetLines(targets, format);
  const named = metrics.map(metric => [metricName(metric.name, metric.unit), metric] as const);
  for (const [name, metric] of named.sort(([one], [two]) => (one < two ? -1 : 1))) {
    const isCounter = metric.type === 'sum';
    const family = isCounter && format === 'text' ? `${name}_total` : name;
    lines.push(`# HELP ${family} ${help(metric.description, format)}`);
    lines.push(`# TYPE ${family} ${isCounter ? 'counter' : 'histogram'}`);
    if (metric.type === 'sum') for (const point of metric.points) lines.push(counterLine(name, point));
    else for (const point of metric.points) histogramLines(name, point, lines);
  }
  if (format === 'openmetrics') lines.push('# EOF');
  return `${lines.join('\n')}\n`;
}

function targetLines(targets: readonly TargetLabels[], format: ExpositionFormat): string[] {
  if (targets.length === 0) return [];
  const [family, type] = format === 'openmetrics' ? ['target', 'info'] : ['target_info', 'gauge'];
  const head = [`# HELP ${family} Observed programs`, `# TYPE ${family} ${type}`];
  return [...head, ...targets.map(labels => `target_info${labelText(labels)} 1`)];
}

function counterLine(name: string, { attributes, value }: SumPoint): string {
  return `${name}_total${labelText(attributes)} ${numberText(value)}`;
}

/** Prometheus counts what is at most the bound, so each bucket holds those before it. */
function histogramLines(name: string, point: HistogramPoint, lines: string[]): void {
  const { attributes, bounds, bucketCounts, count, sum } = point;
  const labels = labelPairs(attributes);
  // Written once: the same labels stand in a dozen lines.
  const bucket = `${name}_bucket{${labels.map(label => `${label},`).join('')}le="`;
  let below = 0;
  for (const [index, bound] of bounds.entries()) {
    below += bucketCounts[index] ?? 0;
    lines.push(`${bucket}${floatText(bound)}"} ${below}`);
  }
  lines.push(`${bucket}+Inf"} ${count}`);
  lines.push(`${name}_sum${braces(labels)} ${numberText(sum)}`);
  lines.push(`${name}_count${braces(labels)} ${count}`);
}

function labelText(attributes: Readonly<Attributes>): string {
  return braces(labelPairs(attributes));
}

function braces(pairs: readonly string[]): string {
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function pair(name: string, value: string): string {
  return `${name}="${escaped(value).replaceAll('"', '\\"')}"`;
}

/** Two attributes of one name after sanitizing (`a.b`, `a_b`) share a label, as the specification says. */
function labelPairs(attributes: Readonly<Attributes>): string[] {
  const labels = new Map<string, string>();
  for (const name of Object.keys(attributes).sort()) {
    const label = labelName(name);
    const value = cutText(valueText(attributes[name] as AttributeValue), LONGEST_LABEL);
    const before = labels.get(label);
    labels.set(label, before === undefined ? value : `${before};${value}`);
  }
  return [...labels].map(([name, value]) => pair(name, value));
}

/** Names that begin with `__` are the server's own, and `le` is the bucket's. */
function labelName(name: string): string {
  const label = name.replace(/[^a-zA-Z0-9_]+/g, '_').replace(/^_{2,}/, '_');
  return /^\d/.test(label) || label === '' || label === 'le' ? `key_${label}` : label;
}

function sanitize(name: string): string {
  const text = name.replace(/[^a-zA-Z0-9:]+/g, '_').replace(/^_+|_+$/g, '');
  return /^\d/.test(text) ? `_${text}` : text;
}

function valueText(value: AttributeValue): string {
  return Array.isArray(value) ? JSON.stringify(value) : String(value);
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

function help(text: string, format: ExpositionFormat): string {
  return format === 'openmetrics' ? escaped(text).replaceAll('"', '\\"') : escaped(text);
}

function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
}

/** OpenMetrics wants bounds in one form, so that `1` and `1.0` are not two series. */
function floatText(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 1e15 ? `${value}.0` : String(value);
}
