/**
 * BoringSSL without symbols: Bun and what it compiles, Claude Code, grpc's cygrpc, curl_cffi.
 *
 * Each error that it puts names the file, its library (16: SSL) and a reason, and the reasons that one function may have
 * tell which function it is; no address, distance or pattern of bytes does. The proof is the call graph: SSL_write and the
 * reading function call SSL_do_handshake, SSL_shutdown calls the reading one. Refused where a set is not unique or an edge is
 * missing. Source: ssl/ssl_lib.cc, include/openssl/ssl.h and err.h of BoringSSL.
 */
import type { ElfFile } from '../../machine/elf.js';
import { findCalled, findInData, findReferences } from '../../machine/elf-search.js';
import { type FunctionRanges, readFunctionRanges } from '../../machine/unwind-table.js';
import { contains, decodeFrom, type PlacedInstruction, targetsOf } from './code.js';
import { placeAt } from './placement.js';
import type { Refused, Source } from './source.js';

const LIBRARY_SSL = 16;
const SHOULD_NOT_HAVE_BEEN_CALLED = 66;
const BAD_LENGTH = 111;
const CONNECTION_TYPE_NOT_SET = 134;
const SSL_HANDSHAKE_FAILURE = 215;
const UNINITIALIZED = 226;
const APPLICATION_DATA_ON_SHUTDOWN = 291;

/** Bytes before a reference in which the constants of its error are looked for. */
const BEFORE = 64;
const AFTER = 44;
/** A function of these is no longer; without an unwind table its end is not known. */
const LONGEST = 0x1000;
const [RCX, RDX, RSI, RDI] = [1, 2, 6, 7];

export const boringssl: Source = {
  name: 'BoringSSL without symbols',
  find(elf) {
    if (elf.machine !== 'x64') return undefined;
    const names = findInData(elf, 'ssl/ssl_lib.c').filter(at =>
      /^ssl\/ssl_lib\.cc?\0/.test(elf.bytes(at, 16).toString('latin1')),
    );
    if (names.length === 0) return undefined;
    const references = findReferences(
      elf,
      names.map(at => startOfText(elf, at)),
    ).map(({ at }) => at);
    const errors = references.flatMap(at => errorAt(elf, at) ?? []);
    // Another library has a file of this name, too.
    if (errors.length === 0) return undefined;
    const owners = createOwners(elf, references);
    const reasons = new Map<number, Set<number>>();
    for (const { at, reason } of errors) {
      const owner = owners.of(at);
      if (owner === undefined) continue;
      reasons.set(owner, (reasons.get(owner) ?? new Set()).add(reason));
    }
    return place(elf, reasons, owners);
  },
};

function place(elf: ElfFile, reasons: Map<number, Set<number>>, owners: Owners): ReturnType<Source['find']> {
  const having = (...wanted: number[]) =>
    [...reasons].filter(([, set]) => wanted.every(reason => set.has(reason))).map(([address]) => address);
  const lacking = (found: number[], ...unwanted: number[]) =>
    found.filter(address => unwanted.every(reason => !reasons.get(address)!.has(reason)));
  const only = (found: number[], reason: number) =>
    found.filter(address => reasons.get(address)!.size === 1 && reasons.get(address)!.has(reason));

  const write = one(having(SHOULD_NOT_HAVE_BEEN_CALLED, UNINITIALIZED, SSL_HANDSHAKE_FAILURE, BAD_LENGTH));
  const inner = one(lacking(having(UNINITIALIZED, SSL_HANDSHAKE_FAILURE), SHOULD_NOT_HAVE_BEEN_CALLED, BAD_LENGTH));
  const shutdown = one(having(UNINITIALIZED, APPLICATION_DATA_ON_SHUTDOWN));
  if (write === undefined || inner === undefined || shutdown === undefined)
    return refused('the reasons of its errors do not tell its functions apart');
  // SSL_peek has the same reason and the same callee, but SSL_read also takes away what it gave.
  const readers = only(having(SHOULD_NOT_HAVE_BEEN_CALLED), SHOULD_NOT_HAVE_BEEN_CALLED)
    .map(address => ({ address, calls: owners.callsOf(address) }))
    .filter(({ calls }) => calls.has(inner))
    .sort((a, b) => b.calls.size - a.calls.size);
  const [read, peek] = readers;
  if (read === undefined || (peek !== undefined && peek.calls.size === read.calls.size))
    return refused('SSL_read is not told from SSL_peek');
  // Others put its reason, too; both of its callers agree on one.
  const handshake = one(
    only(having(CONNECTION_TYPE_NOT_SET), CONNECTION_TYPE_NOT_SET).filter(
      address => owners.callsOf(write).has(address) && owners.callsOf(inner).has(address),
    ),
  );
  if (handshake === undefined || !owners.callsOf(shutdown).has(inner))
    return refused('its functions do not call one another as they should');

  const places = [
    placeAt(elf, 'SSL_write', write, 'write', undefined),
    placeAt(elf, 'SSL_read', read.address, 'read', undefined),
    placeAt(elf, 'SSL_shutdown', shutdown, 'shutdown', undefined),
    // Entered for an object that has carried data already: it begins a new connection.
    placeAt(elf, 'SSL_do_handshake', handshake, 'free', undefined),
  ];
  const problem = places.find(each => typeof each === 'string');
  if (problem !== undefined) return refused(problem as string);
  const notes = ['the reasons of its errors, and who calls whom'];
  return { library: 'BoringSSL', placement: { places: places.filter(each => typeof each !== 'string'), notes } };
}

const refused = (why: string): Refused => ({ reason: `it has BoringSSL without symbols, and ${why}` });
const one = (found: readonly number[]): number | undefined => (found.length === 1 ? found[0] : undefined);

/** The path before the name belongs to the same text. */
function startOfText(elf: ElfFile, at: number): number {
  let start = at;
  for (; at - start < 200; start--) {
    const [byte] = elf.bytes(start - 1, 1);
    if (byte === undefined || byte < 32 || byte > 126) break;
  }
  return start;
}

/** The error that is put with the file's name at `at`: its reason, where it is one of the library SSL. */
function errorAt(elf: ElfFile, at: number): { at: number; reason: number } | undefined {
  for (let before = BEFORE; before > 0; before--) {
    const code = decodeFrom(elf, at - before, at + AFTER);
    const index = code.findIndex(each => contains(each, at));
    const naming = code[index];
    if (naming?.kind !== 'address' && naming?.kind !== 'constant') continue;
    const constants = constantsAround(code, index);
    // Where the compiler dropped the second argument, which nobody uses, all others are one register earlier.
    const [library, reason] =
      naming.to === RCX
        ? [constants.get(RDI), constants.get(RDX)]
        : naming.to === RDX
          ? [constants.get(RDI), constants.get(RSI)]
          : [];
    return library === LIBRARY_SSL && reason !== undefined ? { at, reason } : undefined;
  }
  return undefined;
}

const LEAVES = new Set(['jump', 'branch', 'ret', 'call']);

/** What registers hold when the call is made that an instruction of the same block prepares. */
function constantsAround(code: readonly PlacedInstruction[], index: number): Map<number, number> {
  let first = index;
  while (first > 0 && !LEAVES.has(code[first - 1]!.kind)) first--;
  const constants = new Map<number, number>();
  let pushed: number | undefined;
  for (const [at, { kind, to, value }] of code.entries()) {
    if (at < first) continue;
    if (at > index && LEAVES.has(kind)) break;
    if (kind === 'constant') constants.set(to!, value!);
    else if (kind === 'zero') constants.set(to!, 0);
    else if (kind === 'push constant') pushed = value;
    else if (kind === 'pop' && pushed !== undefined) {
      constants.set(to!, pushed);
      pushed = undefined;
    }
  }
  return constants;
}

interface Owners {
  /** Beginning of the function that an address lies in. */
  of(address: number): number | undefined;
  /** What it calls. */
  callsOf(address: number): Set<number>;
}

/** By the unwind table; where that says nothing, by what is called and decodes up to the reference. */
function createOwners(elf: ElfFile, references: readonly number[]): Owners {
  const ranges: FunctionRanges = readFunctionRanges(elf);
  const first = references[0] ?? 0;
  const last = references.at(-1) ?? 0;
  let called: number[] | undefined;
  const beginnings = () => (called ??= findCalled(elf, first - 0x4000, last + LONGEST));

  return {
    of(address) {
      const range = ranges.of(address);
      if (range !== undefined) return range.address;
      const before = beginnings().filter(at => at <= address && address - at < 0x4000);
      return before.reverse().find(at => decodeFrom(elf, at, address + 4).some(each => contains(each, address)));
    },
    callsOf(address) {
      const size = ranges.of(address)?.size ?? LONGEST;
      const next = ranges.of(address) === undefined ? beginnings().find(at => at > address) : undefined;
      return targetsOf(decodeFrom(elf, address, Math.min(address + size, next ?? Number.MAX_SAFE_INTEGER)));
    },
  };
}
