/** Blocks of a recording while it is read: only the block that is not whole yet is kept. */

import type { OpenExchange, UnixNanos } from '../wire/exchange.js';
import { createConnections } from '../wire/transport/connections.js';
import { RECORDING_MAGIC, type RecordedBlock, readRecording } from '../wire/transport/recording.js';

const MAGIC = Buffer.from(RECORDING_MAGIC);
const BLOCK_HEADER = 8;

async function* readBlocks(bytes: AsyncIterable<Buffer>): AsyncGenerator<RecordedBlock> {
  let pending = Buffer.alloc(0);
  let isStart = true;
  for await (const chunk of bytes) {
    pending = Buffer.concat([pending, chunk]);
    if (isStart && pending.length < MAGIC.length) continue;
    if (isStart) pending = pending.subarray(MAGIC.length);
    isStart = false;
    const end = wholeBlocks(pending);
    if (end === 0) continue;
    yield* readRecording(Buffer.concat([MAGIC, pending.subarray(0, end)]));
    pending = pending.subarray(end);
  }
}

/** Length of the blocks at the beginning that are there to their end. */
function wholeBlocks(bytes: Buffer): number {
  let at = 0;
  while (at + BLOCK_HEADER <= bytes.length) {
    const next = at + BLOCK_HEADER + bytes.readUInt32LE(at + 4);
    if (next > bytes.length) break;
    at = next;
  }
  return at;
}

/** Feeds the records to connections, as attach did when they happened. */
export async function replayRecording(bytes: AsyncIterable<Buffer>, open: OpenExchange): Promise<void> {
  const names = new Map<number, string>();
  const connections = createConnections({
    open,
    factsOf: pid => (names.has(pid) ? { pid, process: names.get(pid)! } : { pid }),
  });
  let last: UnixNanos = 0n;
  for await (const block of readBlocks(bytes)) {
    if (block.type === 'process') names.set(block.process.pid, block.process.name);
    else if (block.type === 'record') {
      last = block.record.time;
      connections.record(block.record, last);
    }
  }
  connections.close(last, 'detached');
}
