/**
 * Lines for programs on a descriptor: gathered while records are handled, written together. A reader that is slower than
 * we are (a full pipe) gets them later; only when too many wait, reading the ring waits too, where loss is counted.
 */
export interface LineWriter {
  line(text: string): void;
  /** Writes all that is left, and waits for the reader. */
  flush(): void;
}

/** Writes what fits and returns how many bytes that was; 0 when the descriptor is full for now. Throws when nothing can be written any more. */
export type WriteSome = (bytes: Uint8Array) => number;

const WRITE_AT = 64 * 1024;
const MOST_WAITING = 32 * 1024 * 1024;
const RETRY_MS = 5;

export function createLineWriter(write: WriteSome, onBroken: (error: Error) => void): LineWriter {
  let text = '';
  let waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  let broken = false;
  let soon: NodeJS.Immediate | undefined;
  let later: NodeJS.Timeout | undefined;

  const gather = () => {
    if (text === '') return;
    const bytes = Buffer.from(text);
    text = '';
    waiting.push(bytes);
    waitingBytes += bytes.length;
  };
  /** True when nothing is left. */
  const writeSome = (): boolean => {
    gather();
    while (waiting.length > 0 && !broken) {
      const [first] = waiting;
      try {
        const done = write(first!);
        if (done === 0) return false;
        waitingBytes -= done;
        if (done === first!.length) waiting.shift();
        else waiting[0] = first!.subarray(done);
      } catch (error) {
        broken = true;
        onBroken(error as Error);
      }
    }
    if (broken) waiting = [];
    return true;
  };
  const writeOrRetry = () => {
    soon = undefined;
    if (!writeSome()) later ??= setTimeout(retry, RETRY_MS);
  };
  const retry = () => {
    later = undefined;
    writeOrRetry();
  };
  const flush = () => {
    const sleeper = new Int32Array(new SharedArrayBuffer(4));
    while (!writeSome()) Atomics.wait(sleeper, 0, 0, RETRY_MS);
  };
  return {
    line: line => {
      if (broken) return;
      text += `${line}\n`;
      if (text.length >= WRITE_AT) gather();
      if (waitingBytes > MOST_WAITING) flush();
      else if (!later) soon ??= setImmediate(writeOrRetry);
    },
    flush: () => {
      clearTimeout(later);
      if (soon) clearImmediate(soon);
      later = soon = undefined;
      flush();
    },
  };
}
