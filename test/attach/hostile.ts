/**
 * Hostile input for attach's own parsers: records of the ring, recordings, connections, ELF files, memory maps, machine
 * code. Shared by the test (a thousand cases) and by the fuzz script (millions); a case is a number, and the same number
 * gives the same bytes.
 */

import { findTls } from '../../src/attach/sources/plan.js';
import { decodeInstruction } from '../../src/attach/sources/x86.js';
import { readElf } from '../../src/machine/elf.js';
import { parseMaps } from '../../src/machine/maps.js';
import { collectExchanges } from '../../src/wire/exchange-collector.js';
import { createConnections } from '../../src/wire/transport/connections.js';
import {
  type KernelRecord,
  RECORD_KINDS,
  RECORD_LAYOUT,
  readRecord,
  readTotals,
  writeRecord,
} from '../../src/wire/transport/record.js';
import {
  encodeCounters,
  encodeProcess,
  encodeRecord,
  RECORDING_MAGIC,
  readRecording,
} from '../../src/wire/transport/recording.js';
import { seeded } from '../wire/protocol/support.js';
import { makeElf, sourceOf } from './elf-image.js';

type Random = () => number;

const upTo = (random: Random, n: number) => Math.floor(random() * n);
const pick = <T>(random: Random, list: readonly T[]): T => list[upTo(random, list.length)]!;
const must = (condition: boolean, what: string) => {
  if (!condition) throw new Error(`broken promise: ${what}`);
};

/** A copy with some bytes, or whole words, replaced by values that like to overflow, and sometimes cut. */
function mutate(random: Random, bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  for (let changes = upTo(random, 6); changes > 0 && copy.length > 8; changes--) {
    const at = upTo(random, copy.length - 8);
    const kind = random();
    if (kind < 0.5) copy[at] = upTo(random, 256);
    else if (kind < 0.75) copy.writeUInt32LE(pick(random, [0, 1, 0x7fffffff, 0x80000000, 0xffffffff, copy.length]), at);
    else copy.writeBigUInt64LE(pick(random, [0n, 1n << 31n, 1n << 53n, (1n << 63n) - 1n, (1n << 64n) - 1n]), at);
  }
  return random() < 0.3 ? copy.subarray(0, upTo(random, copy.length + 1)) : copy;
}

const KINDS = Object.values(RECORD_KINDS);
const TEXTS = [
  'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\n\r\nbody',
  'HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nanswer',
  'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0',
  'no protocol at all',
].map(text => Buffer.from(text, 'latin1'));

function makeRecord(random: Random): KernelRecord {
  const kind = random() < 0.7 ? 'data' : pick(random, KINDS);
  const totals = Buffer.alloc(16);
  totals.writeBigUInt64LE(BigInt(upTo(random, 400)), 0);
  totals.writeBigUInt64LE(BigInt(upTo(random, 400)), 8);
  return {
    kind,
    flow: random() < 0.5 ? 'sent' : 'received',
    pid: 1 + upTo(random, 2),
    tid: 1,
    connection: upTo(random, 3),
    epoch: BigInt(upTo(random, 2)),
    offset: pick(random, [0, 0, upTo(random, 300), 2 ** 40]),
    time: BigInt(upTo(random, 1000)),
    payload: kind === 'close' || kind === 'shutdown' ? totals : mutate(random, pick(random, TEXTS)),
  };
}

function record(random: Random): void {
  const bytes = mutate(random, writeRecord(makeRecord(random)));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const found = readRecord(view, 0, bytes.length);
  if (!found) return;
  must(found.payload.length <= bytes.length - RECORD_LAYOUT.size, 'no payload beyond the record');
  readTotals(found.payload);
}

function recording(random: Random): void {
  const blocks = Array.from({ length: 1 + upTo(random, 4) }, () =>
    pick(random, [
      () => encodeRecord(makeRecord(random), 1n),
      () => encodeProcess({ pid: 1, name: 'x' }),
      () => encodeCounters({ ringRecords: 1, ringBytes: 2, faultRecords: 0, faultBytes: 0, limitBytes: 0, mapFull: 0 }),
    ])(),
  );
  const bytes = mutate(random, Buffer.concat([Buffer.from(RECORDING_MAGIC), ...blocks]));
  try {
    for (const _ of readRecording(bytes));
  } catch (error) {
    must(/^(not a recording|damaged at byte \d+)/.test((error as Error).message), 'a message that names the place');
  }
}

/** Records in any order, with any offsets: every exchange ends exactly once, and nothing is left at the end. */
function connections(random: Random): void {
  let opened = 0;
  let ended = 0;
  const collect = collectExchanges({ bodyLimit: 100, id: () => `${++opened}`, onExchange: () => ended++ });
  const found = createConnections({
    open: collect,
    factsOf: pid => ({ pid }),
    most: 1 + upTo(random, 4),
    memory: { limit: 10, used: () => upTo(random, 20), cut: () => {} },
  });
  for (let count = upTo(random, 30); count > 0; count--) {
    found.record(makeRecord(random), BigInt(upTo(random, 1000)));
    must(found.size <= 4, 'never more connections than allowed');
  }
  found.close(1n, 'detached');
  must(found.size === 0 && opened === ended, 'every exchange ended exactly once');
}

const WRAPPER = '4883ec18488d4c2408e800000000c3';
const NAMES = ['SSL_write', 'SSL_write_ex', 'SSL_read', 'SSL_read_ex', 'SSL_free', 'SSL_shutdown', 'SSL_ctrl'];
const IMAGES = [62, 183, 3].flatMap(machine =>
  (['dynsym', 'symtab'] as const).map(table => {
    const code = Buffer.alloc(64 * NAMES.length, 0x90);
    for (const index of NAMES.keys()) code.set(Buffer.from(WRAPPER, 'hex'), 64 * index);
    const symbols = NAMES.map((name, index) => ({ name, at: 0x1000 + 64 * index, size: 15 }));
    return makeElf({ code, symbols, table, machine });
  }),
);

function elf(random: Random): void {
  const bytes = mutate(random, pick(random, IMAGES));
  try {
    const file = readElf(sourceOf(bytes));
    const finding = findTls(file);
    if (!finding || 'reason' in finding) return;
    for (const { address, fileOffset } of finding.placement.places) {
      const inside = file.segments.some(
        segment => segment.executable && address >= segment.address && address < segment.address + segment.size,
      );
      must(inside && fileOffset === file.fileOffset(address), 'a probe only inside executable segments');
      must(fileOffset < bytes.length, 'a probe only inside the file');
    }
  } catch (error) {
    // What the planner shows a person: a reason of ours, not one of Node's.
    must((error as Error).name === 'Error' && !('code' in (error as Error)), `a short reason, not ${error}`);
    if ((error as Error).message.startsWith('broken promise')) throw error;
  }
}

const MAPS = Buffer.from(
  `55d0-55d9 r-xp 00000000 08:01 1234                       /usr/bin/x y (deleted)
7f00-7f10 r--p 00000000 08:01 99 /usr/lib/lib\\012ssl.so.3
7ffe-7fff r-xp 00000000 00:00 0 [vdso]
ffff-ffff --xp 00000000 fe:00 18446744073709551615 /memfd:a b (deleted)
`,
);

function maps(random: Random): void {
  for (const file of parseMaps(mutate(random, MAPS).toString('latin1')))
    must(file.path.startsWith('/') && file.ranges.length > 0, 'files have a path and a range');
}

function code(random: Random): void {
  const bytes = Buffer.from(Array.from({ length: upTo(random, 20) }, () => upTo(random, 256)));
  const found = decodeInstruction(bytes, 0);
  if (found)
    must(found.length > 0 && found.length <= Math.min(15, bytes.length), 'an instruction lies inside its bytes');
}

const FAMILIES: readonly ((random: Random) => void)[] = [record, recording, connections, elf, maps, code];

/** Throws with the number of the case. */
export function runHostileCase(number: number): void {
  try {
    FAMILIES[number % FAMILIES.length]!(seeded(number));
  } catch (error) {
    throw new Error(`case ${number} (${FAMILIES[number % FAMILIES.length]!.name})`, { cause: error });
  }
}
