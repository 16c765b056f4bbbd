/**
 * Items from the program's thread to our Worker through shared memory: one writer, one reader, no lock. Writing costs the
 * copy that is needed anyhow and wakes nobody; `postMessage` cost a serialisation and a system call for each turn of the
 * event loop, and carried the whole pool that a small Buffer lies in.
 *
 * A record is a head of three units of 8 bytes and its payload, rounded up:
 *   int32 units of the record (0: the rest of the ring is empty, go on at its start), int32 kind and flags,
 *   int32 number of the channel, int32 bytes of the payload, float64 milliseconds.
 */
import type { CallContext, Channel, Item } from './channel.js';

/** Bytes; a power of two. Some thousand calls of 1 kB; what does not fit stays in the queue of the program's thread. */
const CAPACITY = 4 * 1024 * 1024;
const UNIT = 8;
const UNITS = CAPACITY / UNIT;
const HEAD = 3;

const KINDS = ['open', 'request', 'bytes', 'gap', 'head', 'end', 'close'] as const;
const code = Object.fromEntries(KINDS.map((kind, index) => [kind, index])) as Record<(typeof KINDS)[number], number>;
const KIND_MASK = 0xff;
/** The flow is `received`; for `close`: aborted. */
const FLAG = 0x100;

/** Places in `state`. Written and read are units since the start, modulo 2^32. */
const WRITTEN = 0;
const READ = 1;
const ASLEEP = 2;

export interface RingMemory {
  readonly records: SharedArrayBuffer;
  readonly state: Int32Array;
}

export const createRingMemory = (): RingMemory => ({
  records: new SharedArrayBuffer(CAPACITY),
  state: new Int32Array(new SharedArrayBuffer(12)),
});

type Facts = Omit<Channel, 'lost' | 'closed' | 'reader' | 'number'>;

export interface RingWriter {
  /** False: there is no room now, and nothing was written. */
  write(item: Item): boolean;
  /** True once after the reader went to sleep: it has to be woken. */
  mustWake(): boolean;
  /** Waits until something was read; false when nothing was. */
  waitForRoom(milliseconds: number): boolean;
}

export function createRingWriter({ records, state }: RingMemory): RingWriter {
  const bytes = Buffer.from(records);
  const words = new Int32Array(records);
  const times = new Float64Array(records);
  let written = 0;
  let channels = 0;

  function put(
    kind: number,
    channel: number,
    at: number,
    payload: string | Uint8Array,
    encoding: BufferEncoding = 'utf8',
  ): boolean {
    const text = typeof payload === 'string';
    const length = text ? Buffer.byteLength(payload, encoding) : payload.length;
    const units = HEAD + Math.ceil(length / UNIT);
    let start = written & (UNITS - 1);
    const rest = UNITS - start;
    const used = (written - Atomics.load(state, READ)) | 0;
    if (used + (units > rest ? rest + units : units) > UNITS) return false;
    if (units > rest) {
      words[start * 2] = 0;
      written += rest;
      start = 0;
    }
    words[start * 2] = units;
    words[start * 2 + 1] = kind;
    words[start * 2 + 2] = channel;
    times[start + 2] = at;
    const to = (start + HEAD) * UNIT;
    if (!text) bytes.set(payload, to);
    // The length that is known before is an upper bound for base64.
    words[start * 2 + 3] = text ? bytes.write(payload, to, length, encoding) : length;
    written = (written + units) | 0;
    Atomics.store(state, WRITTEN, written);
    return true;
  }

  /** The number of a channel, told to the reader before its first item. */
  function numberOf(channel: Channel, at: number): number | undefined {
    if (channel.number === undefined) {
      const { kind, secure, remotePort, epoch } = channel;
      const facts: Facts = { kind, secure, remotePort, epoch };
      if (!put(code.open, channels + 1, at, JSON.stringify(facts))) return undefined;
      channels += 1;
      channel.number = channels;
    }
    return channel.number;
  }

  return {
    write(item) {
      const { at } = item;
      const number = numberOf(item.channel, at);
      if (number === undefined) return false;
      if (item.kind === 'bytes') return put(code.bytes | flag(item), number, at, item.data, item.encoding);
      return put(code[item.kind] | flag(item), number, at, payloadOf(item));
    },
    mustWake: () => Atomics.load(state, ASLEEP) === 1 && Atomics.exchange(state, ASLEEP, 0) === 1,
    waitForRoom: milliseconds => Atomics.wait(state, READ, Atomics.load(state, READ), milliseconds) !== 'timed-out',
  };
}

function flag(item: Item): number {
  if (item.kind === 'close') return item.aborted ? FLAG : 0;
  return item.kind !== 'request' && item.flow === 'received' ? FLAG : 0;
}

function payloadOf(item: Item): string {
  if (item.kind === 'request') return item.context === undefined ? '' : JSON.stringify(item.context);
  if (item.kind === 'gap') return String(item.length);
  return item.kind === 'head' ? JSON.stringify(item.headers) : '';
}

export interface RingReader {
  /** Gives out what was written, until nothing is left or `enough`. The bytes of an item are valid until the next one. */
  read(handle: (item: Item) => void, enough: () => boolean): void;
  /** False: something was written meanwhile. True: the writer wakes us with the next item. */
  sleep(): boolean;
  readonly empty: boolean;
}

export function createRingReader({ records, state }: RingMemory): RingReader {
  const bytes = Buffer.from(records);
  const words = new Int32Array(records);
  const times = new Float64Array(records);
  const channels = new Map<number, Channel>();
  // What is decoded is no shared memory: not all of Node's decoders take that.
  let own = Buffer.allocUnsafeSlow(65_536);
  let taken = 0;

  function payload(start: number, length: number): Buffer {
    if (length > own.length) own = Buffer.allocUnsafeSlow(length);
    const from = (start + HEAD) * UNIT;
    bytes.copy(own, 0, from, from + length);
    return own.subarray(0, length);
  }

  function itemAt(start: number): Item | undefined {
    const word = words[start * 2 + 1]!;
    const number = words[start * 2 + 2]!;
    const data = payload(start, words[start * 2 + 3]!);
    const at = times[start + 2]!;
    const kind = KINDS[word & KIND_MASK]!;
    const flagged = (word & FLAG) !== 0;
    const flow = flagged ? 'received' : 'sent';
    if (kind === 'open') {
      const facts = JSON.parse(String(data)) as Facts;
      channels.set(number, { ...facts, lost: { sent: 0, received: 0 }, closed: false });
      return undefined;
    }
    const channel = channels.get(number)!;
    if (kind === 'bytes') return { channel, at, kind, flow, data };
    if (kind === 'request') {
      const context = data.length === 0 ? undefined : (JSON.parse(String(data)) as CallContext);
      return { channel, at, kind, context };
    }
    if (kind === 'gap') return { channel, at, kind, flow, length: Number(String(data)) };
    if (kind === 'head')
      return { channel, at, kind, flow, headers: JSON.parse(String(data)) as Record<string, unknown> };
    if (kind === 'end') return { channel, at, kind, flow };
    channels.delete(number);
    return { channel, at, kind, aborted: flagged };
  }

  const isEmpty = () => Atomics.load(state, WRITTEN) === taken;

  return {
    read(handle, enough) {
      while (!isEmpty()) {
        const start = taken & (UNITS - 1);
        const units = words[start * 2]!;
        const item = units === 0 ? undefined : itemAt(start);
        if (item !== undefined) handle(item);
        taken = (taken + (units === 0 ? UNITS - start : units)) | 0;
        Atomics.store(state, READ, taken);
        if (enough()) break;
      }
      // Only a program that is ending waits for room.
      Atomics.notify(state, READ);
    },
    sleep() {
      Atomics.store(state, ASLEEP, 1);
      return isEmpty() || Atomics.exchange(state, ASLEEP, 0) === 0;
    },
    get empty() {
      return isEmpty();
    },
  };
}
