/**
 * The byte layout of a kernel record: bpf/tls.h in TypeScript. `test/attach/kernel/layout.test.ts` compiles the header
 * and compares every offset, so the two cannot drift apart.
 */
import type { Flow } from '../exchange.js';

export const RECORD_VERSION = 1;

/** Offsets in bytes; `size` is the whole header, after which the payload begins. */
export const RECORD_LAYOUT = {
  version: 0,
  kind: 1,
  flow: 2,
  closer: 3,
  length: 4,
  pid: 8,
  tid: 12,
  connection: 16,
  epoch: 24,
  offset: 32,
  time: 40,
  size: 48,
} as const;

export const RECORD_KINDS = {
  1: 'data',
  2: 'close',
  3: 'shutdown',
  4: 'name',
  5: 'fork',
  6: 'exec',
  7: 'exit',
  8: 'shed',
  9: 'mapped',
  10: 'others',
  11: 'unseen',
} as const;
export type RecordKind = (typeof RECORD_KINDS)[keyof typeof RECORD_KINDS];

/** Indices of the kernel's counters, in the order of `enum counter`. */
export const COUNTERS = ['ringRecords', 'ringBytes', 'faultRecords', 'faultBytes', 'limitBytes', 'mapFull'] as const;
export type Counters = Readonly<Record<(typeof COUNTERS)[number], number>>;

/** By the `closer` of a record. */
const CLOSERS: readonly (Flow | undefined)[] = [undefined, 'sent', 'received'];

/** One record. `payload` points into the ring: it is only valid until the consumer returns. */
export interface KernelRecord {
  readonly kind: RecordKind;
  /** As the observed process sees it; only of `data`. */
  readonly flow: Flow;
  readonly pid: number;
  readonly tid: number;
  /**
   * Address of the SSL object, or the lower 48 bits of the kernel's socket (`data`, `close`, `shutdown`, `name`, `shed`), the
   * child's pid (`fork`), the pid that the calling thread had before (`exec`), or the number of a shared file (`others`).
   */
  readonly connection: number;
  /** CLOCK_MONOTONIC ns at which the connection was first seen. */
  readonly epoch: bigint;
  /** Position of the payload in its direction since `epoch`. */
  readonly offset: number;
  /** CLOCK_MONOTONIC ns. */
  readonly time: bigint;
  readonly payload: Uint8Array;
  /** Who closed first; of a socket's `close`, where it is known. */
  readonly closedBy?: Flow;
}

/** Whether a connection is a socket's plaintext and not a TLS library's: the kernel's addresses have this bit, programs' not. */
export function isSocket(connection: number): boolean {
  return connection >= 2 ** 47;
}

/** Bytes of the name in the payload of `exec`. */
const TASK_NAME = 16;

/**
 * What a process has become: the payload of `exec`. The name as the kernel has it, 15 bytes at most, and the program's first
 * words, whole ones only. Undefined in recordings from before.
 */
export function readProgram(payload: Uint8Array): { name: string; words: string[] } | undefined {
  const end = payload.indexOf(0);
  if (end <= 0) return undefined;
  const words = Buffer.from(payload.subarray(TASK_NAME)).toString().split('\0');
  return { name: Buffer.from(payload.subarray(0, end)).toString(), words: words.slice(0, -1) };
}

/** Where both directions of a connection are: the payload of `close`, `shutdown` and `shed`. */
export function readTotals(payload: Uint8Array): { sent: number; received: number } | undefined {
  if (payload.byteLength < 16) return undefined;
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  return { sent: Number(view.getBigUint64(0, true)), received: Number(view.getBigUint64(8, true)) };
}

/**
 * Reads the record at `at`, of which `available` bytes are there. Undefined for what does not hold together: another
 * version, an unknown kind, a length beyond the bytes.
 */
export function readRecord(view: DataView, at: number, available: number): KernelRecord | undefined {
  const { size } = RECORD_LAYOUT;
  if (available < size || view.getUint8(at) !== RECORD_VERSION) return undefined;
  const kind = RECORD_KINDS[view.getUint8(at + RECORD_LAYOUT.kind) as keyof typeof RECORD_KINDS];
  const length = view.getUint32(at + RECORD_LAYOUT.length, true);
  if (!kind || length > available - size) return undefined;
  const closedBy = CLOSERS[view.getUint8(at + RECORD_LAYOUT.closer)];
  return {
    kind,
    flow: view.getUint8(at + RECORD_LAYOUT.flow) === 0 ? 'sent' : 'received',
    pid: view.getUint32(at + RECORD_LAYOUT.pid, true),
    tid: view.getUint32(at + RECORD_LAYOUT.tid, true),
    connection: Number(view.getBigUint64(at + RECORD_LAYOUT.connection, true)),
    epoch: view.getBigUint64(at + RECORD_LAYOUT.epoch, true),
    offset: Number(view.getBigUint64(at + RECORD_LAYOUT.offset, true)),
    time: view.getBigUint64(at + RECORD_LAYOUT.time, true),
    payload: new Uint8Array(view.buffer, view.byteOffset + at + size, length),
    ...(closedBy === undefined ? {} : { closedBy }),
  };
}

/** The bytes of a record, as `readRecord` takes them: for recordings and for tests. */
export function writeRecord(record: KernelRecord): Buffer {
  const { size } = RECORD_LAYOUT;
  const bytes = Buffer.alloc(size + record.payload.byteLength);
  const kind = Object.entries(RECORD_KINDS).find(([, name]) => name === record.kind)![0];
  bytes.writeUInt8(RECORD_VERSION, RECORD_LAYOUT.version);
  bytes.writeUInt8(Number(kind), RECORD_LAYOUT.kind);
  bytes.writeUInt8(record.flow === 'sent' ? 0 : 1, RECORD_LAYOUT.flow);
  bytes.writeUInt8(record.closedBy === undefined ? 0 : CLOSERS.indexOf(record.closedBy), RECORD_LAYOUT.closer);
  bytes.writeUInt32LE(record.payload.byteLength, RECORD_LAYOUT.length);
  bytes.writeUInt32LE(record.pid, RECORD_LAYOUT.pid);
  bytes.writeUInt32LE(record.tid, RECORD_LAYOUT.tid);
  bytes.writeBigUInt64LE(BigInt(record.connection), RECORD_LAYOUT.connection);
  bytes.writeBigUInt64LE(record.epoch, RECORD_LAYOUT.epoch);
  bytes.writeBigUInt64LE(BigInt(record.offset), RECORD_LAYOUT.offset);
  bytes.writeBigUInt64LE(record.time, RECORD_LAYOUT.time);
  bytes.set(record.payload, size);
  return bytes;
}
