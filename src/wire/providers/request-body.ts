import type { HeaderFields } from '../exchange.js';
import { type ContentDecoder, createContentDecoder } from '../protocol/encoding.js';
import { JsonDocument, type JsonLimits } from './json/document.js';
import type { SelectedMembers } from './json/selection.js';
import { boundaryOf, MultipartForm } from './multipart.js';

/** A request body: content decoding, then JSON of which only the wanted fields are kept, or the short fields of a form. */
export class RequestBody {
  readonly #decoder: ContentDecoder;
  readonly #document: JsonDocument | MultipartForm;

  constructor(headers: HeaderFields, selection: SelectedMembers, limits: JsonLimits) {
    this.#decoder = createContentDecoder(headers['content-encoding']);
    const boundary = boundaryOf(headers['content-type']);
    this.#document = boundary === undefined ? new JsonDocument(selection, limits) : new MultipartForm(boundary);
  }

  get truncated(): boolean {
    return this.#document.truncated || this.#decoder.truncated;
  }

  get damaged(): boolean {
    return this.#decoder.damaged;
  }

  feed(chunk: Uint8Array): void {
    for (const decoded of this.#decoder.feed(chunk)) this.#document.feed(decoded);
  }

  /** What the body says, as far as it came. */
  end(): unknown {
    for (const decoded of this.#decoder.end()) this.#document.feed(decoded);
    return this.#document.end().value;
  }
}
