/**
 * One JSON document of any size. Small ones (nearly all) are kept and parsed natively at their end, which is several times
 * faster than scanning; larger ones go through the picker from the byte at which they became large. Both ways give a
 * decoder the same fields.
 */
import { PendingBytes } from '../../protocol/bytes.js';
import { JsonPicker, type Picked } from './picker.js';
import type { Selection } from './selection.js';

export interface JsonLimits {
  /** Bytes up to which a document is kept whole. */
  readonly whole: number;
  /** Bytes of selected values that are kept of a larger one. */
  readonly picked: number;
}

export const JSON_LIMITS: JsonLimits = { whole: 256 * 1024, picked: 2 * 1024 * 1024 };

export class JsonDocument {
  readonly #selection: Selection;
  readonly #limits: JsonLimits;
  readonly #whole: PendingBytes;
  #picker: JsonPicker | undefined;
  #ended: Picked | undefined;

  constructor(selection: Selection, limits: JsonLimits = JSON_LIMITS) {
    this.#selection = selection;
    this.#limits = limits;
    this.#whole = new PendingBytes(limits.whole);
  }

  /** Selected values went over the bound and are missing or cut. */
  get truncated(): boolean {
    return this.#picker?.truncated ?? false;
  }

  feed(bytes: Uint8Array): void {
    if (this.#ended !== undefined) return;
    if (this.#picker === undefined && !this.#whole.push(bytes)) this.#pick();
    this.#picker?.feed(bytes);
  }

  /** As `feed`, of bytes that nobody else keeps. */
  adopt(bytes: Buffer): void {
    if (this.#ended !== undefined || this.#picker !== undefined || !this.#whole.adopt(bytes)) this.feed(bytes);
  }

  /** The document, or what there is of it. Further bytes are ignored; a second call gives the same. */
  end(): Picked {
    this.#ended ??= this.#finish();
    return this.#ended;
  }

  #finish(): Picked {
    if (this.#picker === undefined) {
      try {
        const value: unknown = JSON.parse(this.#whole.view().toString('utf8'));
        return { value, complete: true };
      } catch {
        this.#pick(); // cut or damaged: the scanner gives what is sure
      } finally {
        this.#whole.clear();
      }
    }
    return this.#picker!.end();
  }

  #pick(): JsonPicker {
    this.#picker = new JsonPicker(this.#selection, this.#limits.picked);
    this.#picker.feed(this.#whole.view());
    this.#whole.clear();
    return this.#picker;
  }
}
