/**
 * One connection whose protocol is not known yet: the first bytes of either direction tell it, and who the client is. A
 * connection that existed before us begins anywhere; then the first place that can be told is waited for.
 */
import type {
  ConnectionDecoder,
  ConnectionFacts,
  Flow,
  OpenExchange,
  PartialReason,
  Role,
  UnixNanos,
  WireLimits,
} from '../exchange.js';
import { asBuffer, copyBytes, PendingBytes } from './bytes.js';
import { type Detected, detect, isTlsRecords } from './detect.js';
import { createHttp1Connection } from './http1/connection.js';
import { matchRequestLine } from './http1/start-line.js';
import { createHttp2Connection } from './http2/connection.js';
import { DEFAULT_WIRE_LIMITS } from './limits.js';
import { createWebSocketConnection } from './streams/websocket.js';

/** What is known of a connection by other evidence than its bytes. */
export interface ConnectionHints extends Omit<ConnectionFacts, 'role' | 'protocol'> {
  /** Its first bytes were not seen; without it that is found out where the first bytes are no beginning. */
  readonly joined?: boolean;
}

/** Swallows what nobody can or wants to read. */
const OPAQUE: ConnectionDecoder = { data() {}, gap() {}, close() {} };

const opposite = (flow: Flow): Flow => (flow === 'sent' ? 'received' : 'sent');

const LF = 10;

/** Beyond this only the first byte of each record is looked at: requests begin there in practice. */
const SEARCH_LIMIT = 1_048_576;

/** The first bytes that must be kept until they tell the protocol: a request line of usual length. */
const DETECT_LIMIT = 16_384;

/**
 * @param open asked once per request; the exchange's bytes are skipped where it returns undefined
 * The decoder never throws; nothing is kept of the caller's buffers after a call.
 */
export function createConnectionDecoder(
  open: OpenExchange,
  hints: ConnectionHints = {},
  limits: WireLimits = DEFAULT_WIRE_LIMITS,
): ConnectionDecoder {
  const { joined = false, ...known } = hints;
  const pending = { sent: new PendingBytes(DETECT_LIMIT), received: new PendingBytes(DETECT_LIMIT) };
  // Bytes went by that were no beginning, or were lost: that direction has to be found again.
  const missed = { sent: joined, received: joined };
  // Bytes in which every line was looked at. A connection that speaks something else must not be searched for ever.
  let searched = 0;
  let decoder: ConnectionDecoder | undefined;

  /** Hands over what was held: first of the direction that told the protocol, then what the other one holds undecided. */
  function become(next: ConnectionDecoder, flow: Flow, bytes: Buffer, at: UnixNanos): void {
    decoder = next;
    next.data(flow, bytes, at);
    const other = opposite(flow);
    if (pending[other].length > 0) next.data(other, pending[other].take(), at);
  }

  function openHttp1(clientFlow: Flow): ConnectionDecoder {
    const role: Role = clientFlow === 'sent' ? 'client' : 'server';
    return createHttp1Connection({
      open,
      facts: { ...known, role },
      limits,
      clientFlow,
      joined: { client: missed[clientFlow], server: missed[opposite(clientFlow)] },
      switchTo(kind, { listener, extensions }) {
        if (kind === 'unknown') return createConnectionDecoder(open, known, limits);
        if (!listener) return OPAQUE;
        return createWebSocketConnection({ listener, clientFlow, extensions, messageLimit: limits.connection });
      },
    });
  }

  function openHttp2(clientFlow: Flow | undefined): ConnectionDecoder {
    const http2 = createHttp2Connection({
      open,
      facts: known,
      limits,
      joined: { ...missed },
      clientFlow,
      webSocket: (listener, flow, extensions) =>
        createWebSocketConnection({ listener, clientFlow: flow, extensions, messageLimit: limits.connection }),
    });
    return {
      ...http2,
      data(flow, bytes, at) {
        if (http2.proven || !reconsider(flow, asBuffer(bytes), at)) http2.data(flow, bytes, at);
      },
    };
  }

  /** Joined in the middle of HTTP/1, some binary body may have looked like a frame: a request line corrects that. */
  function reconsider(flow: Flow, chunk: Buffer, at: UnixNanos): boolean {
    const held = pending[flow];
    const bytes = held.length > 0 && held.push(chunk) ? held.view() : chunk;
    const match = matchRequestLine(bytes, 0, DETECT_LIMIT);
    if (match === 'maybe') {
      if (held.length === 0) held.push(chunk);
      return false;
    }
    if (match === 'yes') {
      missed[opposite(flow)] = true;
      become(openHttp1(flow), flow, copyBytes(bytes), at);
    }
    held.clear();
    return match === 'yes';
  }

  function openDetected(found: Detected, flow: Flow): ConnectionDecoder | undefined {
    if (found === 'request') return openHttp1(flow);
    if (found === 'response') return openHttp1(opposite(flow));
    if (found === 'preface') {
      // A new connection begins here, whatever was before; the server's own beginning may already be waiting.
      missed[flow] = false;
      return openHttp2(flow);
    }
    if (found === 'settings') return openHttp2(undefined);
    if (found === 'frame') {
      missed[flow] = true;
      missed[opposite(flow)] = true;
      return openHttp2(undefined);
    }
    // Only a first byte says so: inside an unknown body it is chance.
    return found === 'opaque' && !missed[flow] ? OPAQUE : undefined;
  }

  /** Looks at each place where a message may begin: the record's first byte, and after each LF. */
  function tryDetect(flow: Flow, chunk: Uint8Array, at: UnixNanos): void {
    const held = pending[flow];
    let bytes = asBuffer(chunk);
    if (held.length > 0) {
      if (held.push(bytes)) bytes = held.take();
      else held.clear();
    }
    // Ciphertext has line feeds like anything else: what is found behind one would be chance.
    if (missed[flow] && isTlsRecords(bytes)) {
      decoder = OPAQUE;
      return;
    }
    for (let start = 0; start < bytes.length; ) {
      const found = detect(bytes, start);
      const next = openDetected(found, flow);
      if (next) {
        become(next, flow, start === 0 ? bytes : bytes.subarray(start), at);
        return;
      }
      if (found === 'more') {
        held.push(bytes, start);
        return;
      }
      missed[flow] = true;
      const lineEnd = searched < SEARCH_LIMIT ? bytes.indexOf(LF, start) : -1;
      searched += lineEnd < 0 ? bytes.length - start : lineEnd + 1 - start;
      if (lineEnd < 0) return;
      start = lineEnd + 1;
    }
  }

  return {
    data(flow, bytes, at) {
      if (decoder) decoder.data(flow, bytes, at);
      else if (bytes.length > 0) tryDetect(flow, bytes, at);
    },
    gap(flow, length, at) {
      if (decoder) decoder.gap(flow, length, at);
      else {
        missed[flow] = true;
        pending[flow].clear();
      }
    },
    close(at: UnixNanos, reason?: PartialReason, by?: Flow) {
      decoder?.close(at, reason, by);
      decoder = OPAQUE;
    },
  };
}
