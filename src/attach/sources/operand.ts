/** Where in memory one x86-64 instruction reads or writes: a register and a distance, which is all that a struct's field needs. */

export interface MemoryOperand {
  /** As x86-64 numbers them: 0 rax … 6 rsi, 7 rdi, 8 r8 … */
  readonly base: number;
  readonly displacement: number;
}

const PREFIXES = new Set([0x66, 0xf2, 0xf3, 0x2e, 0x36, 0x3e, 0x26, 0x64, 0x65]);

/** One-byte opcodes with a ModRM byte (Intel SDM, volume 2, appendix A); all of the two-byte map that move data have one. */
const hasModrm = (opcode: number): boolean =>
  opcode < 0x40
    ? (opcode & 7) < 4
    : [0x63, 0x69, 0x6b, 0xc0, 0xc1, 0xc6, 0xc7, 0xf6, 0xf7, 0xfe, 0xff].includes(opcode) ||
      (opcode >= 0x80 && opcode <= 0x8f) ||
      (opcode >= 0xd0 && opcode <= 0xd3);

/** Of one whole instruction. Undefined where it has none, one with an index register, or one that is relative to the instruction. */
export function memoryOperand(instruction: Uint8Array): MemoryOperand | undefined {
  let at = 0;
  while (PREFIXES.has(instruction[at] ?? 0)) at++;
  const rex = ((instruction[at] ?? 0) & 0xf0) === 0x40 ? instruction[at++]! : 0;
  const opcode = instruction[at++];
  if (opcode === undefined || (opcode === 0x0f ? instruction[at++] === undefined : !hasModrm(opcode))) return undefined;
  const modrm = instruction[at++];
  if (modrm === undefined) return undefined;
  const mode = modrm >> 6;
  let base = modrm & 7;
  if (mode === 3 || (mode === 0 && base === 5)) return undefined;
  if (base === 4) {
    const sib = instruction[at++];
    // Index 4 is none.
    if (sib === undefined || ((sib >> 3) & 7) !== 4 || rex & 2 || (mode === 0 && (sib & 7) === 5)) return undefined;
    base = sib & 7;
  }
  const bytes = Buffer.from(instruction.buffer, instruction.byteOffset, instruction.byteLength);
  if (mode === 1 && at + 1 > bytes.length) return undefined;
  if (mode === 2 && at + 4 > bytes.length) return undefined;
  const displacement = mode === 0 ? 0 : mode === 1 ? bytes.readInt8(at) : bytes.readInt32LE(at);
  return { base: base | (rex & 1 ? 8 : 0), displacement };
}
