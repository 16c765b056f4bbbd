/** What a format on a WebSocket looks like to the decoder: it says which message begins and which ends a call. */
import type { RequestHead, UnixNanos } from '../../exchange.js';
import type { CallDraft } from '../call-draft.js';
import type { CallTimes } from '../call-times.js';
import type { Fields } from '../json/fields.js';

/** A call on a socket while it happens. */
export interface SocketCall {
  readonly draft: CallDraft;
  readonly times: CallTimes;
}

/** A lane holds one call at a time; where a format has no lanes, there is one. */
export interface SocketSession {
  readonly head: RequestHead;
  /** The call that is going on. */
  callOf(lane?: string): SocketCall | undefined;
  begin(at: UnixNanos, lane?: string): SocketCall;
  finish(at: UnixNanos, lane?: string): void;
}

export interface SocketFormat {
  readonly name: string;
  open(session: SocketSession): SocketListener;
}

export interface SocketListener {
  client(event: Fields, at: UnixNanos): void;
  server(event: Fields, at: UnixNanos): void;
}
