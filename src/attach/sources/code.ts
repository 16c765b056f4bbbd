/** Reading machine code without symbols: what a function calls, and what stands around a reference. x86-64. */
import type { ElfFile } from '../../machine/elf.js';
import { decodeInstruction, type Instruction } from './x86.js';

export interface PlacedInstruction extends Instruction {
  readonly address: number;
}

/** Instructions one after another from a known boundary, up to `end` or the first one that is not known. */
export function decodeFrom(elf: ElfFile, address: number, end: number): PlacedInstruction[] {
  const code = elf.code(address, Math.max(0, end - address) + 16);
  const decoded: PlacedInstruction[] = [];
  for (let at = 0; at < code.length && address + at < end; ) {
    const instruction = decodeInstruction(code, at);
    if (instruction === undefined) break;
    decoded.push({ ...instruction, address: address + at });
    at += instruction.length;
  }
  return decoded;
}

export const contains = (instruction: PlacedInstruction, address: number): boolean =>
  instruction.address < address && address < instruction.address + instruction.length;

/** Where direct calls and jumps go to. */
export function targetsOf(instructions: readonly PlacedInstruction[]): Set<number> {
  const targets = new Set<number>();
  for (const { kind, address, length, displacement } of instructions) {
    if (kind === 'call' || kind === 'jump') targets.add(address + length + displacement!);
  }
  return targets;
}
