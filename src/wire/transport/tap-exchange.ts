/**
 * One exchange that a tap hands over in parts (heads, body bytes, messages), as Python's HTTP clients and HTTP/2 streams of
 * Node have it. A response's head may come later than the first bytes of its body, so bytes wait for it.
 */
import type { ConnectionFacts, ExchangeListener, Flow, OpenExchange, RequestHead, UnixNanos } from '../exchange.js';

/** JSON of a `head` frame, both directions. */
export interface TapHead {
  readonly method?: string;
  readonly path?: string;
  readonly host?: string;
  readonly status?: number;
  readonly headers?: readonly (readonly [string, string])[];
}

export interface TapExchange {
  head(flow: Flow, head: TapHead, at: UnixNanos): void;
  data(flow: Flow, bytes: Uint8Array, at: UnixNanos): void;
  /** `more`: the rest of the message comes with the next call for this flow. */
  message(flow: Flow, data: Uint8Array, binary: boolean, at: UnixNanos, more?: boolean): void;
  gap(): void;
  end(flow: Flow, at: UnixNanos): void;
  /** @param left it was the program that closed, by itself; of a WebSocket also that it said goodbye first */
  close(at: UnixNanos, aborted: boolean, left?: boolean): void;
}

/** Bytes of a response that wait for its head. The head is a turn of an event loop late, not a megabyte. */
const EARLY_LIMIT = 1024 * 1024;

/** Bytes of one WebSocket message. */
const LARGEST_MESSAGE = 16 * 1024 * 1024;

/** @param facts of the channel; `host` and the port there stand in where the request names none */
export function createTapExchange(open: OpenExchange, facts: ConnectionFacts, host: string | undefined): TapExchange {
  let listener: ExchangeListener | undefined;
  let asked = false;
  let responding = false;
  let received = false;
  let over = false;
  let early: [Uint8Array, UnixNanos][] = [];
  const joined = { sent: createJoiner(), received: createJoiner() };
  let earlyBytes = 0;

  function finish(at: UnixNanos): void {
    over = true;
    listener?.end(at);
    listener = undefined;
    early = [];
  }

  function keep(bytes: Uint8Array, at: UnixNanos): void {
    if (earlyBytes + bytes.length > EARLY_LIMIT) return listener?.partial('truncated');
    earlyBytes += bytes.length;
    early.push([Buffer.from(bytes), at]);
  }

  function begin(head: TapHead, at: UnixNanos): void {
    const fields = plainFields(head.headers);
    const name = head.host ?? fields['host'] ?? host;
    const request: RequestHead = {
      method: head.method ?? '',
      path: head.path ?? '/',
      headers: fields,
      ...(name === undefined ? {} : { host: name }),
    };
    listener = open(request, facts, at);
    listener?.requestHead(request, at);
  }

  return {
    head(flow, head, at) {
      if (over) return;
      if (flow === 'sent') {
        if (!asked) begin(head, at);
        asked = true;
        return;
      }
      if (responding) return;
      responding = true;
      listener?.responseHead({ status: head.status ?? 0, headers: plainFields(head.headers) }, at);
      for (const [bytes, when] of early) listener?.responseBody(bytes, when);
      early = [];
      if (received) finish(at);
    },
    data(flow, bytes, at) {
      if (flow === 'sent') listener?.requestBody(bytes, at);
      else if (responding) listener?.responseBody(bytes, at);
      else if (listener !== undefined) keep(bytes, at);
    },
    message(flow, data, binary, at, more = false) {
      const whole = joined[flow].add(data, more);
      if (whole === undefined) return;
      if (whole === 'too large') {
        listener?.partial('truncated');
        return;
      }
      const client = (flow === 'sent') === (facts.role === 'client');
      listener?.message(client ? 'client' : 'server', whole, binary, at);
    },
    gap() {
      listener?.partial('gap');
    },
    end(flow, at) {
      if (flow === 'sent') listener?.requestEnd(at);
      else if (responding) finish(at);
      else received = true;
    },
    close(at, aborted, left = false) {
      if (over) return;
      if (aborted) listener?.partial('aborted');
      if (left) listener?.partial('cancelled');
      finish(at);
    },
  };
}

/** Messages that came in several frames. */
function createJoiner() {
  let pieces: Buffer[] = [];
  let size = 0;
  return {
    /** Undefined while more of it is to come. */
    add(data: Uint8Array, more: boolean): Uint8Array | 'too large' | undefined {
      if (!more && size === 0) return data;
      size += data.length;
      if (size > LARGEST_MESSAGE) pieces = [];
      else pieces.push(Buffer.from(data));
      if (more) return undefined;
      const whole = size > LARGEST_MESSAGE ? 'too large' : Buffer.concat(pieces);
      pieces = [];
      size = 0;
      return whole;
    },
  };
}

/** Lower-case names without HTTP/2's pseudo fields; several of one name joined as RFC 9110 §5.2 says. */
function plainFields(headers: TapHead['headers']): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const [given, value] of headers ?? []) {
    if (given.startsWith(':')) continue;
    const name = given.toLowerCase();
    fields[name] = Object.hasOwn(fields, name) ? `${fields[name]}, ${value}` : value;
  }
  return fields;
}
