// What an observed run must agree with: the bare run, and the provider's own account of what it answered.
import { isCall } from './run-program.mjs';

const MODEL = 'gen_ai.';

/** Seconds by which a first chunk may come later at the client than the provider wrote it: a client reads when it can. */
const LATE = 2;
/** The provider's clock counts whole milliseconds, and its start comes after the client's. */
const EARLY = 0.005;

/** What the span of a call must say, by attribute; undefined: must be absent. */
export function factsOf(call) {
  if (call.mcp) return { 'mcp.method.name': call.mcp };
  return {
    [`${MODEL}operation.name`]: call.operation,
    [`${MODEL}request.model`]: call.model,
    [`${MODEL}response.model`]: call.responseModel,
    [`${MODEL}usage.input_tokens`]: call.input,
    [`${MODEL}usage.output_tokens`]: call.output,
    [`${MODEL}response.finish_reasons`]: call.finish?.join(','),
    'error.type': call.error,
  };
}

function differences(call, { attributes }) {
  const found = [];
  for (const [name, expected] of Object.entries(factsOf(call))) {
    const seen = Array.isArray(attributes[name]) ? attributes[name].join(',') : attributes[name];
    if (seen !== expected) found.push(`${name} ${shown(seen)}, not ${shown(expected)}`);
  }
  if (call.firstChunk !== undefined && call.stream) {
    const name = `${MODEL}response.time_to_first_chunk`;
    const [seen, sent] = [attributes[name], (call.firstChunk - call.start) / 1000];
    if (seen === undefined) found.push(`${name} absent`);
    else if (seen < sent - EARLY || seen > sent + LATE) found.push(`${name} ${seen}, not ${sent}`);
  }
  return found;
}

const shown = value => (value === undefined ? 'absent' : JSON.stringify(value));

/**
 * Pairs calls and spans: those that agree first, then the rest in order.
 * @param row `reported`: so many calls must have no span, because the program reports them itself; `mocked`: so many spans
 *   stand for calls that a mock inside the program answered
 */
export function compareCalls({ reported = 0, mocked = 0 }, calls, spans) {
  const left = spans
    .filter(isCall)
    .sort((one, other) => Number(BigInt(one.startTimeUnixNano) - BigInt(other.startTimeUnixNano)));
  const pairs = [];
  const open = [];
  for (const call of calls) {
    const at = left.findIndex(span => differences(call, span).length === 0);
    if (at < 0) open.push(call);
    else pairs.push([call, left.splice(at, 1)[0]]);
  }
  const problems = [];
  for (const call of open.slice(left.length === 0 ? reported : 0)) {
    const name = call.mcp ?? `${call.operation} ${call.model}${call.stream ? ' streamed' : ''}`;
    const at = left.findIndex(span => span.attributes['gen_ai.request.model'] === call.model);
    if (at < 0) problems.push(`${name} (${call.path}): no span`);
    else problems.push(`${name}: ${differences(call, left.splice(at, 1)[0]).join('; ')}`);
  }
  if (left.length < mocked) problems.push(`${left.length} mocked calls, not ${mocked}`);
  for (const { name, attributes } of left.slice(mocked))
    problems.push(`one span too many: ${name} (${attributes['gen_ai.provider.name']})`);
  return { exact: pairs.length, problems, pairs };
}

function ancestors(span, byId) {
  const found = [];
  for (let at = byId.get(span.parentSpanId); at !== undefined && !found.includes(at); at = byId.get(at.parentSpanId))
    found.push(at);
  return found;
}

const operationOf = span => span.attributes['gen_ai.operation.name'] ?? span.name;

/** Whether calls have the ancestors, and the other spans are there, that the row asks for. */
export function compareSpans(row, spans) {
  const byId = new Map(spans.map(span => [span.spanId, span]));
  const calls = spans.filter(isCall);
  const problems = [];
  for (const [operation, count] of Object.entries(row.within ?? {})) {
    const inside = calls.filter(span => ancestors(span, byId).some(each => operationOf(each) === operation)).length;
    if (inside !== count) problems.push(`${inside} calls within ${operation}, not ${count}`);
  }
  for (const [operation, count] of Object.entries(row.spans ?? {})) {
    const there = spans.filter(span => !isCall(span) && operationOf(span) === operation).length;
    if (there !== count) problems.push(`${there} spans ${operation}, not ${count}`);
  }
  const children = calls.filter(span => span.parentSpanId && !byId.has(span.parentSpanId)).length;
  if (children !== (row.nested ?? 0))
    problems.push(`${children} calls whose parent was not received, not ${row.nested ?? 0}`);
  const steps = spans.filter(span => !isCall(span));
  const orphans = steps.filter(span => span.parentSpanId && !byId.has(span.parentSpanId));
  if (orphans.length > 0)
    problems.push(`parents missing of ${[...new Set(orphans.map(({ name }) => name))].join(', ')}`);
  return problems;
}

/** What the program's caller would see; @returns the first line that differs in each, none when all is the same */
export function compareRuns(bare, observed) {
  const problems = [];
  if (bare.status !== observed.status) problems.push(`status ${observed.status}, not ${bare.status}`);
  for (const name of ['stdout', 'stderr']) {
    if (bare[name] === observed[name]) continue;
    const [one, other] = [bare[name].split('\n'), observed[name].split('\n')];
    const at = one.findIndex((line, index) => line !== other[index]);
    const line = at < 0 ? one.length : at;
    problems.push(
      `${name} line ${line + 1}: ${shown(other[line]?.slice(0, 160))}, not ${shown(one[line]?.slice(0, 160))}`,
    );
  }
  if (observed.calls.length !== bare.calls.length)
    problems.push(`${observed.calls.length} requests, not ${bare.calls.length}`);
  return problems;
}
