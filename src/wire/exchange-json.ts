/** One exchange as one JSON line: what `attach --format exchanges` prints, and what `decode` and the corpus hold. */
import type { Exchange, ExchangeMessage, HeaderFields, PartialReason, UnixNanos } from './exchange.js';
import type { CollectedExchange } from './exchange-collector.js';
import { hasSecretBodies, maskHeaders, maskPath } from './exchange-mask.js';

/** A line that is no exchange. The message names the line and the key, and never shows a value of a body or a header. */
export class ExchangeLineError extends Error {
  override readonly name = 'ExchangeLineError';

  constructor(
    /** From 1. */
    readonly line: number,
    readonly key: string | undefined,
    readonly expected: string,
  ) {
    super(`line ${line}: ${key === undefined ? '' : `"${key}" `}${expected}`);
  }
}

export interface WriteOptions {
  /** Bodies and WebSocket messages as base64. Off: sizes and hashes only. */
  readonly bodies: boolean;
  /** Takes out of addresses and header fields what is a credential by its form; their names are known here. */
  readonly redact?: (text: string) => string;
}

const base64 = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');

/** Keys in the order of the design; what is unknown is left out. No line end. Credentials are masked always. */
export function formatExchangeLine(exchange: CollectedExchange, options: WriteOptions): string {
  const time = (at: UnixNanos | undefined) => (at === undefined ? undefined : String(at));
  const { redact = (text: string) => text } = options;
  const bodies = options.bodies && !hasSecretBodies(exchange.path);
  return JSON.stringify({
    id: exchange.id,
    pid: exchange.pid,
    process: exchange.process,
    role: exchange.role,
    protocol: exchange.protocol,
    host: exchange.host,
    server_address: exchange.serverAddress,
    server_port: exchange.serverPort,
    method: exchange.method,
    path: redact(maskPath(exchange.path)),
    request_headers: maskHeaders(exchange.requestHeaders, redact),
    status: exchange.status,
    response_headers: maskHeaders(exchange.responseHeaders, redact),
    request_size: exchange.requestSize,
    request_sha256: exchange.requestSha256,
    response_size: exchange.responseSize,
    response_sha256: exchange.responseSha256,
    start: time(exchange.start),
    first_byte: time(exchange.firstByte),
    end: time(exchange.end),
    partial: exchange.partial,
    request_body: bodies && exchange.requestBody ? base64(exchange.requestBody) : undefined,
    response_body: bodies && exchange.responseBody ? base64(exchange.responseBody) : undefined,
    messages:
      bodies && exchange.messages
        ? exchange.messages.map(({ from, data, binary, at }) => ({ from, binary, at: time(at), data: base64(data) }))
        : undefined,
  });
}

const PROTOCOLS = ['http/1.1', 'h2', 'websocket'] as const;
const ROLES = ['client', 'server'] as const;
const PARTIAL_REASONS: readonly PartialReason[] = [
  'gap',
  'joined',
  'truncated',
  'aborted',
  'cancelled',
  'headers',
  'encoding',
  'detached',
  'deferred',
];

/**
 * Reads one line. Fields that the corpus does not know may be absent (`role` is then `client`, `protocol` `http/1.1`);
 * fields that we do not know are ignored.
 * @param line number of the line, from 1, for errors
 * @throws ExchangeLineError
 */
export function parseExchangeLine(text: string, line: number): CollectedExchange {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new ExchangeLineError(line, undefined, 'is not JSON');
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new ExchangeLineError(line, undefined, 'is not a JSON object');
  }
  const read = createReader(parsed as Record<string, unknown>, line);
  const method = read.text('method');
  const path = read.text('path');
  if (method === undefined) throw new ExchangeLineError(line, 'method', 'is missing');
  if (path === undefined) throw new ExchangeLineError(line, 'path', 'is missing');
  return compact({
    id: read.text('id') ?? `line ${line}`,
    pid: read.number('pid'),
    process: read.text('process'),
    role: read.oneOf('role', ROLES) ?? 'client',
    protocol: read.oneOf('protocol', PROTOCOLS) ?? 'http/1.1',
    host: read.text('host'),
    serverAddress: read.text('server_address'),
    serverPort: read.number('server_port'),
    method,
    path,
    requestHeaders: read.headers('request_headers'),
    requestBody: read.bytes('request_body'),
    requestSize: read.number('request_size'),
    requestSha256: read.text('request_sha256'),
    status: read.number('status'),
    responseHeaders: read.headers('response_headers'),
    responseBody: read.bytes('response_body'),
    responseSize: read.number('response_size'),
    responseSha256: read.text('response_sha256'),
    start: read.time('start'),
    firstByte: read.time('first_byte'),
    end: read.time('end'),
    partial: read.partial('partial'),
    messages: read.messages('messages'),
  }) as Exchange;
}

function compact<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as Partial<T>;
}

/** `null` counts as absent everywhere: that is how other writers say it. */
function createReader(object: Record<string, unknown>, line: number) {
  const fail = (key: string, expected: string): never => {
    throw new ExchangeLineError(line, key, expected);
  };
  const value = (key: string) => (Object.hasOwn(object, key) ? (object[key] ?? undefined) : undefined);

  function text(key: string): string | undefined {
    const found = value(key);
    return found === undefined || typeof found === 'string' ? found : fail(key, 'must be a text');
  }

  function number(key: string): number | undefined {
    const found = value(key);
    if (found === undefined) return undefined;
    return Number.isSafeInteger(found) && (found as number) >= 0
      ? (found as number)
      : fail(key, 'must be a whole number');
  }

  function oneOf<T extends string>(key: string, allowed: readonly T[]): T | undefined {
    const found = value(key);
    if (found === undefined || allowed.includes(found as T)) return found as T | undefined;
    return fail(key, `must be one of ${allowed.join(', ')}`);
  }

  function decodeBase64(key: string, encoded: string): Buffer {
    // Buffer.from ignores what is no base64; silence would turn a cut file into another body.
    if (!/^[A-Za-z0-9+/_-]*={0,2}\s*$/.test(encoded)) fail(key, 'must be base64');
    return Buffer.from(encoded, 'base64');
  }

  function bytes(key: string): Buffer | undefined {
    const encoded = text(key);
    return encoded === undefined ? undefined : decodeBase64(key, encoded);
  }

  function parseTime(key: string, found: unknown): UnixNanos | undefined {
    if (found === undefined || found === null) return undefined;
    if (typeof found === 'string' && /^[0-9]{1,19}$/.test(found)) return BigInt(found);
    return fail(key, 'must be Unix nanoseconds as a text of digits');
  }

  function headers(key: string): HeaderFields {
    const found = value(key);
    if (found === undefined) return {};
    if (typeof found !== 'object' || Array.isArray(found)) return fail(key, 'must be an object of texts');
    const fields: Record<string, string> = Object.create(null);
    for (const [name, field] of Object.entries(found as object)) {
      if (typeof field !== 'string') fail(`${key}.${name}`, 'must be a text');
      fields[name.toLowerCase()] = field;
    }
    return fields;
  }

  function list(key: string): unknown[] | undefined {
    const found = value(key);
    return found === undefined || Array.isArray(found) ? found : fail(key, 'must be a list');
  }

  function partial(key: string): readonly PartialReason[] {
    const found = list(key) ?? [];
    for (const reason of found) {
      if (!PARTIAL_REASONS.includes(reason as PartialReason)) fail(key, `may hold ${PARTIAL_REASONS.join(', ')}`);
    }
    return found as PartialReason[];
  }

  function messages(key: string): readonly ExchangeMessage[] | undefined {
    return list(key)?.map(entry => {
      const message = entry as { from?: unknown; data?: unknown; binary?: unknown; at?: unknown } | null;
      if (!message || (message.from !== 'client' && message.from !== 'server') || typeof message.data !== 'string') {
        return fail(key, 'must hold objects with "from" (client or server) and "data" (base64)');
      }
      const at = parseTime(key, message.at);
      return {
        from: message.from,
        data: decodeBase64(key, message.data),
        binary: message.binary === true,
        ...(at === undefined ? {} : { at }),
      };
    });
  }

  return { text, number, oneOf, bytes, headers, partial, messages, time: (key: string) => parseTime(key, value(key)) };
}
