/** What the sources (on the program's path) hand to the tap: one channel for each connection, or stream of HTTP/2. */
export type Flow = 'sent' | 'received';

/** What is known of the program's own trace when a request begins; `reported`: the program reports this call itself. */
export interface CallContext {
  readonly parent?: { traceId: string; spanId: string; traceFlags: number; traceState?: string };
  readonly reported?: string;
}

/** Bytes that belong to the program: what is kept of them is copied. */
export type Payload = string | Uint8Array;

export interface Channel {
  readonly number: number;
  /** Milliseconds to add to `Runtime.now()` for Unix time; taken when the channel was opened. */
  readonly epoch: number;
  /** The life of the observer that was told of it; undefined: none yet. */
  life: number | undefined;
  /** Nothing more is handed over: it did not fit, its observer is gone, or it is no model's call. */
  dropped: boolean;
  /** Frames that wait for the first bytes of the body, which say whether this is a model's call. */
  held: Buffer[] | undefined;
}

/** By itself, broken off, or left by the program. */
export type Ending = 'whole' | 'broken' | 'left';

export interface Facts {
  readonly kind: 'connection' | 'exchange';
  readonly secure: boolean;
  readonly protocol?: 'http/1.1' | 'h2';
}

export interface Head {
  readonly method?: string;
  readonly path?: string;
  readonly host?: string;
  readonly status?: number;
  readonly headers: readonly (readonly [string, string])[];
}
