/** Tools of the protocol tests: a recording listener, transcripts, and every way to cut them. */
import type {
  ConnectionDecoder,
  ConnectionFacts,
  ExchangeListener,
  Flow,
  OpenExchange,
  PartialReason,
  RequestHead,
  ResponseHead,
} from '../../../src/wire/exchange.js';
import {
  type ConnectionHints,
  createConnectionDecoder,
  DEFAULT_WIRE_LIMITS,
} from '../../../src/wire/protocol/index.js';

/** What a listener was told of one exchange; bodies as latin1, so that expectations are readable. */
export interface Seen {
  facts: ConnectionFacts;
  request: RequestHead;
  requestBody: string;
  requestEnd: boolean;
  response?: ResponseHead;
  responseBody: string;
  messages: [string, string][];
  partial: PartialReason[];
  ended: boolean;
  times: { head?: bigint; firstByte?: bigint; end?: bigint };
}

/** Records, and fails on any breach of the listener's order. */
export function recorder(accept: (head: RequestHead) => boolean = () => true): { seen: Seen[]; open: OpenExchange } {
  const seen: Seen[] = [];
  const open: OpenExchange = (head, facts) => {
    if (!accept(head)) return undefined;
    const one: Seen = {
      facts,
      request: { ...head, headers: { ...head.headers } },
      requestBody: '',
      requestEnd: false,
      responseBody: '',
      messages: [],
      partial: [],
      ended: false,
      times: {},
    };
    let begun = false;
    const check = (condition: boolean, what: string) => {
      if (!condition) throw new Error(`listener order: ${what}`);
    };
    const listener: ExchangeListener = {
      requestHead(_head, at) {
        check(!begun, 'requestHead twice');
        begun = true;
        one.times.head = at;
        seen.push(one);
      },
      requestBody(chunk) {
        check(begun && !one.ended && !one.requestEnd, 'requestBody');
        check(chunk.length > 0, 'empty requestBody');
        one.requestBody += Buffer.from(chunk).toString('latin1');
      },
      requestEnd() {
        check(begun && !one.ended && !one.requestEnd, 'requestEnd');
        one.requestEnd = true;
      },
      responseHead(response, at) {
        check(begun && !one.ended && one.response === undefined, 'responseHead');
        one.response = { status: response.status, headers: { ...response.headers } };
        one.times.firstByte = at;
      },
      responseBody(chunk) {
        check(one.response !== undefined && !one.ended, 'responseBody');
        check(chunk.length > 0, 'empty responseBody');
        one.responseBody += Buffer.from(chunk).toString('latin1');
      },
      message(from, data, binary) {
        check(begun && !one.ended, 'message');
        one.messages.push([from, binary ? Buffer.from(data).toString('hex') : Buffer.from(data).toString('utf8')]);
      },
      partial(reason) {
        check(begun && !one.ended, 'partial');
        if (!one.partial.includes(reason)) one.partial.push(reason);
      },
      end(at) {
        check(begun && !one.ended, 'end');
        one.ended = true;
        one.times.end = at;
      },
    };
    return listener;
  };
  return { seen, open };
}

/** One step of a transcript: bytes of a direction, a gap in it, or the connection's end. */
export type Step =
  | readonly ['C' | 'S', string | Uint8Array]
  | readonly ['C gap' | 'S gap', number | undefined]
  | readonly ['close'];

export const toBytes = (data: string | Uint8Array): Uint8Array =>
  typeof data === 'string' ? Buffer.from(data, 'latin1') : data;

/** How the bytes of one step are cut. */
export type Cut = (bytes: Uint8Array, step: number) => Uint8Array[];

export const whole: Cut = bytes => [bytes];
export const bytewise: Cut = bytes => Array.from(bytes, byte => Uint8Array.of(byte));

/** Deterministic pseudo-random numbers below 1 (mulberry32), so that a failing case can be run again. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function randomCut(random: () => number, longest = 40): Cut {
  return bytes => {
    const parts: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; ) {
      const end = Math.min(bytes.length, at + 1 + Math.floor(random() * longest));
      parts.push(bytes.subarray(at, end));
      at = end;
    }
    return parts;
  };
}

/** Feeds a transcript; the observed process is the client unless `server` is set. Each part is poisoned after the call. */
export function play(decoder: ConnectionDecoder, steps: readonly Step[], cut: Cut = whole, server = false): void {
  const flows: Record<string, Flow> = server ? { C: 'received', S: 'sent' } : { C: 'sent', S: 'received' };
  steps.forEach((step, index) => {
    const at = BigInt(index + 1);
    const [kind, value] = step;
    if (kind === 'close') decoder.close(at);
    else if (kind === 'C gap' || kind === 'S gap') decoder.gap(flows[kind[0]!]!, value as number | undefined, at);
    else {
      for (const part of cut(toBytes(value as string | Uint8Array), index)) {
        const copy = Uint8Array.from(part);
        decoder.data(flows[kind]!, copy, at);
        copy.fill(0xee); // the memory belongs to the caller again: a kept reference shows as rubbish
      }
    }
  });
}

export interface Options {
  cut?: Cut;
  server?: boolean;
  hints?: ConnectionHints;
  accept?: (head: RequestHead) => boolean;
  limits?: { head: number; connection: number };
}

export function decode(steps: readonly Step[], options: Options = {}): Seen[] {
  const { seen, open } = recorder(options.accept);
  const decoder = createConnectionDecoder(open, options.hints, options.limits ?? DEFAULT_WIRE_LIMITS);
  play(decoder, steps, options.cut, options.server);
  return seen;
}

/** A readable line per exchange: `POST api.example/v1 "body" -> 200 "body" [gap] open`. */
export function summary(seen: readonly Seen[]): string[] {
  return seen.map(one => {
    const parts = [`${one.request.method} ${one.request.host ?? '-'} ${one.request.path}`];
    if (one.requestBody !== '') parts.push(JSON.stringify(one.requestBody));
    if (!one.requestEnd) parts.push('(unfinished)');
    parts.push('->', one.response ? String(one.response.status) : '-');
    if (one.responseBody !== '') parts.push(JSON.stringify(one.responseBody));
    for (const [from, text] of one.messages) parts.push(`${from}:${text}`);
    if (one.partial.length > 0) parts.push(`[${one.partial.join(' ')}]`);
    if (!one.ended) parts.push('open');
    return parts.join(' ');
  });
}

/** Every single cut, byte by byte, and a few random ones. */
export function* cuts(length: number, seed = 1): Generator<[string, Cut]> {
  yield ['whole', whole];
  yield ['byte by byte', bytewise];
  const random = seeded(seed);
  for (let run = 0; run < 5; run++) yield [`random ${run}`, randomCut(random)];
  for (let place = 1; place < length; place++) {
    yield [
      `cut at ${place}`,
      bytes => (place < bytes.length ? [bytes.subarray(0, place), bytes.subarray(place)] : [bytes]),
    ];
  }
}
