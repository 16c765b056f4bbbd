/**
 * Content encodings (RFC 9110 §8.4), streaming: every byte that can be decoded is given out at once, so that an event in a
 * compressed stream is seen when it arrives.
 */
import { asBuffer, PendingBytes } from './bytes.js';
import { CODECS, mayBePlain, openUnnamed, type Verdict } from './codecs.js';
import type { DecodeStage } from './inflate.js';

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

/** Nothing is said of an encoding. Some proxies forget to, and the bytes tell all but what looks like a text by chance. */
function createUnnamed(outputLimit: number): ContentDecoder {
  let inner: ContentDecoder | undefined;
  return {
    feed(bytes) {
      if (inner !== undefined) return inner.feed(bytes);
      if (bytes.length === 0) return [];
      inner = mayBePlain(bytes) ? IDENTITY : createSingle(openUnnamed, outputLimit);
      return inner.feed(bytes);
    },
    end: () => inner?.end() ?? [],
    get damaged() {
      return inner?.damaged ?? false;
    },
    get truncated() {
      return inner?.truncated ?? false;
    },
    close: () => inner?.close(),
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
  if (names.length === 0) return createUnnamed(outputLimit);
  if (names.length > MAX_STACK || names.some(name => !Object.hasOwn(CODECS, name))) return UNKNOWN;
  const stages = names.reverse().map(name => createSingle(CODECS[name]!, outputLimit));
  return stages.length === 1 ? stages[0]! : chain(stages);
}
