/**
 * Which codec a body is in. Its first bytes decide, and the name in its head only where they leave it open: proxies and test
 * cassettes decode a body and keep the header, or the other way round, and some name another codec.
 */
import { createNativeStage, type DecodeStage } from './inflate.js';
import { createUtf16Stage, utf16Order } from './utf16.js';
import { createZstdStage } from './zstd.js';

/** What a body's first bytes say; `more` where they do not suffice yet. */
export type Verdict = DecodeStage | 'plain' | 'more' | 'unavailable';

/** Compressed data may begin as text does by chance (one of 650 brotli bodies); so many bytes of it do not stay text. */
const ENOUGH_TEXT = 48;
/** Compressed bytes that are tried at most until they give a first word. */
const ENOUGH_TRIED = 4096;

/**
 * JSON and event streams begin like this: bodies that a proxy or a test cassette has decoded without removing the header
 * are read as they are. @returns undefined where more bytes must tell
 */
function startsAsText(head: Buffer, final: boolean): boolean | undefined {
  if (!/^(\{["\s}]|\[[\s[{"\]]|data|even|id: |retr|: )/.test(head.toString('latin1', 0, 4))) return false;
  const begin = head.subarray(0, ENOUGH_TEXT);
  if (/[\0-\x08\x0e-\x1f\x7f]/.test(begin.toString('latin1')) || !isUtf8(wholeCharacters(begin))) return false;
  return final || begin.length === ENOUGH_TEXT ? true : undefined;
}

/** `buffer.isUtf8` is younger than the oldest Node whose programs are observed. */
function isUtf8(bytes: Buffer): boolean {
  return Buffer.from(bytes.toString('utf8')).equals(bytes);
}

/** Without a last character of which bytes are missing. */
function wholeCharacters(bytes: Buffer): Buffer {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back]!;
    if (byte >= 0xc0) return bytes.subarray(0, bytes.length - back);
    if (byte < 0x80) break;
  }
  return bytes;
}

const opened = (stage: DecodeStage | undefined): Verdict => stage ?? 'unavailable';

const isGzip = (head: Buffer) => head.length >= 2 && head[0] === 0x1f && head[1] === 0x8b;

/** The frame magic 28 b5 2f fd, or a skippable frame 5x 2a 4d 18 (RFC 8878 §3.1). */
function isZstd(head: Buffer): boolean {
  if (head.length < 4) return false;
  const magic = head.readUInt32LE(0);
  return magic === 0xfd2fb528 || (magic & 0xfffffff0) >>> 0 === 0x184d2a50;
}

/** Any header of RFC 1950. */
const isZlib = (head: Buffer) => head.length >= 2 && (head[0]! & 0x0f) === 8 && head.readUInt16BE(0) % 31 === 0;
/** What encoders write, and no text begins with; the fourth of them is `x^`. */
const isUsualZlib = (head: Buffer) => head.length >= 2 && head[0] === 0x78 && [0x01, 0x9c, 0xda].includes(head[1]!);

/** By a number that no body of another kind begins with. */
function openByMagic(head: Buffer): Verdict | undefined {
  if (isGzip(head)) return opened(createNativeStage.gzip());
  if (isZstd(head)) return createZstdStage();
  const order = utf16Order(head);
  if (order !== undefined) return createUtf16Stage(order);
  return isUsualZlib(head) ? opened(createNativeStage.zlib()) : undefined;
}

/** What a codec makes of the first bytes, if that is a text; `more` while it is silent, undefined where it is none. */
function opensAsText(create: () => DecodeStage | undefined, head: Buffer, final: boolean): Verdict | undefined {
  const trial = create();
  if (trial === undefined || head[0] === 0) return undefined;
  let word: Buffer = Buffer.alloc(0);
  const sound = trial.step(head, part => {
    word = part.subarray(0, ENOUGH_TEXT);
    return false;
  });
  trial.close();
  if (word.length < 4 && sound && !final && head.length < ENOUGH_TRIED) return 'more';
  return startsAsText(word, true) ? opened(create()) : undefined;
}

/** Brotli has no mark of its own: it is what decodes to a text. */
const openIfBrotli = (head: Buffer, final: boolean): Verdict =>
  opensAsText(createNativeStage.brotli, head, final) ?? 'plain';

function textOr(head: Buffer, final: boolean, other: () => Verdict): Verdict {
  const isText = startsAsText(head, final);
  if (isText === undefined) return 'more';
  return isText ? 'plain' : other();
}

/** Named gzip or zstd, which have marks of their own, or not named at all. */
export function openUnnamed(head: Buffer, final: boolean): Verdict {
  if (head.length < 4 && !final) return 'more';
  return openByMagic(head) ?? textOr(head, final, () => openIfBrotli(head, final));
}

/** `deflate` means zlib by the standard and raw deflate by some servers (RFC 9110 §8.4.1.2, note). */
function openDeflate(head: Buffer, final: boolean): Verdict {
  if (head.length < 4 && !final) return 'more';
  if (isZlib(head)) return opened(createNativeStage.zlib());
  return openByMagic(head) ?? textOr(head, final, () => openRaw(head, final));
}

/** Raw deflate, unless its bytes are a text in brotli alone. */
const openRaw = (head: Buffer, final: boolean): Verdict =>
  opensAsText(createNativeStage.raw, head, final) ??
  opensAsText(createNativeStage.brotli, head, final) ??
  opened(createNativeStage.raw());

function openBrotli(head: Buffer, final: boolean): Verdict {
  if (head.length < 4 && !final) return 'more';
  return openByMagic(head) ?? textOr(head, final, () => opened(createNativeStage.brotli()));
}

export const CODECS: Readonly<Record<string, (head: Buffer, final: boolean) => Verdict>> = {
  gzip: openUnnamed,
  'x-gzip': openUnnamed,
  deflate: openDeflate,
  br: openBrotli,
  zstd: openUnnamed,
};

/** How JSON, events, pages and the frames of AWS begin. */
const PLAIN_BEGINNINGS: ReadonlySet<number> = new Set(Buffer.from('{"deir:< \t\r\n\0'));
const BRACKET = 0x5b;
const QUOTE = 0x22;
/** So many bytes of compressed data are hardly ever free of what no JSON outside of its strings has. */
const LOOKED_AT = 16;
const AFTER_BRACKET: ReadonlySet<number> = new Set(Buffer.from('{["]-0123456789tfn \t\r\n'));

/** Whether a body of which no encoding is named goes on as it is, at once. Behind a bracket it may be brotli. */
export function mayBePlain(bytes: Uint8Array): boolean {
  if (bytes[0] === BRACKET) return bytes.length > 1 && AFTER_BRACKET.has(bytes[1]!) && isUnbroken(bytes);
  return PLAIN_BEGINNINGS.has(bytes[0]!) && utf16Order(bytes) === undefined;
}

/** ASCII without control characters, as arrays begin; a text in one of its strings may be in any language. */
function isUnbroken(bytes: Uint8Array): boolean {
  for (const byte of bytes.subarray(1, LOOKED_AT)) {
    if (byte === QUOTE) return true;
    if (byte > 0x7e || (byte < 0x20 && (byte < 0x09 || byte > 0x0d))) return false;
  }
  return true;
}
