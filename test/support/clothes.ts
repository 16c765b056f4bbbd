/**
 * The same exchange in other clothes, and what its bytes still say then: a content type that is missing or wrong, an
 * encoding with and without its name, a gateway's host and path, no headers at all, an end in the middle.
 */
import zlib from 'node:zlib';
import type { Exchange, HeaderFields } from '../../src/wire/exchange.js';
import type { Call, LlmCall } from '../../src/wire/llm-call.js';

export interface Clothing {
  readonly name: string;
  /** Undefined where it does not apply. */
  dress(exchange: Exchange): Exchange | undefined;
  /** Whether what was said is the same for all that the bytes still say. `exchange` is the undressed one. */
  same(before: readonly Call[], after: readonly Call[], exchange: Exchange): boolean;
}

/** Absent before Node 22.15. */
const { zstdCompressSync } = zlib as { zstdCompressSync?: (body: Uint8Array) => Buffer };
const CODECS: Readonly<Record<string, (body: Uint8Array) => Buffer>> = {
  gzip: zlib.gzipSync,
  deflate: zlib.deflateSync,
  br: zlib.brotliCompressSync,
  ...(zstdCompressSync === undefined ? {} : { zstd: zstdCompressSync }),
};

function decoded(exchange: Exchange): Buffer | undefined {
  const body = Buffer.from(exchange.responseBody ?? []);
  const named = exchange.responseHeaders['content-encoding'];
  if (body.length === 0) return undefined;
  try {
    if (body[0] === 0x1f && body[1] === 0x8b) return zlib.gunzipSync(body);
    if (named === 'br' && !/^[\s[{"deir:]/.test(body.toString('latin1', 0, 4))) return zlib.brotliDecompressSync(body);
  } catch {
    return undefined;
  }
  return named === undefined || /^[\s[{"deir:]/.test(body.toString('latin1', 0, 1)) ? body : undefined;
}

function withResponse(exchange: Exchange, changed: Record<string, string | undefined>, body?: Buffer): Exchange {
  const all = { ...exchange.responseHeaders, ...changed };
  const responseHeaders = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
  return { ...exchange, responseHeaders: responseHeaders as HeaderFields, ...(body && { responseBody: body }) };
}

const words = (calls: readonly Call[]) =>
  calls.map(call =>
    call.kind === 'mcp'
      ? { method: call.method }
      : {
          text: call.outputText,
          tools: call.toolCalls,
          usage: Object.fromEntries(Object.entries(call.usage).sort()),
          id: call.response.id,
          model: call.response.model,
          reasons: call.response.finishReasons,
          error: call.error?.type,
        },
  );

const sameWords = (before: readonly Call[], after: readonly Call[]) =>
  JSON.stringify(words(before)) === JSON.stringify(words(after));
/** Bedrock says the id of Converse, and the counts of InvokeModel, in headers alone. */
function sameButHeaders(before: readonly Call[], after: readonly Call[], { responseHeaders }: Exchange): boolean {
  const counted = responseHeaders['x-amzn-bedrock-input-token-count'] !== undefined;
  const known = after.map((call, at): Call => {
    const whole = before[at];
    if (call.kind !== 'llm' || whole?.kind !== 'llm') return call;
    const named = responseHeaders['x-amzn-requestid'];
    const id = call.response.id ?? (whole.response.id === named ? named : undefined);
    return {
      ...call,
      response: { ...call.response, ...(id !== undefined && { id }) },
      usage: counted ? { ...whole.usage, ...call.usage } : call.usage,
    };
  });
  return sameWords(before, known);
}

const sameRecord = (before: readonly Call[], after: readonly Call[]) =>
  JSON.stringify(before, big) === JSON.stringify(after, big);
const big = (_: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value);

/** The text of each choice. */
const textsOf = (call: LlmCall) =>
  (call.content?.outputMessages ?? []).map(({ parts }) =>
    parts.map(({ type, content }) => (type === 'text' ? String(content) : '')).join(''),
  );

/** Of a part nothing is invented: each text is a beginning of the whole one, and a count is the same or not there. */
function isPart(before: readonly Call[], after: readonly Call[]): boolean {
  return after.every((call, at) => {
    const whole = before[at];
    if (call.kind !== 'llm' || whole?.kind !== 'llm') return true;
    const output = call.usage.outputTokens;
    return (
      textsOf(call).every((part, choice) => (textsOf(whole)[choice] ?? '').startsWith(part)) &&
      (output === undefined || output <= (whole.usage.outputTokens ?? output)) &&
      (call.response.id ?? whole.response.id) === whole.response.id
    );
  });
}

const typed = (name: string, type: string | undefined): Clothing => ({
  name,
  dress: exchange => withResponse(exchange, { 'content-type': type }),
  same: sameRecord,
});

export const CLOTHES: readonly Clothing[] = [
  typed('no content type', undefined),
  typed('typed text/plain', 'text/plain'),
  typed('typed application/json', 'application/json'),
  typed('typed text/event-stream', 'text/event-stream'),
  typed('typed application/x-ndjson', 'application/x-ndjson'),
  ...Object.entries(CODECS).flatMap(([codec, compress]): Clothing[] =>
    [codec, undefined].map(named => ({
      name: named === undefined ? `${codec}, not named` : codec,
      dress(exchange) {
        const body = decoded(exchange);
        if (body === undefined || (named === undefined && !/^[\s[{"deir:]/.test(body.toString('latin1', 0, 1))))
          return undefined;
        return withResponse(exchange, { 'content-encoding': named }, compress(body));
      },
      same: sameRecord,
    })),
  ),
  {
    name: 'no headers',
    dress: exchange => {
      const body = decoded(exchange);
      return body && { ...exchange, requestHeaders: {}, responseHeaders: {}, responseBody: body };
    },
    same: sameButHeaders,
  },
  { name: 'another host', dress: exchange => ({ ...exchange, host: 'llm.corp.example' }), same: sameWords },
  {
    name: 'another path',
    dress: exchange => ({ ...exchange, path: '/ask', host: 'llm.corp.example' }),
    same: sameWords,
  },
  { name: 'joined late', dress: exchange => ({ ...exchange, path: '', protocol: 'h2' }), same: sameWords },
  {
    name: 'cut in the middle',
    dress(exchange) {
      const body = decoded(exchange);
      if (body === undefined) return undefined;
      const cut = withResponse(exchange, { 'content-encoding': undefined }, body.subarray(0, body.length >> 1));
      return { ...cut, partial: [...exchange.partial, 'aborted'] };
    },
    same: isPart,
  },
];
