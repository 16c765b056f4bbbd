/** Memory operands, as an assembler writes them. */
import { expect, test } from '@jest/globals';
import { memoryOperand } from '../../../src/attach/sources/operand.js';

const RSI = 6;
const RDI = 7;
const R12 = 12;
const R14 = 14;
const RBX = 3;

test.each<[string, string, number, number]>([
  ['mov 0x10(%rsi),%rax', '488b4610', RSI, 0x10],
  ['movb $0x20,0x32e(%rdi)', 'c6872e03000020', RDI, 0x32e],
  ['cmpb $1,0x336(%r14)', '4180be3603000001', R14, 0x336],
  ['cmpb $1,0x336(%r12)', '4180bc243603000001', R12, 0x336],
  ['cmp $0,(%rbx)', '48833b00', RBX, 0],
  ['movups 0x18(%rbx),%xmm1', '0f104b18', RBX, 0x18],
  ['movdqu -8(%rsi),%xmm0', 'f30f6f46f8', RSI, -8],
])('%s', (_text, code, base, displacement) => {
  expect(memoryOperand(Buffer.from(code, 'hex'))).toEqual({ base, displacement });
});

test.each([
  ['registers only', '4889f3'],
  ['an index', '488b04c6'],
  ['an address near by', '488d0500000000'],
  ['no operand', '55'],
  ['a call', 'e800000000'],
  ['what is cut', '488b86'],
  ['nothing', ''],
])('none in %s', (_name, code) => {
  expect(memoryOperand(Buffer.from(code, 'hex'))).toBeUndefined();
});
