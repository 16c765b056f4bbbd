/** zstd for Node versions whose node:zlib has none (before 22.15), in JavaScript. */
import { Decompress } from 'fzstd';
import { copyBytes } from './bytes.js';
import { createNativeStage, type DecodeStage } from './inflate.js';
import { ZstdWindowGuard } from './zstd-window.js';

/** Four bytes can stand for a block of 128 KiB: what one step decodes beyond the bound is thrown away at once. */
const INPUT_STEP = 1_024;

function createPureStage(): DecodeStage {
  let receive: (part: Buffer) => void = () => {};
  const decoder = new Decompress(data => {
    if (data.length > 0) receive(Buffer.from(data));
  });
  const guard = new ZstdWindowGuard();
  let damaged = false;
  return {
    step(input, emit) {
      let going = true;
      receive = part => {
        if (going) going = emit(part);
      };
      for (let at = 0; at < input.length && going && !damaged; at += INPUT_STEP) {
        // A copy: the decoder keeps what it could not use yet.
        const part = copyBytes(input, at, Math.min(at + INPUT_STEP, input.length));
        const allowed = guard.allowed(part);
        if (allowed < part.length) damaged = true;
        try {
          decoder.push(part.subarray(0, allowed));
        } catch {
          damaged = true;
        }
      }
      return !damaged;
    },
    close() {},
  };
}

export function createZstdStage(): DecodeStage {
  return createNativeStage.zstd() ?? createPureStage();
}
