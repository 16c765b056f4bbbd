/**
 * Records in a file: what the ring delivered, so that every stage behind the kernel can be run again without one
 * (`attach --record FILE`, `decode FILE`). Times are wall-clock already, epochs are not times.
 *
 * Form: the line `openlit-records 1`, then blocks of a type (1 byte), three zero bytes, a length (u32, little-endian) and
 * the content: `R` a record with its kernel header, `P` a process as JSON, `C` counters as JSON.
 */
import type { UnixNanos } from '../exchange.js';
import { type Counters, type KernelRecord, readRecord, writeRecord } from './record.js';

export const RECORDING_MAGIC = 'openlit-records 1\n';
const BLOCK_HEADER = 8;

export interface RecordedProcess {
  readonly pid: number;
  readonly name: string;
}

export type RecordedBlock =
  | { readonly type: 'record'; readonly record: KernelRecord }
  | { readonly type: 'process'; readonly process: RecordedProcess }
  | { readonly type: 'counters'; readonly counters: Counters };

function block(type: 'R' | 'P' | 'C', content: Buffer): Buffer {
  const header = Buffer.alloc(BLOCK_HEADER);
  header.write(type, 'latin1');
  header.writeUInt32LE(content.length, 4);
  return Buffer.concat([header, content]);
}

/** `at` replaces the kernel's time by wall-clock. The epoch stays: it tells connections apart and must not move with a clock. */
export function encodeRecord(record: KernelRecord, at: UnixNanos): Buffer {
  return block('R', writeRecord({ ...record, time: at }));
}

export const encodeProcess = ({ pid, name }: RecordedProcess): Buffer =>
  block('P', Buffer.from(JSON.stringify({ pid, name })));
export const encodeCounters = (counters: Counters): Buffer => block('C', Buffer.from(JSON.stringify(counters)));

export function isRecording(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(0, RECORDING_MAGIC.length)).toString('latin1') === RECORDING_MAGIC;
}

/**
 * The blocks of a recording, in order. Throws an `Error` that names the byte position of what does not hold together; a
 * file cut in its last block (the writer was killed) gives everything before.
 */
export function* readRecording(bytes: Buffer): Generator<RecordedBlock> {
  if (!isRecording(bytes))
    throw new Error(`not a recording: it does not begin with ${JSON.stringify(RECORDING_MAGIC)}`);
  for (let at = RECORDING_MAGIC.length; at + BLOCK_HEADER <= bytes.length; ) {
    const type = String.fromCharCode(bytes[at]!);
    const length = bytes.readUInt32LE(at + 4);
    const content = bytes.subarray(at + BLOCK_HEADER, at + BLOCK_HEADER + length);
    if (content.length < length) return;
    yield readBlock(type, content, at);
    at += BLOCK_HEADER + length;
  }
}

function readBlock(type: string, content: Buffer, at: number): RecordedBlock {
  try {
    if (type === 'P') return { type: 'process', process: JSON.parse(content.toString()) as RecordedProcess };
    if (type === 'C') return { type: 'counters', counters: JSON.parse(content.toString()) as Counters };
    if (type === 'R') {
      const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
      const record = readRecord(view, 0, content.byteLength);
      if (record) return { type: 'record', record };
    }
  } catch {
    // falls through to the one message
  }
  throw new Error(`damaged at byte ${at}: no block that this version knows`);
}
