/** Looks for planted secrets in outputs: as they are, in base64, in hex, and inside what is compressed. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { inflateRawSync } from 'node:zlib';
import type { Secret } from './planted-secrets.js';

/** Name of an output -> its bytes. */
export type Outputs = Readonly<Record<string, Buffer | string>>;

/** Characters of a secret that are enough to call it shown: its beginning, or its end. */
const PIECE = 12;
/** Characters of a sign by which it is found; none is shorter. */
const BEGIN = 12;

/** `what, in which output`, for everything that shows. Sorted, each once. */
export function shown(secrets: readonly Secret[], outputs: Outputs): string[] {
  const index = indexOf(secrets);
  const found = new Set<string>();
  for (const [output, given] of Object.entries(outputs)) {
    for (const text of readings(Buffer.from(given))) {
      for (const { name } of hits(text, index)) found.add(`${name}, in ${output}`);
    }
  }
  return [...found].sort();
}

/** Whether a harmless word is there, by the same search. */
export function isShown(word: string, given: Buffer | string): boolean {
  return shown([{ name: '', core: word }], { '': given }).length > 0;
}

/** How a sign begins -> the signs that begin so. All are looked for in one pass: there are tens of thousands. */
type Index = ReadonlyMap<string, readonly (Secret & { readonly sign: string })[]>;

function indexOf(secrets: readonly Secret[]): Index {
  const index = new Map<string, (Secret & { sign: string })[]>();
  for (const secret of secrets) {
    for (const sign of signsOf(secret.core)) {
      const begin = sign.slice(0, BEGIN);
      const known = index.get(begin);
      if (known === undefined) index.set(begin, [{ ...secret, sign }]);
      else known.push({ ...secret, sign });
    }
  }
  return index;
}

function* hits(text: string, index: Index): Generator<Secret> {
  for (let at = 0; at + BEGIN <= text.length; at++) {
    for (const secret of index.get(text.slice(at, at + BEGIN)) ?? []) {
      if (text.startsWith(secret.sign, at)) yield secret;
    }
  }
}

/** The text itself, and that of everything in it that gzip has packed. */
function readings(bytes: Buffer): string[] {
  const texts = [bytes.toString('latin1')];
  for (let at = bytes.indexOf(GZIP); at >= 0; at = bytes.indexOf(GZIP, at + 1)) {
    try {
      // What follows is not looked at, as `gunzipSync` would.
      texts.push(inflateRawSync(bytes.subarray(at + GZIP_HEAD)).toString('latin1'));
    } catch {
      // Bytes that only look like the beginning of one.
    }
  }
  return texts;
}

/** The beginning of a member without a name or a comment, and the length of its head. */
const GZIP = Buffer.from([0x1f, 0x8b, 0x08, 0x00]);
const GZIP_HEAD = 10;

/** What shows a secret: a piece of it, as it is (letters and digits are the same in a URL), in hex, in base64. */
function signsOf(core: string): string[] {
  const pieces = [core.slice(0, PIECE), core.slice(-PIECE)];
  return pieces.flatMap(piece => [piece, Buffer.from(piece).toString('hex'), ...inBase64(piece)]);
}

/** It begins at any of three places in a group of base64; the characters that its neighbours have a part in are left out. */
function inBase64(piece: string): string[] {
  return [0, 1, 2].map(before => {
    const coded = Buffer.from('\0'.repeat(before) + piece).toString('base64');
    return coded.slice(before === 0 ? 0 : before + 1, Math.floor(((before + piece.length) * 8) / 6));
  });
}

/** All files below a folder, by their paths in it. */
export function filesBelow(folder: string): Record<string, Buffer> {
  const found: Record<string, Buffer> = {};
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name);
    if (entry.isFile()) found[path.relative(folder, file)] = readFileSync(file);
  }
  return found;
}
