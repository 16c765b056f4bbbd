/**
 * `error.type` of a failed call. Every provider wraps its code differently, but the code is always a word in one of a few
 * places; the words are looked for in the order of their precision, and the HTTP status is the last resort.
 */
import type { HeaderFields } from '../exchange.js';
import type { CallDraft } from './call-draft.js';
import { type Fields, fields, identifier, isFields, items, text } from './json/fields.js';

/** The stream ended without its terminal marker. */
export const STREAM_INTERRUPTED = 'stream_interrupted';
/** Finish reason of what the program left before its end; the word of OpenAI's own sessions for it (decision 0086). */
export const CANCELLED = 'cancelled';
/** The connection ended before an answer came. */
export const CONNECTION_CLOSED = 'connection_closed';

/** Whether a body says by its form that the call failed. OpenAI's Responses carry `error: null` when it did not. */
export function isErrorBody(body: Fields): boolean {
  return isFields(body.error) || text(body.error) !== undefined || body.type === 'error' || body.object === 'error';
}

/**
 * Reads `{"error":{"code","type","status","message"}}` and its kin: flat bodies (Cerebras, vLLM, Mistral), a bare text
 * (Ollama, TGI), an array around it (Gemini's array mode).
 */
export function readError(value: unknown, draft: CallDraft, status?: number, headers: HeaderFields = {}): void {
  const body = Array.isArray(value) ? fields(items(value)[0]) : fields(value);
  const error = isFields(body.error) ? body.error : body;
  const type =
    awsErrorType(headers, body) ??
    word(error.code) ??
    word(error.status) ??
    word(error.type) ??
    word(body.code) ??
    word(body.error_type) ??
    word(body.type);
  const message = text(error.message) ?? text(body.error) ?? text(body.message) ?? text(body.detail);
  draft.fail(type ?? (status === undefined ? (identifier(error.code) ?? '_OTHER') : String(status)), message);
}

/** An error as an event of a stream: what came before it stays, and its finish reason says that it broke off. */
export function readErrorEvent(event: unknown, draft: CallDraft): void {
  readError(event, draft);
  draft.choice().finishReason = 'error';
}

/** A machine-readable word: not a number in quotes (Azure's `"401"`), not a sentence, not the envelope's own `error`. */
function word(value: unknown): string | undefined {
  const candidate = text(value);
  if (candidate === undefined || candidate === 'error' || candidate.length > 100) return undefined;
  return /^[A-Za-z][\w.:-]*$/.test(candidate) ? candidate : undefined;
}

/** AWS names the error in a header, with an address behind a colon, or in the body, behind the name of a service. */
function awsErrorType(headers: HeaderFields, body: Fields): string | undefined {
  const named = text(body.__type) ?? text(fields(body.Output).__type);
  return text(headers['x-amzn-errortype']?.split(':')[0]) ?? word(named?.split('#').at(-1));
}
