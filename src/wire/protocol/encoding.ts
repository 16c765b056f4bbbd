/**
 * Content encodings (RFC 9110 §8.4), streaming: every byte that can be decoded is given out at once, so that an event in a
 * compressed stream is seen when it arrives.
 */
import { asBuffer, PendingBytes } from './bytes.js';
import { createNativeStage, type DecodeStage } from './inflate.js';
import { createZstdStage } from './zstd.js';

export interface ContentDecoder {
  /** Decoded bytes; identity gives the input itself, everything else memory of its own. Never throws. */
  feed(bytes: Uint8Array): Uint8Array[];
  /** The body is over. */
  end(): Uint8Array[];
  /** The encoding is unknown (then bytes pass as they are), or its data is damaged (what came before was given out). */
  readonly damaged: boolean;
  /** The output bound was reached; the rest was left out. */
  readonly truncated: boolean;
  /** Frees native memory. `end` does it as well. */
  close(): void;
}

/** Decoded bytes of one body. A bomb of 1:1000 stops here; the longest recorded model answers are below 1 MiB. */
export const DEFAULT_OUTPUT_LIMIT = 64 * 1024 * 1024;

/** More than this many encodings on one body is nobody's intention. */
const MAX_STACK = 4;

/** What a codec's first bytes say; `more` where they do not suffice yet. */
type Verdict = DecodeStage | 'plain' | 'more' | 'unavailable';

/** Compressed data may begin as text does by chance (one of 650 brotli bodies); so many bytes of it do not stay text. */
const ENOUGH_TEXT = 48;

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

function openGzip(head: Buffer, final: boolean): Verdict {
  if (head.length < 2 && !final) return 'more';
  return head[0] === 0x1f && head[1] === 0x8b ? (createNativeStage.gzip() ?? 'unavailable') : 'plain';
}

/** `deflate` means zlib by the standard and raw deflate by some servers (RFC 9110 §8.4.1.2, note). */
function openDeflate(head: Buffer, final: boolean): Verdict {
  if (head.length < 4 && !final) return 'more';
  if (head.length >= 2 && (head[0]! & 0x0f) === 8 && head.readUInt16BE(0) % 31 === 0) {
    return createNativeStage.zlib() ?? 'unavailable';
  }
  return plainOr(startsAsText(head, final), createNativeStage.raw);
}

function openBrotli(head: Buffer, final: boolean): Verdict {
  if (head.length < 4 && !final) return 'more';
  return plainOr(startsAsText(head, final), createNativeStage.brotli);
}

function plainOr(isText: boolean | undefined, create: () => DecodeStage | undefined): Verdict {
  if (isText === undefined) return 'more';
  return isText ? 'plain' : (create() ?? 'unavailable');
}

/** The frame magic 28 b5 2f fd, or a skippable frame 5x 2a 4d 18 (RFC 8878 §3.1). */
function openZstd(head: Buffer, final: boolean): Verdict {
  if (head.length < 4) return final ? 'plain' : 'more';
  const magic = head.readUInt32LE(0);
  return magic === 0xfd2fb528 || (magic & 0xfffffff0) >>> 0 === 0x184d2a50 ? createZstdStage() : 'plain';
}

const CODECS: Readonly<Record<string, (head: Buffer, final: boolean) => Verdict>> = {
  gzip: openGzip,
  'x-gzip': openGzip,
  deflate: openDeflate,
  br: openBrotli,
  zstd: openZstd,
};

const IDENTITY: ContentDecoder = {
  feed: bytes => [bytes],
  end: () => [],
  damaged: false,
  truncated: false,
  close() {},
};

/** An encoding that we do not know: the bytes are kept as they are, and marked. */
const UNKNOWN: ContentDecoder = { ...IDENTITY, damaged: true };

function createSingle(open: (head: Buffer, final: boolean) => Verdict, outputLimit: number): ContentDecoder {
  // The first bytes, until they tell what the body is; two to four suffice.
  const head = new PendingBytes(outputLimit);
  let stage: DecodeStage | 'plain' | undefined;
  let total = 0;
  let damaged = false;
  let truncated = false;

  function run(input: Buffer): Uint8Array[] {
    if (stage === 'plain') return [input];
    const parts: Uint8Array[] = [];
    const whole = stage!.step(input, part => {
      const room = outputLimit - total;
      if (part.length > room) truncated = true;
      if (room > 0) parts.push(part.length > room ? part.subarray(0, room) : part);
      total = Math.min(outputLimit, total + part.length);
      return !truncated;
    });
    if (!whole) damaged = true;
    if (damaged || truncated) close();
    return parts;
  }

  function close(): void {
    if (stage && stage !== 'plain') stage.close();
  }

  /** Opens the codec on all bytes so far; `final` where no more will come. */
  function start(final: boolean): Uint8Array[] {
    const verdict = open(head.view(), final);
    if (verdict === 'more') return [];
    if (verdict === 'unavailable') damaged = true;
    stage = verdict === 'unavailable' ? 'plain' : verdict;
    return run(head.take());
  }

  return {
    feed(bytes) {
      if (damaged || truncated || bytes.length === 0) return stage === 'plain' && bytes.length > 0 ? [bytes] : [];
      if (stage) return run(asBuffer(bytes));
      // All of a first chunk goes in at once: it is decoded or passed on before this call returns.
      if (!head.push(bytes)) {
        truncated = true;
        return [];
      }
      return start(false);
    },
    end() {
      const rest = !stage && head.length > 0 ? start(true) : [];
      close();
      return rest;
    },
    get damaged() {
      return damaged;
    },
    get truncated() {
      return truncated;
    },
    close,
  };
}

/** Decoders one behind the other: the last encoding that was applied is undone first. */
function chain(stages: readonly ContentDecoder[]): ContentDecoder {
  const through = (parts: Uint8Array[], from: number) =>
    stages.slice(from).reduce((input, stage) => input.flatMap(part => stage.feed(part)), parts);
  return {
    feed: bytes => through([bytes], 0),
    end: () => stages.flatMap((stage, index) => through(stage.end(), index + 1)),
    get damaged() {
      return stages.some(stage => stage.damaged);
    },
    get truncated() {
      return stages.some(stage => stage.truncated);
    },
    close: () => {
      for (const stage of stages) stage.close();
    },
  };
}

/**
 * @param contentEncoding the header's value, e.g. `gzip` or `br, gzip`; absent or empty means identity
 * @param outputLimit decoded bytes at most
 */
export function createContentDecoder(contentEncoding?: string, outputLimit = DEFAULT_OUTPUT_LIMIT): ContentDecoder {
  const names = (contentEncoding ?? '')
    .toLowerCase()
    .split(',')
    .map(name => name.trim())
    .filter(name => name !== '' && name !== 'identity');
  if (names.length === 0) return IDENTITY;
  if (names.length > MAX_STACK || names.some(name => !Object.hasOwn(CODECS, name))) return UNKNOWN;
  const stages = names.reverse().map(name => createSingle(CODECS[name]!, outputLimit));
  return stages.length === 1 ? stages[0]! : chain(stages);
}
