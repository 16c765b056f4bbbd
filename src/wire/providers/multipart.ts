/**
 * The short text fields of an upload (`multipart/form-data`): a model beside an audio file. Files are passed over and never
 * stored. @see RFC 7578
 */
import { asBuffer } from '../protocol/bytes.js';
import type { Picked } from './json/picker.js';

/** Longer values are prompts at most, and nobody needs them of an upload. */
const VALUE_LIMIT = 8_192;
const FIELD_LIMIT = 64;
const HEADER_END = '\r\n\r\n';

export function boundaryOf(contentType: string | undefined): string | undefined {
  if (contentType === undefined || !contentType.toLowerCase().startsWith('multipart/form-data')) return undefined;
  return /boundary="?([^";]+)"?/i.exec(contentType)?.[1];
}

export class MultipartForm {
  readonly #delimiter: Buffer;
  readonly #fields: Record<string, string> = {};
  /** Bytes that may still hold the beginning of a delimiter or of a header. */
  #pending: Buffer = Buffer.from('\r\n');
  #state: 'headers' | 'field' | 'skip' | 'ended' = 'skip';
  #name = '';
  readonly truncated = false;

  constructor(boundary: string) {
    this.#delimiter = Buffer.from(`\r\n--${boundary}`);
  }

  feed(chunk: Uint8Array): void {
    if (this.#state === 'ended') return;
    this.#pending = Buffer.concat([this.#pending, asBuffer(chunk)]);
    while (this.#step());
  }

  end(): Picked {
    return { value: this.#fields, complete: this.#state === 'ended' };
  }

  /** Consumes one unit; false when more bytes are needed. */
  #step(): boolean {
    if (this.#state === 'headers') return this.#readHeaders();
    if (this.#state === 'ended') return false;
    const at = this.#pending.indexOf(this.#delimiter);
    if (at < 0) {
      // A file: only a tail that may begin the delimiter is kept. A field that grew too long is passed over as well.
      if (this.#state === 'field' && this.#pending.length > VALUE_LIMIT) this.#state = 'skip';
      if (this.#state === 'skip') this.#keepTail(this.#delimiter.length);
      return false;
    }
    if (this.#state === 'field' && at <= VALUE_LIMIT && Object.keys(this.#fields).length < FIELD_LIMIT) {
      this.#fields[this.#name] = this.#pending.toString('utf8', 0, at);
    }
    this.#pending = this.#pending.subarray(at + this.#delimiter.length);
    this.#state = 'headers';
    return true;
  }

  #readHeaders(): boolean {
    if (this.#pending.length >= 2 && this.#pending.toString('latin1', 0, 2) === '--') {
      this.#state = 'ended';
      this.#pending = Buffer.alloc(0);
      return false;
    }
    const end = this.#pending.indexOf(HEADER_END);
    if (end < 0) {
      if (this.#pending.length > VALUE_LIMIT) this.#state = 'ended';
      return false;
    }
    const headers = this.#pending.toString('utf8', 0, end);
    const name = /;\s*name="([^"]*)"/i.exec(headers)?.[1];
    this.#name = name ?? '';
    this.#state = name === undefined || /;\s*filename\*?=/i.test(headers) ? 'skip' : 'field';
    // The line end before the body stays: an empty value is followed by its delimiter at once.
    this.#pending = this.#pending.subarray(end + HEADER_END.length);
    if (this.#pending.subarray(0, this.#delimiter.length - 2).equals(this.#delimiter.subarray(2))) {
      this.#pending = Buffer.concat([Buffer.from('\r\n'), this.#pending]);
    }
    return true;
  }

  #keepTail(length: number): void {
    if (this.#pending.length > length) this.#pending = Buffer.from(this.#pending.subarray(-length));
  }
}
