/**
 * One call that is seen at several places: a gateway answers it and asks for it, and the program that began it is observed
 * too. Each place has its span; sums and lines count the first that was told. Two different calls are never taken for one:
 * a place has its part in a call once, the times overlap, and the answer's id says that it is the same one. Where there is
 * none (embeddings, errors), or one that a stand-in may give twice, both bodies must be the same as well.
 */
import { crc32 } from 'node:zlib';
import type { ExchangeListener, Role, UnixNanos } from '../wire/exchange.js';
import type { Call } from '../wire/llm-call.js';

/** A call and its span. */
export interface CallName {
  readonly id: string;
  readonly spanId: string;
}

/** Of one run: all of its programs. */
export interface Hops {
  /**
   * The call that this one is, told before of another place; undefined where it is the first.
   * @param bodies of `createBodyPrint`
   */
  sameAs(call: Call, spanId: string, bodies: string | undefined): CallName | undefined;
}

/** What a place knows of a call: little, since thousands are remembered. */
interface Part {
  readonly name: CallName;
  readonly pid: number;
  readonly role: Role;
  readonly start: UnixNanos;
  readonly end: UnixNanos;
  readonly server: string;
  /** Of the answer. */
  readonly id: string | undefined;
  readonly tokens: string;
  readonly bodies: string | undefined;
}

/** Calls that are remembered: a place tells of one soon after the other, or it is no part of the same call. */
const MOST = 2048;

/**
 * Calls with one key that are remembered: those that may overlap. A program that asks the same over and over, or a server that
 * gives every answer one id, else costs a search through all of them for each call (measured: 2 ms of CPU a call).
 */
const MOST_ALIKE = 64;

/** Characters of an id after its prefix from which on nobody gives it twice. */
const UNIQUE_FROM = 16;

export function createHops(most = MOST): Hops {
  /** Parts of one call, the first one first; found by every key of that one. */
  const calls = new Map<string, Part[][]>();
  const order: { keys: readonly string[]; parts: Part[] }[] = [];

  function forgetOldest(): void {
    const { keys, parts } = order.shift()!;
    for (const key of keys) {
      const known = calls.get(key);
      if (known?.[0] === parts) known.shift();
      if (known?.length === 0) calls.delete(key);
    }
  }

  function remember(key: string, parts: Part[]): void {
    const known = calls.get(key);
    if (known === undefined) calls.set(key, [parts]);
    else if (known.push(parts) > MOST_ALIKE) known.shift();
  }

  return {
    sameAs(call, spanId, bodies) {
      const part = partOf(call, spanId, bodies);
      if (part === undefined) return undefined;
      const keys = keysOf(part);
      for (const key of keys) {
        const known = calls.get(key)?.find(parts => isPartOf(part, parts));
        if (known === undefined) continue;
        known.push(part);
        return known[0]!.name;
      }
      const parts = [part];
      for (const key of keys) remember(key, parts);
      order.push({ keys, parts });
      if (order.length > most) forgetOldest();
      return undefined;
    },
  };
}

function partOf(call: Call, spanId: string, bodies: string | undefined): Part | undefined {
  const { kind, pid, role, start, end, serverAddress, serverPort } = call;
  if (kind !== 'llm' || pid === undefined || start === undefined || end === undefined) return undefined;
  const { inputTokens, outputTokens } = call.usage;
  return {
    name: { id: call.id, spanId },
    pid,
    role,
    start,
    end,
    server: `${serverAddress} ${serverPort}`,
    id: call.response.id || undefined, // some servers answer with an empty one
    tokens: `${inputTokens} ${outputTokens}`,
    bodies,
  };
}

function keysOf({ id, bodies }: Part): string[] {
  return [...(id === undefined ? [] : [`id ${id}`]), ...(bodies === undefined ? [] : [`bodies ${bodies}`])];
}

function isPartOf(part: Part, parts: readonly Part[]): boolean {
  const elsewhere = ({ pid, role }: Part) => pid !== part.pid || role !== part.role;
  return parts.every(elsewhere) && parts.some(other => isSame(part, other));
}

function isSame(a: Part, b: Part): boolean {
  if (a.start > b.end || b.start > a.end || a.id !== b.id) return false;
  const sameBodies = a.bodies !== undefined && a.bodies === b.bodies;
  if (a.pid === b.pid) {
    // A gateway asks after it was asked.
    const [server, client] = a.role === 'server' ? [a, b] : [b, a];
    return server.start <= client.start && (sameBodies || (a.id !== undefined && a.tokens === b.tokens));
  }
  // Two programs that ask one server are no chain, whatever it answers them.
  if (a.role === b.role && a.server === b.server) return false;
  return sameBodies || (a.id !== undefined && isUnique(a.id));
}

const isUnique = (id: string) => id.replace(/^[a-z]+[-_]/i, '').length >= UNIQUE_FROM;

/** What is remembered of the bodies of one exchange: sizes and checksums, nothing of what they say. */
export interface BodyPrint {
  /** Undefined while one of them is empty: then it tells nothing apart. */
  text(): string | undefined;
  follow(listener: ExchangeListener): ExchangeListener;
}

export function createBodyPrint(): BodyPrint {
  const asked = { size: 0, sum: 0 };
  const answered = { size: 0, sum: 0 };
  const add = (to: typeof asked, chunk: Uint8Array) => {
    to.size += chunk.byteLength;
    to.sum = crc32(chunk, to.sum);
  };
  return {
    text: () =>
      asked.size === 0 || answered.size === 0
        ? undefined
        : `${asked.size} ${asked.sum} ${answered.size} ${answered.sum}`,
    follow: listener => ({
      requestHead: (...facts) => listener.requestHead(...facts),
      requestBody(chunk, at) {
        add(asked, chunk);
        listener.requestBody(chunk, at);
      },
      requestEnd: at => listener.requestEnd(at),
      responseHead: (...facts) => listener.responseHead(...facts),
      responseTrailers: headers => listener.responseTrailers?.(headers),
      responseBody(chunk, at) {
        add(answered, chunk);
        listener.responseBody(chunk, at);
      },
      message: (...facts) => listener.message(...facts),
      partial: reason => listener.partial(reason),
      end: at => listener.end(at),
    }),
  };
}
