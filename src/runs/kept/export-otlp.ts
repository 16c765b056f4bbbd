/** Spans in OTLP's JSON, a request a line: what `curl` can post to a collector, and its file receiver reads. */
import { ATTRIBUTE, doubleAttributes, SCHEMA_URL } from '../../calls/genai-attributes.js';
import type { Attributes, Span } from '../../calls/model.js';
import { isSpanLine, type StoredCall, type StoredLine, type StoredSpan } from '../../store/kept-lines.js';
import type { Reader } from '../../store/reader.js';
import { jsonEncoding } from '../../telemetry/otlp/encode-json.js';
import type { Fragment } from '../../telemetry/otlp/encoding.js';
import { linesOf } from './lines.js';

/** Spans of one line. */
const BATCH = 1000;
const SCHEMA = SCHEMA_URL['v1.41'];
const SAMPLED = 1;

export async function* otlpOf(reader: Reader, rows: readonly number[], version: string): AsyncGenerator<string> {
  const scope = jsonEncoding.scope({ name: 'openlit-instrument', version });
  const doubles = doubleAttributes(SCHEMA);
  let groups = new Map<string, Fragment[]>();
  let waiting = 0;
  const request = () => {
    const all = [...groups].map(([service, items]) => ({
      resource: jsonEncoding.resource({ attributes: { 'service.name': service } }),
      items,
    }));
    groups = new Map();
    waiting = 0;
    return `${Buffer.from(jsonEncoding.request('traces', all, scope, SCHEMA)).toString('utf8')}\n`;
  };
  for await (const { row, line } of linesOf(reader, rows)) {
    const span = isSpanLine(line) ? stepSpan(line) : callSpan(line);
    if (span === undefined) continue;
    const run = reader.runs[reader.table.columns.run[row]!];
    // The resource was not kept: what every run has is the name of the program.
    const service = line.process ?? run?.program ?? 'unknown_service';
    groups.set(service, [...(groups.get(service) ?? []), jsonEncoding.span(span, doubles)]);
    if (++waiting >= BATCH) yield request();
  }
  if (waiting > 0) yield request();
}

const place = ({ id, trace_id: traceId, parent_id: parentSpanId }: StoredLine) => ({
  traceId,
  spanId: id,
  ...(parentSpanId === undefined ? {} : { parentSpanId }),
  traceFlags: SAMPLED,
});

const failure = (failed: boolean, message: string | undefined) =>
  failed ? { error: message === undefined ? {} : { message } } : {};

function stepSpan(line: StoredSpan): Span {
  return {
    ...place(line),
    name: line.name,
    kind: 'internal',
    start: BigInt(line.start),
    end: BigInt(line.end),
    attributes: line.attributes as Attributes,
    ...failure(line.status === 'error', line.error_message),
  };
}

/** Undefined for a call without any time: a span without one would be invented. */
function callSpan(line: StoredCall): Span | undefined {
  const attributes = (line.attributes ?? {}) as Attributes;
  const start = line.start ?? line.first_chunk ?? line.end;
  if (start === undefined) return undefined;
  const end = line.end ?? line.first_chunk ?? start;
  const text = (name: string) => (typeof attributes[name] === 'string' ? (attributes[name] as string) : undefined);
  const method = text(ATTRIBUTE.mcpMethodName);
  const words =
    method === undefined
      ? [text(ATTRIBUTE.operationName) ?? 'inference', text(ATTRIBUTE.requestModel)]
      : [method, text(ATTRIBUTE.toolName) ?? text(ATTRIBUTE.promptName)];
  return {
    ...place(line),
    name: words.filter(word => word !== undefined).join(' '),
    kind: line.role === 'server' ? 'server' : 'client',
    start: BigInt(start),
    end: BigInt(end),
    attributes,
    ...failure(attributes[ATTRIBUTE.errorType] !== undefined, line.error_message),
  };
}
