/**
 * The corpus of recorded exchanges, where it lies beside the clone, and the comparison of what the decoder says with what
 * an exact observer must say. Used by the jest test and by `npm run corpus`.
 */
import { createReadStream, existsSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { isDeepStrictEqual } from 'node:util';
import { createGunzip } from 'node:zlib';
import { callAttributes } from '../../src/telemetry/attributes.js';
import type { Exchange } from '../../src/wire/exchange.js';
import { parseExchangeLine } from '../../src/wire/exchange-json.js';
import { type Chunking, replayExchange, wholeBody } from '../../src/wire/exchange-replay.js';
import type { Call } from '../../src/wire/llm-call.js';
import { type CallDecoderLimits, createCallDecoder } from '../../src/wire/providers/index.js';

export type Expected = Record<string, unknown> | null;

export interface Case {
  readonly exchange: Exchange;
  readonly expected: Expected;
}

export interface Difference {
  readonly name: string;
  readonly expected: unknown;
  readonly actual: unknown;
}

/**
 * Expectations that the bytes of their own exchange contradict: `data: {"value":"Sure"}` and what follows is Writer's
 * streamed text, where the corpus expects none.
 */
export const WRONG_EXPECTATIONS: ReadonlySet<string> = new Set([
  'openllmetry/packages/opentelemetry-instrumentation-writer/tests/cassettes/test_completions/test_writer_async_streaming_completions_legacy.yaml#0',
]);

/** The file, or `undefined` where the corpus is not there. */
export function corpusFile(root: string): string | undefined {
  const file = path.join(root, '..', 'shared', 'corpus', 'exchanges.ndjson.gz');
  return existsSync(file) ? file : undefined;
}

export async function* readCorpus(file: string): AsyncGenerator<Case> {
  const lines = createInterface({
    input: createReadStream(file).pipe(createGunzip()),
    crlfDelay: Number.POSITIVE_INFINITY,
  });
  let number = 0;
  for await (const line of lines) {
    number++;
    if (line.trim() === '') continue;
    yield { exchange: parseExchangeLine(line, number), expected: JSON.parse(line).expected };
  }
}

/** Every call that the decoder reports for an exchange. */
export function decode(
  exchange: Exchange,
  chunking: Chunking = wholeBody,
  content = true,
  limits?: CallDecoderLimits,
): Call[] {
  const calls: Call[] = [];
  const open = createCallDecoder({
    onCall: call => calls.push(call),
    content,
    newId: () => 'id',
    ...(limits === undefined ? {} : { limits }),
  });
  replayExchange(exchange, open, chunking);
  return calls;
}

/** Exactly what is listed must be there; a decoder may say more. Numbers 1 and 1.0 are the same JSON. */
export function compare(calls: readonly Call[], expected: Expected): Difference[] {
  if (expected === null) {
    return calls.length === 0 ? [] : [{ name: 'is no call', expected: null, actual: summary(calls[0]!) }];
  }
  if (calls.length !== 1) return [{ name: 'is a call', expected: 1, actual: calls.length }];
  const call = calls[0]!;
  const attributes: Record<string, unknown> = callAttributes(call);
  const differences: Difference[] = [];
  for (const [name, value] of Object.entries(expected)) {
    const actual =
      name === 'output_text'
        ? call.kind === 'llm' && call.outputText
        : name === 'tool_calls'
          ? call.kind === 'llm' && call.toolCalls.map(tool => [tool.name, json(tool.arguments)])
          : name === 'http_status'
            ? call.httpStatus
            : name === 'cost'
              ? call.kind === 'llm' && call.statedCost
              : attributes[name];
    const wanted =
      name === 'tool_calls' ? (value as [string, string][]).map(([tool, source]) => [tool, json(source)]) : value;
    // In our own fixtures `null` says that the fact must be absent.
    if (value === null ? actual !== undefined : !isDeepStrictEqual(actual, wanted))
      differences.push({ name, expected: wanted, actual });
  }
  return differences;
}

function json(source: string): unknown {
  try {
    return JSON.parse(source);
  } catch {
    return source;
  }
}

function summary(call: Call): string {
  return call.kind === 'llm' ? `${call.provider} ${call.operation} ${call.request.model}` : `mcp ${call.method}`;
}
