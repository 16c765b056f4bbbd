/**
 * One HTTP exchange on its way to a call. It chooses the format as soon as the head or the request allows, feeds the two
 * bodies to it and hands the record over when the exchange has ended.
 */
import type {
  ConnectionFacts,
  ExchangeListener,
  PartialReason,
  RequestHead,
  ResponseHead,
  UnixNanos,
} from '../exchange.js';
import { breakOff } from './broken-off.js';
import { CallDraft } from './call-draft.js';
import { callFacts } from './call-facts.js';
import { CallTimes } from './call-times.js';
import { CONNECTION_CLOSED, readError } from './errors.js';
import type { Format, Heads } from './format.js';
import { type Fields, fields } from './json/fields.js';
import { segmentAfter } from './path-model.js';
import type { ReaderOptions } from './reader-options.js';
import { readGatewayHeaders } from './recognize/evidence.js';
import { flavourOf } from './recognize/flavour.js';
import type { Recognized } from './recognize/recognize.js';
import { formatOfShape, shapeFields } from './recognize/shapes.js';
import { pathOf, queryOf } from './recognize/target.js';
import { RequestBody } from './request-body.js';
import { ResponseBody } from './response-body.js';

/** With these the end of a stream may have been lost on our side, so nobody can say that it broke off. */
const OUR_LOSSES: ReadonlySet<PartialReason> = new Set(['gap', 'joined', 'truncated', 'encoding', 'detached']);

export class CallReader implements ExchangeListener {
  readonly #options: ReaderOptions;
  readonly #recognized: Recognized;
  readonly #facts: ConnectionFacts;
  readonly #draft: CallDraft;
  readonly #times = new CallTimes();
  readonly #partial = new Set<PartialReason>();
  /** The transport lost something, so that the end may be missing on our side alone. */
  #lost = false;
  #heads: Heads;
  #format: Format | undefined;
  /** The path named a format that the request has not: what it is instead, only the answer proves. */
  #isGuess = false;
  /** Until it has been read; responses may begin before. */
  #request: RequestBody | undefined;
  #response: ResponseBody | undefined;
  /** It turned out to be no call: everything that follows is passed over. */
  #dismissed = false;

  constructor(options: ReaderOptions, recognized: Recognized, head: RequestHead, facts: ConnectionFacts) {
    this.#options = options;
    this.#recognized = recognized;
    this.#facts = facts;
    this.#format = recognized.format;
    this.#draft = new CallDraft(options);
    this.#heads = { request: head, path: pathOf(head.path), query: queryOf(head.path), responseHeaders: {} };
    const selection = this.#format?.requestFields(options.content) ?? shapeFields(options.content);
    this.#request = new RequestBody(head.headers, selection, options.json);
  }

  requestHead(_head: RequestHead, at: UnixNanos): void {
    this.#times.start(at);
  }

  requestBody(chunk: Uint8Array): void {
    this.#request?.feed(chunk);
  }

  requestEnd(): void {
    this.#readRequest();
  }

  responseHead(head: ResponseHead): void {
    this.#readRequest();
    if (this.#dismissed) return;
    const { request, path, query } = this.#heads;
    this.#heads = { request, path, query, response: head, responseHeaders: head.headers };
    readGatewayHeaders(head.headers, this.#draft);
    this.#response = new ResponseBody({
      draft: this.#draft,
      format: this.#format!,
      heads: this.#heads,
      clock: this.#times,
      limits: this.#options.json,
    });
  }

  responseBody(chunk: Uint8Array, at: UnixNanos): void {
    if (!this.#dismissed) this.#response?.feed(chunk, at);
  }

  message(): void {}

  partial(reason: PartialReason): void {
    this.#partial.add(reason);
    this.#lost ||= OUR_LOSSES.has(reason);
  }

  end(at: UnixNanos): void {
    this.#readRequest();
    if (this.#dismissed) return;
    this.#response?.end(at);
    this.#times.end(at);
    const proven = this.#recognized.certain || this.#isProven();
    this.#judge();
    if (this.#draft.isNoCall || !proven) return;
    if (!this.#isDue()) return;
    this.#draft.provider ??= flavourOf(this.#format!.name);
    const facts = callFacts({
      id: this.#options.newId(),
      connection: this.#facts,
      head: this.#heads.request,
      status: this.#heads.response?.status,
      times: this.#times,
      partial: this.#partial,
    });
    // Not as a spread of two objects, which costs 8 µs a call.
    this.#options.onCall(Object.assign(this.#draft.finish(), facts));
  }

  /** What is computed in the background is one call with a result, whichever exchange brings it. */
  #isDue(): boolean {
    const { outcome, request } = this.#draft;
    const { host } = this.#heads.request;
    if (this.#format?.later === true) {
      const known = outcome === undefined ? undefined : this.#options.later.fetched(host, outcome);
      if (known?.model !== undefined) request.model = known.model;
      return known !== undefined;
    }
    if (outcome !== undefined && this.#options.later.asked(host, outcome, request.model)) this.#partial.add('deferred');
    return true;
  }

  /** Once: finds the format where the head left it open, and reads the parameters. */
  #readRequest(): void {
    const request = this.#request;
    if (request === undefined) return;
    this.#request = undefined;
    const body: Fields = fields(request.end());
    if (request.truncated) this.#partial.add('truncated');
    if (request.damaged) this.#partial.add('encoding');
    const { certain, provider } = this.#recognized;
    if (!certain && this.#format?.isRequest(body, this.#heads) === false) {
      this.#isGuess = true;
      this.#format = undefined;
    }
    this.#format ??= formatOfShape(body, provider);
    if (this.#format === undefined) {
      this.#dismissed = true;
      return;
    }
    this.#draft.operation = this.#format.operation;
    this.#draft.provider = this.#recognized.provider;
    this.#format.readRequest(body, this.#draft, this.#heads);
    // Azure's deployments need no model in the body.
    const deployment = segmentAfter(this.#heads.path, '/deployments/');
    if (deployment !== undefined) this.#draft.request.model ??= deployment;
  }

  /** Failures that no body states: an HTTP status without words, a stream or connection that broke off. */
  #judge(): void {
    const draft = this.#draft;
    const status = this.#heads.response?.status;
    const { truncated = false, damaged = false } = this.#response ?? {};
    const lost = this.#lost || truncated || damaged;
    // Who has heard the end of the answer may leave: nothing of the call is missing.
    if (this.#response?.whole) {
      this.#partial.delete('aborted');
      this.#partial.delete('cancelled');
    }
    const left = this.#partial.has('cancelled');
    // Content that was cut for its size says nothing of the stream's end.
    if (truncated || draft.room.exceeded) this.#partial.add('truncated');
    if (damaged) this.#partial.add('encoding');
    if (status !== undefined && status >= 400) readError(undefined, draft, status, this.#heads.responseHeaders);
    // A program may leave the stream of what goes on in the background.
    else if (draft.outcome?.open && draft.outcome.background && draft.error === undefined) return;
    else if (this.#response?.brokenOff && !lost) breakOff(draft, left);
    else if (this.#partial.has('aborted') && !left && !lost && !this.#response?.ended) draft.fail(CONNECTION_CLOSED);
  }

  /** On a host that nobody knows: path and request agree, or the answer is a model's. */
  #isProven(): boolean {
    const status = this.#heads.response?.status ?? 0;
    if (this.#recognized.format !== undefined && !this.#isGuess)
      return !this.#recognized.weak || this.#draft.hasEvidence || status >= 400;
    return this.#draft.hasEvidence;
  }
}
