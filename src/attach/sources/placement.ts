/**
 * Where in a TLS library the probes go. The instruction under a probe decides its cost, and the number of functions
 * decides how many probes a call meets, so the inner function that all forms share comes first, where the machine code
 * proves its shape; else the exported names. See docs/internals/attach.md "Where the probes sit".
 */
import type { ElfFile, FunctionSymbol } from '../../machine/elf.js';
import type { ProbeAction, TlsFunction, TlsLibrary } from './tls-libraries.js';
import { decodeInstruction, type Instruction, isEmulated } from './x86.js';

export interface ProbePlace {
  /** For people: `SSL_write`, or `inner function of SSL_write_ex`. */
  readonly name: string;
  readonly action: ProbeAction;
  readonly lengthArgument?: number;
  /** How the arguments arrive: as in C, as in Go, or as rustls has its chunks. `notice`: none are read, that it was called is all. */
  readonly convention?: 'go' | 'rustls' | 'notice';
  /** Go: where the connection lies, in bytes from the stack pointer; absent: it is the first argument. */
  readonly stackOffset?: number;
  /** Where the probe sits in the file, which is what the kernel takes. */
  readonly fileOffset: number;
  readonly address: number;
  /** Return probes too (reads and writes). */
  readonly returns: boolean;
  /** First bytes under the probe, hex. */
  readonly bytes: string;
  /** Whether the kernel emulates the instruction (cheap) or must single-step a copy; unknown off x86-64. */
  readonly emulated: boolean | undefined;
}

export interface Placement {
  readonly places: readonly ProbePlace[];
  /** Why each choice was made, one sentence each. */
  readonly notes: readonly string[];
}

/** A wrapper longer than this does work of its own, so its call may not be the one we mean. */
const WRAPPER_LIMIT = 64;
const RCX = 1;
const R8 = 8;
/** Registers of the first three arguments: rdi, rsi, rdx. */
const ARGUMENTS = [7, 6, 2];

/** Places for one library in one file. Functions that cannot be placed are named in `notes` and left out. */
export function placeProbes(elf: ElfFile, library: TlsLibrary, symbols: Map<string, FunctionSymbol>): Placement {
  const places: ProbePlace[] = [];
  const notes: string[] = [];
  const settled = new Set<ProbeAction>();
  for (const { action, wrappers, plain } of library.inner) {
    if (elf.machine !== 'x64') break;
    const reasons: string[] = [];
    for (const wrapper of wrappers) {
      const found = findInner(elf, wrapper, symbols.get(wrapper.symbol), symbols.get(plain), plain);
      if (typeof found === 'string') {
        reasons.push(found);
        continue;
      }
      const place = placeAt(elf, `inner function of ${wrapper.symbol}`, found.address, action, found.lengthArgument);
      if (typeof place === 'string' || !place.emulated) {
        reasons.push(
          typeof place === 'string' ? place : `the inner function of ${wrapper.symbol} begins with ${place.bytes}`,
        );
        continue;
      }
      places.push(place);
      notes.push(`${action}: one inner function serves ${plain} and ${wrapper.symbol}`);
      settled.add(action);
      break;
    }
    if (!settled.has(action)) notes.push(`${action}: exported names, because ${reasons.join('; ')}`);
  }
  for (const { symbol, action, lengthArgument, unless } of library.functions) {
    const at = symbols.get(symbol);
    if (!at || settled.has(action) || (unless !== undefined && symbols.has(unless))) continue;
    const place = placeAt(elf, symbol, at.address, action, lengthArgument);
    if (typeof place === 'string') notes.push(`${symbol} is left out: ${place}`);
    else places.push(place);
  }
  return { places, notes };
}

/** A place at a function's entry, past `endbr64`; the reason where it cannot be. */
export function placeAt(
  elf: ElfFile,
  name: string,
  entry: number,
  action: ProbeAction,
  lengthArgument: number | undefined,
): ProbePlace | string {
  let address = entry;
  let instruction: Instruction | undefined;
  if (elf.machine === 'x64') {
    instruction = decodeInstruction(elf.code(address, 16), 0);
    if (instruction?.kind === 'endbr64') {
      address += instruction.length;
      instruction = decodeInstruction(elf.code(address, 16), 0);
    }
    if (!instruction) return `no instruction that we know at ${hex(address)}`;
    if (instruction.kind === 'jump') return `it begins with a jump, so it is only a stub`;
  }
  const fileOffset = elf.fileOffset(address);
  if (fileOffset === undefined) return `${hex(address)} lies outside the executable segments`;
  return {
    name,
    action,
    ...(lengthArgument === undefined ? {} : { lengthArgument }),
    fileOffset,
    address,
    returns: action === 'read' || action === 'write',
    bytes: Buffer.from(elf.code(address, instruction?.length ?? 4)).toString('hex'),
    emulated: instruction && isEmulated(instruction),
  };
}

/**
 * The function that a thin wrapper calls with its own arguments: proven when (1) up to the first call only instructions
 * occur that leave (object, buffer, count) where they are, (2) it is known in which register the length pointer arrives,
 * and (3) the plain form calls the same address. Else the reason, as text.
 */
function findInner(
  elf: ElfFile,
  wrapper: TlsFunction,
  at: FunctionSymbol | undefined,
  plain: FunctionSymbol | undefined,
  plainName: string,
): { address: number; lengthArgument: number } | string {
  if (!at || !plain) return `${wrapper.symbol} or ${plainName} is not in its symbol tables`;
  if (at.size === 0 || at.size > WRAPPER_LIMIT) return `${wrapper.symbol} is no thin wrapper (${at.size} bytes)`;
  const call = followWrapper(elf.code(at.address, at.size), at.address, wrapper.lengthArgument ?? 0);
  if (!call) return `the arguments of the call in ${wrapper.symbol} are not proven`;
  if (!callTargets(elf, plain).has(call.address)) return `${plainName} does not call what ${wrapper.symbol} calls`;
  return call;
}

/** Runs the wrapper's instructions up to its first call, on register names instead of values. */
function followWrapper(
  code: Uint8Array,
  address: number,
  lengthArgument: number,
): { address: number; lengthArgument: number } | undefined {
  // What each register holds: the number of the argument that it came in with, or 'zero'.
  const registers = new Map<number, number | 'zero'>([
    [7, 1],
    [6, 2],
    [2, 3],
    [RCX, 4],
    [R8, 5],
  ]);
  for (let at = 0; at < code.length; ) {
    const instruction = decodeInstruction(code, at);
    if (!instruction) return undefined;
    at += instruction.length;
    const { kind, to, from } = instruction;
    if (kind === 'call') {
      const intact = ARGUMENTS.every((register, index) => registers.get(register) === index + 1);
      if (!intact) return undefined;
      const target = address + at + instruction.displacement!;
      if (registers.get(RCX) === lengthArgument) return { address: target, lengthArgument: 4 };
      // From OpenSSL 3.2 the writing function takes flags before the length pointer.
      if (registers.get(R8) === lengthArgument) return { address: target, lengthArgument: 5 };
      return undefined;
    }
    if (kind === 'move') {
      const value = registers.get(from!);
      if (value === undefined) registers.delete(to!);
      else registers.set(to!, value);
    } else if (kind === 'zero') registers.set(to!, 'zero');
    else if (kind !== 'endbr64' && kind !== 'push' && kind !== 'nop' && kind !== 'stack') return undefined;
  }
  return undefined;
}

/** Addresses that a function calls directly, by decoding it from its start to its end. */
function callTargets(elf: ElfFile, { address, size }: FunctionSymbol): Set<number> {
  const code = elf.code(address, Math.min(size, 4096));
  const targets = new Set<number>();
  for (let at = 0; at < code.length; ) {
    const instruction = decodeInstruction(code, at);
    if (!instruction) break;
    at += instruction.length;
    if (instruction.kind === 'call') targets.add(address + at + instruction.displacement!);
  }
  return targets;
}

const hex = (value: number) => `0x${value.toString(16)}`;
