/**
 * What every wire format looks like to the decoder. A format is one folder: the fields it reads (`wire.ts`), and pure
 * functions from those fields to the draft of a call. It never sees bytes, chunks, encodings or clocks.
 */
import type { HeaderFields, RequestHead, ResponseHead } from '../exchange.js';
import type { Operation } from '../llm-call.js';
import type { CallDraft } from './call-draft.js';
import type { Fields } from './json/fields.js';
import type { SelectedMembers } from './json/selection.js';

/** What is known of the exchange besides the bodies. */
export interface Heads {
  readonly request: RequestHead;
  /** Path without query. */
  readonly path: string;
  readonly query: string;
  readonly response?: ResponseHead;
  /** Of the response, or none while it has not begun. */
  readonly responseHeaders: HeaderFields;
}

export interface StreamReader {
  /**
   * One event of a streamed answer, in order.
   * @param name the SSE `event` field or the event-stream's event type; absent where the wire has none
   * @returns whether it carried something that the model produced; that is what chunk times are counted by
   */
  event(data: Fields, name: string | undefined): boolean;
  /** The stream said that it is over; set by `event`. One that ends without is reported as broken off. */
  complete: boolean;
  /** Called once after the last event: what can only be derived when everything is known. */
  end?(): void;
}

export interface Format {
  /** For tests and debug output: `openai.chat`. */
  readonly name: string;
  readonly operation?: Operation;
  /** Which fields of the bodies are read; with content, the messages too. */
  requestFields(content: boolean): SelectedMembers;
  responseFields(content: boolean): SelectedMembers;
  /** On a host that nobody knows: whether a body can be a request of this format. */
  isRequest(body: Fields, heads: Heads): boolean;
  readRequest(body: Fields, draft: CallDraft, heads: Heads): void;
  readResponse(body: Fields, draft: CallDraft, heads: Heads): void;
  /** Of an answer that is an array and no stream; without it the first element is read. */
  readArray?(elements: readonly unknown[], draft: CallDraft): void;
  openStream?(draft: CallDraft, heads: Heads): StreamReader;
  /** A GET for what an earlier exchange asked for: reported once, when it is there. */
  readonly later?: true;
  /** A JSON array in the answer is a stream of its elements (Gemini without `alt=sse`). */
  readonly arrayStream?: true;
  /** Its own streams are lines of JSON, so that one line alone is the beginning of one (Ollama). */
  readonly lineStream?: true;
}
