/**
 * Go's crypto/tls, in any program of Go 1.21 or newer, stripped or not. Two places: the entry of `(*Conn).Write`, behind its
 * stack check, and the one call in `(*Conn).Read` that copies plaintext to the caller (bytes.Reader.Read is inlined there).
 *
 * Proofs: the functions are in the runtime's own table; Read calls readRecordOrCCS and exactly one memmove; the connection
 * has been put where a function with this frame keeps its first argument. Refused else: a wrong place crashes a program.
 */

import type { ElfFile, FunctionSymbol } from '../../machine/elf.js';
import { goFunctions } from '../../machine/go-functions.js';
import { decodeFrom, type PlacedInstruction } from './code.js';
import type { ProbePlace } from './placement.js';
import type { Refused, Source } from './source.js';
import type { ProbeAction } from './tls-libraries.js';
import { isEmulated } from './x86.js';

const WRITE = 'crypto/tls.(*Conn).Write';
const READ = 'crypto/tls.(*Conn).Read';
const CLOSE = 'crypto/tls.(*Conn).Close';
const NEXT_RECORD = 'crypto/tls.(*Conn).readRecordOrCCS';
const COPY = 'runtime.memmove';
/** Instructions of a function's beginning. */
const PROLOGUE = 16;

export const go: Source = {
  name: 'Go crypto/tls',
  find(elf) {
    if (elf.machine !== 'x64') return undefined;
    const functions = goFunctions(elf, [WRITE, READ, CLOSE, NEXT_RECORD, COPY]);
    const [write, read, copy] = [WRITE, READ, COPY].map(name => functions?.get(name));
    if (functions === undefined || write === undefined || read === undefined) return undefined;
    if (elf.placeOf('.go.buildinfo') === undefined) return refused('it does not say with which Go it was built');
    const sending = afterStackCheck(elf, write, 'write');
    if (sending === undefined) return refused(`${WRITE} does not begin as from Go 1.21 on`);
    const receiving = copyIn(elf, read, copy, functions.get(NEXT_RECORD));
    if (typeof receiving === 'string') return refused(receiving);
    const closed = functions.get(CLOSE);
    const closing = closed && afterStackCheck(elf, closed, 'free');
    return {
      library: 'Go crypto/tls',
      placement: {
        places: [sending, receiving, ...(closing === undefined ? [] : [closing])],
        notes: ["the runtime's own table of functions"],
      },
    };
  },
};

const refused = (why: string): Refused => ({ reason: `it is a Go program, and ${why}` });

/** The `push` that follows the stack check: what lies before it runs again where the stack must grow. */
function afterStackCheck(elf: ElfFile, { name, address, size }: FunctionSymbol, action: ProbeAction) {
  const code = decodeFrom(elf, address, address + size).slice(0, PROLOGUE);
  const check = code.findIndex(({ kind }) => kind === 'branch');
  const push = code[check + 1];
  return check >= 0 && push?.kind === 'push' ? placeOf(elf, name, push, action) : undefined;
}

/** The call that copies plaintext: rbx is where it is, rcx how much, the connection at a known place on the stack. */
function copyIn(
  elf: ElfFile,
  read: FunctionSymbol,
  copy: FunctionSymbol | undefined,
  nextRecord: FunctionSymbol | undefined,
): ProbePlace | string {
  if (copy === undefined || nextRecord === undefined) return `${COPY} or ${NEXT_RECORD} is not in its table`;
  const end = read.address + read.size;
  const code = decodeFrom(elf, read.address, end);
  const last = code.at(-1);
  if (last === undefined || last.address + last.length < end) return `${READ} has an instruction that is not known`;
  const callsTo = (target: number) =>
    code.filter(
      ({ kind, address, length, displacement }) => kind === 'call' && address + length + displacement! === target,
    );
  const copies = callsTo(copy.address);
  if (copies.length !== 1 || callsTo(nextRecord.address).length === 0)
    return `${READ} copies at ${copies.length} places, not one (was it built without optimisation?)`;
  const bytes = elf.code(read.address, 160);
  const frame = frameOf(bytes);
  const kept = keptFirstArgument(bytes);
  if (frame === undefined || kept !== frame + 16) return `${READ} does not keep its connection where it should`;
  const place = placeOf(elf, `the copy in ${READ}`, copies[0]!, 'read');
  return place === undefined ? `${READ} lies outside the executable segments` : { ...place, stackOffset: kept };
}

function placeOf(elf: ElfFile, name: string, at: PlacedInstruction, action: ProbeAction): ProbePlace | undefined {
  const fileOffset = elf.fileOffset(at.address);
  if (fileOffset === undefined) return undefined;
  const bytes = Buffer.from(elf.code(at.address, at.length)).toString('hex');
  const { address } = at;
  return { name, action, convention: 'go', fileOffset, address, returns: false, bytes, emulated: isEmulated(at) };
}

/** `sub $n,%rsp` of a beginning. */
function frameOf(bytes: Uint8Array): number | undefined {
  const code = Buffer.from(bytes);
  for (const [text, read] of [
    ['4883ec', (at: number) => code[at]],
    ['4881ec', (at: number) => code.readUInt32LE(at)],
  ] as const) {
    const at = code.indexOf(Buffer.from(text, 'hex'));
    if (at >= 0 && at < 48) return read(at + 3);
  }
  return undefined;
}

/** `mov %rax,n(%rsp)` of a beginning. */
function keptFirstArgument(bytes: Uint8Array): number | undefined {
  const code = Buffer.from(bytes);
  for (const [text, read] of [
    ['48894424', (at: number) => code[at]],
    ['48898424', (at: number) => code.readUInt32LE(at)],
  ] as const) {
    const at = code.indexOf(Buffer.from(text, 'hex'));
    if (at >= 0 && at < 64) return read(at + 4);
  }
  return undefined;
}
