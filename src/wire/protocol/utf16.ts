/** Texts in UTF-16, as clients on Windows may send JSON: known by their mark, or by the zero beside the first bracket. */
import type { DecodeStage } from './inflate.js';

type Order = 'little' | 'big';

const BRACKETS: ReadonlySet<number> = new Set(Buffer.from('{['));

/** @returns undefined for everything else; two bytes tell */
export function utf16Order(head: Uint8Array): Order | undefined {
  const [first, second] = head;
  if (first === undefined || second === undefined) return undefined;
  if (first === 0xff && second === 0xfe) return 'little';
  if (first === 0xfe && second === 0xff) return 'big';
  if (second === 0 && BRACKETS.has(first)) return 'little';
  return first === 0 && BRACKETS.has(second) ? 'big' : undefined;
}

/** To UTF-8, without the mark. A text that ends inside a character is damaged only there. */
export function createUtf16Stage(order: Order): DecodeStage {
  const decoder = new TextDecoder('utf-16le');
  let odd: Buffer = Buffer.alloc(0);
  return {
    step(input, emit) {
      const all = odd.length > 0 ? Buffer.concat([odd, input]) : Buffer.from(input);
      const even = all.length - (all.length % 2);
      odd = all.subarray(even);
      const units = all.subarray(0, even);
      if (order === 'big') units.swap16();
      const text = decoder.decode(units, { stream: true });
      if (text !== '') emit(Buffer.from(text));
      return true;
    },
    close() {},
  };
}
