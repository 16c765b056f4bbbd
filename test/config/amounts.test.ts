import { expect, test } from '@jest/globals';
import { dollarsOf, durationOf, sizeOf } from '../../src/config/amounts.js';

test.each([
  ['1', 1],
  ['64k', 65_536],
  ['512MB', 512 * 2 ** 20],
  ['2 GiB', 2 ** 31],
  ['1tb', 2 ** 40],
  ['0', undefined],
  ['1.5MB', undefined],
  ['-1', undefined],
  ['MB', undefined],
  ['99999999t', undefined],
])('size %s', (text, bytes) => expect(sizeOf(text)).toBe(bytes));

test.each([
  ['500ms', 500],
  ['2s', 2000],
  ['.5s', 500],
  ['1.5h', 5_400_000],
  ['30d', 30 * 86_400_000],
  ['8w', 56 * 86_400_000],
  ['30', undefined],
  ['0s', undefined],
  ['2 months', undefined],
])('time %s', (text, milliseconds) => expect(durationOf(text)).toBe(milliseconds));

test.each([
  ['0.10', 0.1],
  ['$0.10', 0.1],
  ['.5', 0.5],
  ['2 USD', 2],
  ['0', 0],
  ['bash.10', undefined],
  ['1e3', undefined],
  ['-1', undefined],
  ['', undefined],
])('dollars %s', (text, dollars) => expect(dollarsOf(text)).toBe(dollars));
