/**
 * Synchronous, incremental decompression with node:zlib.
 *
 * The public API has one-shot functions, which need the whole body, and streams, which answer on the thread pool: neither
 * fits a decoder that is fed inside an observed program's `read`. So the stream object is made and its engine is stepped
 * directly (`_handle.writeSync`, `_writeState`), the parts of node:zlib that Node keeps because packages such as minizlib
 * and pngjs are built on them. Tried on Node 18, 20, 22, 24 and 26; `steppable` proves it before use.
 */
import zlib from 'node:zlib';
import { MAX_WINDOW_LOG } from './zstd-window.js';

/** Decompresses what it can. The result tells whether the data was damaged; output so far has been given to `emit`. */
export interface DecodeStage {
  /** `emit` gets memory of its own and returns false to stop. @returns false where the data is damaged */
  step(input: Buffer, emit: (output: Buffer) => boolean): boolean;
  close(): void;
}

interface Engine {
  _handle?: {
    onerror: (message: string, errno: number, code: string) => void;
    writeSync(
      flush: number,
      input: Buffer,
      at: number,
      left: number,
      output: Buffer,
      outputAt: number,
      space: number,
    ): void;
  };
  /** [output space left, input bytes left] after a step. */
  _writeState?: Uint32Array;
  close(): void;
}

const OUTPUT_STEP = 65_536;

/**
 * One for all: steps are synchronous, and what they write is copied out at once. It holds zeros between steps, because
 * after damage the engine does not say how much it had written: everything up to the last byte that is not zero, then.
 * Clearing costs one memset of what was written.
 */
let scratch: Buffer | undefined;

/** Copies the first `length` bytes out and restores the zeros. */
function takeOutput(output: Buffer, length: number): Buffer {
  const copy = Buffer.from(output.subarray(0, length));
  output.fill(0, 0, length);
  return copy;
}

function lastWritten(output: Buffer): number {
  let length = OUTPUT_STEP;
  while (length > 0 && output[length - 1] === 0) length--;
  return length;
}

function steppable(engine: Engine): engine is Required<Engine> {
  // By shape, not by class: a test runner or a plugin host may run this file in another realm than node:zlib.
  return typeof engine._handle?.writeSync === 'function' && engine._writeState?.length === 2;
}

function createStage(stream: unknown, flush: number): DecodeStage | undefined {
  const engine = stream as Engine;
  if (!steppable(engine)) {
    engine.close();
    return undefined;
  }
  const handle = engine._handle;
  const state = engine._writeState;
  let damaged = false;
  let closed = false;
  handle.onerror = () => {
    damaged = true;
  };

  return {
    step(input, emit) {
      scratch ??= Buffer.alloc(OUTPUT_STEP);
      const output = scratch;
      for (let at = 0; !damaged && !closed; ) {
        handle.writeSync(flush, input, at, input.length - at, output, 0, OUTPUT_STEP);
        const written = damaged ? lastWritten(output) : OUTPUT_STEP - state[0]!;
        if (written > 0 && !emit(takeOutput(output, written))) break;
        at = input.length - state[1]!;
        // A full output means that there may be more. Input that is left without it is rubbish after the end.
        if (written < OUTPUT_STEP) break;
      }
      return !damaged;
    },
    close() {
      if (!closed) engine.close();
      closed = true;
    },
  };
}

const { Z_SYNC_FLUSH, BROTLI_OPERATION_FLUSH } = zlib.constants;
/** `ZSTD_e_continue` and `ZSTD_d_windowLogMax`: absent from the types and from Node before 22.15. */
const ZSTD_CONTINUE = 0;
const ZSTD_WINDOW_LOG_MAX = 100;

/** Undefined where this Node has no such decoder, or its engine cannot be stepped. */
export const createNativeStage = {
  gzip: () => createStage(zlib.createGunzip(), Z_SYNC_FLUSH),
  zlib: () => createStage(zlib.createInflate(), Z_SYNC_FLUSH),
  raw: () => createStage(zlib.createInflateRaw(), Z_SYNC_FLUSH),
  brotli: () => createStage(zlib.createBrotliDecompress(), BROTLI_OPERATION_FLUSH),
  zstd: () => {
    const create = (zlib as { createZstdDecompress?: (options: object) => unknown }).createZstdDecompress;
    return create && createStage(create({ params: { [ZSTD_WINDOW_LOG_MAX]: MAX_WINDOW_LOG } }), ZSTD_CONTINUE);
  },
} as const;
