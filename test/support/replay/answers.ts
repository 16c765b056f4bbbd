/** A recorded answer as the replaying server sends it: honest headers, and the chunks a provider would have sent. */
import type { Exchange } from '../../../src/wire/exchange.js';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** `data` in base64; `after_ms` from the one before. */
  readonly chunks: readonly { readonly after_ms: number; readonly data: string }[];
  readonly streamed: boolean;
}

/** Fields that belong to one connection or one encoding: the server sets its own. */
const OWN_FIELDS = new Set(['connection', 'content-length', 'transfer-encoding', 'keep-alive', 'date', 'upgrade']);

/** Milliseconds before the first chunk and before each of the next ones; later ones follow at once. */
export interface Pace {
  readonly first: number;
  readonly next: readonly number[];
}

export function answerOf(exchange: Exchange, pace: Pace): Answer {
  const body = Buffer.from(exchange.responseBody ?? []);
  const isGzip = body[0] === 0x1f && body[1] === 0x8b;
  const headers = Object.fromEntries(
    Object.entries(exchange.responseHeaders ?? {}).filter(
      ([name]) => !OWN_FIELDS.has(name) && !name.startsWith(':') && (name !== 'content-encoding' || isGzip),
    ),
  );
  const parts = isGzip ? [body] : split(body, headers['content-type'] ?? '');
  const streamed = parts.length > 1;
  if (!streamed) headers['content-length'] = String(body.length);
  return {
    status: exchange.status ?? 200,
    headers,
    streamed,
    chunks: parts.map((part, index) => ({
      after_ms: (index === 0 ? pace.first : pace.next[index - 1]) ?? 0,
      data: part.toString('base64'),
    })),
  };
}

function split(body: Buffer, type: string): Buffer[] {
  // Even an empty answer takes its time: spans are told apart by when their requests came.
  if (body.length === 0) return [body];
  if (type.includes('event-stream')) return splitAfter(body, /\r?\n\r?\n/g);
  if (type.includes('ndjson') || type.includes('stream+json')) return splitAfter(body, /\n/g);
  return type.includes('vnd.amazon.eventstream') ? splitFrames(body) : [body];
}

function splitAfter(body: Buffer, end: RegExp): Buffer[] {
  const text = body.toString('latin1');
  const ends = [...text.matchAll(end)].map(match => match.index + match[0].length);
  return [0, ...ends].map((from, index) => body.subarray(from, ends[index])).filter(part => part.length > 0);
}

/** AWS event streams: each frame begins with its whole length. */
function splitFrames(body: Buffer): Buffer[] {
  const frames: Buffer[] = [];
  let at = 0;
  while (at + 4 <= body.length) {
    const end = at + Math.max(4, body.readUInt32BE(at));
    frames.push(body.subarray(at, end));
    at = end;
  }
  return at < body.length ? [...frames, body.subarray(at)] : frames;
}
