/**
 * The Huffman code of HPACK (RFC 7541 Appendix B). The code is canonical (symbols in order of length, then of value), so
 * the lengths alone give it.
 */

/** Bits of the code of each byte, 0 to 255, and of the end-of-string symbol. */
const LENGTHS = `
13 23 28 28 28 28 28 28 28 24 30 28 28 30 28 28 28 28 28 28 28 28 30 28 28 28 28 28 28 28 28 28
6 10 10 12 13 6 8 11 10 10 8 11 8 6 6 6 5 5 5 6 6 6 6 6 6 6 7 8 15 6 12 10
13 6 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 8 7 8 13 19 13 14 6
15 5 6 5 6 5 6 6 6 5 7 7 6 6 6 5 6 7 6 5 5 6 7 7 7 7 7 15 11 14 13 28
20 22 20 20 22 22 22 23 22 23 23 23 23 23 24 23 24 24 22 23 24 23 23 23 23 21 22 23 22 23 23 24
22 21 20 22 22 23 23 21 23 22 22 24 21 22 23 23 21 21 22 21 23 22 23 23 20 22 22 22 23 22 22 23
26 26 20 19 22 23 22 25 26 26 26 27 27 26 24 25 19 21 26 27 27 26 27 24 21 21 26 26 28 27 27 27
20 24 20 21 22 21 21 23 22 22 25 25 24 24 26 23 26 27 26 26 27 27 27 27 27 28 27 27 27 27 27 26
30
`
  .trim()
  .split(/\s+/)
  .map(Number);

const END = 256;
/** Leaves are stored as this plus the symbol. */
const LEAF = 0x10000;

/** Two slots a node (bit 0, bit 1): the number of the next node, or a leaf. Built once, on first use: 257 leaves, 256 nodes. */
let tree: Int32Array | undefined;

function buildTree(): Int32Array {
  const nodes = new Int32Array(2 * 257);
  let used = 1;
  const symbols = LENGTHS.map((_, symbol) => symbol).sort((a, b) => LENGTHS[a]! - LENGTHS[b]! || a - b);
  let code = 0;
  let length = LENGTHS[symbols[0]!]!;
  for (const symbol of symbols) {
    code *= 2 ** (LENGTHS[symbol]! - length);
    length = LENGTHS[symbol]!;
    let node = 0;
    for (let bit = length - 1; bit >= 0; bit--) {
      const slot = 2 * node + ((code >>> bit) & 1);
      if (bit === 0) nodes[slot] = LEAF + symbol;
      else {
        if (nodes[slot] === 0) nodes[slot] = used++;
        node = nodes[slot]!;
      }
    }
    code++;
  }
  return nodes;
}

/** The text in latin1; undefined where the padding or a symbol is not allowed (RFC 7541 §5.2). */
export function decodeHuffman(bytes: Buffer, start: number, end: number): string | undefined {
  tree ??= buildTree();
  // The shortest code has five bits.
  const output = Buffer.allocUnsafe(Math.ceil(((end - start) * 8) / 5));
  let length = 0;
  let node = 0;
  // Bits since the last symbol, and whether all of them were 1: what is left at the end must be padding.
  let depth = 0;
  let ones = true;
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    for (let shift = 7; shift >= 0; shift--) {
      const bit = (byte >>> shift) & 1;
      node = tree[2 * node + bit]!;
      depth++;
      if (bit === 0) ones = false;
      if (node >= LEAF) {
        const symbol = node - LEAF;
        if (symbol === END) return undefined;
        output[length++] = symbol;
        node = 0;
        depth = 0;
        ones = true;
      }
    }
  }
  return depth < 8 && ones ? output.toString('latin1', 0, length) : undefined;
}
