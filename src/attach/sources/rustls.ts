/**
 * rustls 0.23 in any Rust program or library, stripped or not: reqwest, Codex, Deno, Python packages with a Rust inside. Two
 * functions of its CommonState carry plaintext. They are not generic, so a file has one copy of each:
 *
 *   take_received_plaintext(&mut self, &Payload)              received; resets a counter of self to 32 in its first lines
 *   send_appdata_encrypt(&mut self, &OutboundChunks, …) -> n  sent; asks whether self may send, walks the chunks
 *   (or buffer_plaintext, its caller, with the same two first arguments and result, where the compiler has put it inside)
 *
 * Proof: the version that its panic messages name has this layout; one function resets the counter, at its beginning, and
 * reads the payload; one compares the field 8 bytes behind it with 1 and reads both ends of the chunks. Refused else.
 * Source: rustls/src/common_state.rs, msgs/message/outbound.rs of 0.23.34 to 0.23.46.
 */
import type { ElfFile } from '../../machine/elf.js';
import { findInCode, findInData } from '../../machine/elf-search.js';
import type { FunctionRange } from '../../machine/unwind-table.js';
import { decodeFrom, type PlacedInstruction } from './code.js';
import { createFunctions, type Functions } from './functions.js';
import { type MemoryOperand, memoryOperand } from './operand.js';
import { type ProbePlace, placeAt } from './placement.js';
import type { Refused, Source } from './source.js';

const VERSION = /^rustls-0\.(\d+)\.(\d+)\//;
/** The first that resets the counter where plaintext is taken. 0.23.46 is the last that was looked at; a newer one has to prove itself. */
const FIRST = 34;
const RDI = 7;
const RSI = 6;
/** `movb $n, distance(%rdi)`, and the number that the counter begins with: ALLOWED_KEY_UPDATE_REQUESTS. */
const RESET = Buffer.from('c687', 'hex');
const RESET_TO = 32;
/** `cmpb $n, distance(register)`: an opcode with a 7 in the middle of what follows. */
const COMPARE = 0x80;
const REGISTER_FIELD = 0x38;
const RESET_WITHIN = 0x20;
const PAYLOAD_WITHIN = 0x60;
const CHUNKS_WITHIN = 0x300;
/** Instructions of a beginning, in which arguments are put into other registers. */
const PROLOGUE = 20;

export const rustls: Source = {
  name: 'rustls',
  find(elf) {
    if (elf.machine !== 'x64') return undefined;
    const versions = versionsOf(elf);
    if (versions.size === 0) return undefined;
    const [version] = versions;
    if (versions.size > 1) return refused(`it has several versions of it: ${[...versions].join(', ')}`);
    const [minor, patch] = version!.split('.').map(Number) as [number, number];
    if (minor !== 23 || patch < FIRST)
      return refused(`0.${version} has no places that are proven (0.23.${FIRST} and newer have)`);
    const functions = createFunctions(elf);
    const receiving = findReceiving(elf, functions);
    if (typeof receiving === 'string') return refused(receiving);
    const sending = findSending(elf, functions, receiving.counter);
    if (typeof sending === 'string') return refused(sending);
    const places = [
      place(elf, 'CommonState::send_appdata_encrypt', sending, 'write'),
      place(elf, 'CommonState::take_received_plaintext', receiving.range, 'read'),
    ];
    const problem = places.find(each => typeof each === 'string');
    if (problem !== undefined) return refused(problem as string);
    return {
      library: `rustls 0.${version}`,
      placement: {
        places: places.filter(each => typeof each !== 'string'),
        notes: ['the fields of its connection that each function uses'],
      },
    };
  },
};

const refused = (why: string): Refused => ({ reason: `it has rustls, and ${why}` });

function place(elf: ElfFile, name: string, { address }: FunctionRange, action: 'read' | 'write'): ProbePlace | string {
  const found = placeAt(elf, name, address, action, undefined);
  // What was received is whole when the function begins.
  return typeof found === 'string' ? found : { ...found, convention: 'rustls', returns: action === 'write' };
}

/** Panic messages name the file in the package of the registry, with its version. */
function versionsOf(elf: ElfFile): Set<string> {
  const found = findInData(elf, 'rustls-0.').flatMap(at => {
    // `tokio-rustls-0.26` and `hyper-rustls-0.27` are others.
    if (at > 0 && elf.bytes(at - 1, 1)[0] === 0x2d) return [];
    const [, minor, patch] = VERSION.exec(elf.bytes(at, 24).toString('latin1')) ?? [];
    return minor === undefined ? [] : [`${minor}.${patch}`];
  });
  return new Set(found);
}

interface Receiving {
  readonly range: FunctionRange;
  /** Where in the connection the counter is. */
  readonly counter: number;
}

function findReceiving(elf: ElfFile, functions: Functions): Receiving | string {
  const found = new Map<number, Receiving>();
  const resets = findInCode(elf, RESET).filter(at => elf.code(at, 7)[6] === RESET_TO);
  for (const range of functions.around(resets, RESET_WITHIN)) {
    const code = decodeFrom(elf, range.address, range.address + Math.min(range.size, PAYLOAD_WITHIN));
    const reset = code.find(({ address }) => resets.includes(address) && address - range.address <= RESET_WITHIN);
    const counter = reset && operandOf(elf, reset)?.displacement;
    if (counter === undefined || counter < 0x100) continue;
    if (distancesOf(elf, code, RSI).size > 0 || handsOn(elf, code)) found.set(range.address, { range, counter });
  }
  const [only] = found.values();
  if (found.size !== 1) return `${found.size} functions take plaintext, not one`;
  return only!;
}

/** Built for size: what reads the payload is a function of its own, which is the first that is called. */
function handsOn(elf: ElfFile, code: readonly PlacedInstruction[]): boolean {
  const index = code.findIndex(({ kind }) => kind === 'call');
  const call = code[index];
  if (call === undefined || code.slice(0, index).some(({ to }) => to === RSI)) return false;
  const callee = call.address + call.length + call.displacement!;
  const distances = distancesOf(elf, decodeFrom(elf, callee, callee + PAYLOAD_WITHIN), RSI);
  return [0, 8, 16].every(distance => distances.has(distance));
}

function findSending(elf: ElfFile, functions: Functions, counter: number): FunctionRange | string {
  // Its distance, and the 1 that it is compared with.
  const field = Buffer.alloc(5, 1);
  field.writeUInt32LE(counter + 8);
  const found = new Map<number, FunctionRange>();
  const fields = new Set(findInCode(elf, field).map(at => at + field.length));
  for (const range of functions.around([...fields], CHUNKS_WITHIN)) {
    const code = decodeFrom(elf, range.address, range.address + Math.min(range.size, CHUNKS_WITHIN));
    const asking = code.find(({ address, length }) => fields.has(address + length));
    const asked = asking && isComparison(elf, asking) ? operandOf(elf, asking) : undefined;
    if (asked?.displacement !== counter + 8 || !copiesOf(code, RDI).has(asked.base)) continue;
    const distances = distancesOf(elf, code, RSI);
    if (distances.has(0x10) && distances.has(0x18)) found.set(range.address, range);
  }
  const [only] = found.values();
  return found.size === 1 ? only! : `${found.size} functions send plaintext, not one`;
}

function isComparison(elf: ElfFile, { address }: PlacedInstruction): boolean {
  const code = elf.code(address, 3);
  const at = (code[0]! & 0xf0) === 0x40 ? 1 : 0;
  return code[at] === COMPARE && (code[at + 1]! & REGISTER_FIELD) === REGISTER_FIELD;
}

/** The register of an argument, and those that the beginning copies it to. */
function copiesOf(code: readonly PlacedInstruction[], argument: number): Set<number> {
  const moves = code.slice(0, PROLOGUE).filter(({ kind, from }) => kind === 'move' && from === argument);
  return new Set([argument, ...moves.map(({ to }) => to!)]);
}

const operandOf = (elf: ElfFile, { address, length }: PlacedInstruction): MemoryOperand | undefined =>
  memoryOperand(elf.code(address, length).subarray(0, length));

/** Distances at which the function uses what one of its arguments points to. */
function distancesOf(elf: ElfFile, code: readonly PlacedInstruction[], argument: number): Set<number> {
  const registers = copiesOf(code, argument);
  const operands = code.flatMap(each => operandOf(elf, each) ?? []);
  return new Set(operands.filter(({ base }) => registers.has(base)).map(({ displacement }) => displacement));
}
