/** Compression of WebSocket messages (RFC 7692). */
import type { PartialReason } from '../../exchange.js';
import { createNativeStage, type DecodeStage } from '../inflate.js';

/** Whether each side keeps its compression window from message to message. */
export interface DeflateParameters {
  readonly clientTakeover: boolean;
  readonly serverTakeover: boolean;
}

/** @param extensions what the server accepted. Undefined: no compression */
export function parseDeflateParameters(extensions: string | undefined): DeflateParameters | undefined {
  const accepted = extensions?.split(',').find(extension => /^\s*permessage-deflate\s*(?:;|$)/i.test(extension));
  if (accepted === undefined) return undefined;
  return {
    clientTakeover: !/;\s*client_no_context_takeover/i.test(accepted),
    serverTakeover: !/;\s*server_no_context_takeover/i.test(accepted),
  };
}

export interface MessageInflater {
  /** The plain message, valid for good; or why there is none. */
  message(data: Uint8Array): Buffer | PartialReason;
  /** A message could not be given: with takeover none after it can be read. */
  lose(): void;
  close(): void;
}

/** The four bytes that every compressed message ends with and that are not sent. */
const TAIL = Buffer.from([0x00, 0x00, 0xff, 0xff]);

/** How far beyond the bound a message is inflated for the sake of the window alone. */
const WINDOW_FACTOR = 16;

/** @param limit bytes of one plain message; a larger one gives `truncated` */
export function createMessageInflater(takeover: boolean, limit: number): MessageInflater {
  let stage: DecodeStage | undefined;
  let lost = false;

  function reset(): void {
    stage?.close();
    stage = undefined;
  }

  function lose(): void {
    if (takeover) lost = true;
    reset();
  }

  return {
    message(data) {
      if (lost) return 'encoding';
      stage ??= createNativeStage.raw();
      if (!stage) return 'encoding';
      const parts: Buffer[] = [];
      let size = 0;
      // With takeover the window needs the message to its end, even where it is too large to be kept.
      const most = takeover ? limit * WINDOW_FACTOR : limit;
      const keep = (part: Buffer) => {
        size += part.length;
        if (size <= limit) parts.push(part);
        return size <= most;
      };
      const input = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
      const whole = stage.step(input, keep) && (size > most || stage.step(TAIL, keep));
      if (!whole || size > most) {
        lose();
        return whole ? 'truncated' : 'encoding';
      }
      if (!takeover) reset();
      return size > limit ? 'truncated' : parts.length === 1 ? parts[0]! : Buffer.concat(parts);
    },
    lose,
    close: reset,
  };
}
