/**
 * One exchange of gRPC, told to the reader of the same call in JSON: each message becomes what the API's JSON has in its
 * place, a stream of them events. The status is in the trailers; a tap that hands over no trailers leaves it unknown.
 */
import type {
  ConnectionFacts,
  ExchangeListener,
  HeaderFields,
  PartialReason,
  RequestHead,
  ResponseHead,
  UnixNanos,
} from '../../exchange.js';
import { CallReader } from '../call-reader.js';
import type { Fields } from '../json/fields.js';
import type { ReaderOptions } from '../reader-options.js';
import { GrpcMessages } from './messages.js';
import type { GrpcMethod } from './methods.js';
import { readMessage } from './protobuf.js';

/** By number. Source: https://github.com/grpc/grpc/blob/master/doc/statuscodes.md */
const CODES = [
  ...['OK', 'CANCELLED', 'UNKNOWN', 'INVALID_ARGUMENT', 'DEADLINE_EXCEEDED', 'NOT_FOUND', 'ALREADY_EXISTS'],
  ...['PERMISSION_DENIED', 'RESOURCE_EXHAUSTED', 'FAILED_PRECONDITION', 'ABORTED', 'OUT_OF_RANGE', 'UNIMPLEMENTED'],
  ...['INTERNAL', 'UNAVAILABLE', 'DATA_LOSS', 'UNAUTHENTICATED'],
];
const UNKNOWN = '2';

export class GrpcReader implements ExchangeListener {
  readonly #options: ReaderOptions;
  readonly #method: GrpcMethod;
  readonly #head: RequestHead;
  readonly #facts: ConnectionFacts;
  readonly #sent: GrpcMessages;
  readonly #partial = new Set<PartialReason>();
  #received = new GrpcMessages(undefined);
  #start = 0n;
  /** From the first message of the request on. */
  #call: CallReader | undefined;
  #response: ResponseHead | undefined;
  #isTold = false;
  #answered = false;
  #trailers: HeaderFields = {};

  constructor(options: ReaderOptions, method: GrpcMethod, head: RequestHead, facts: ConnectionFacts) {
    this.#options = options;
    this.#method = method;
    this.#head = head;
    this.#facts = facts;
    this.#sent = new GrpcMessages(head.headers['grpc-encoding']);
  }

  requestHead(_head: RequestHead, at: UnixNanos): void {
    this.#start = at;
  }

  requestBody(chunk: Uint8Array): void {
    for (const message of this.#sent.feed(chunk)) if (this.#call === undefined) this.#open(this.#read(message, true));
  }

  requestEnd(): void {
    this.#opened();
  }

  responseHead(head: ResponseHead): void {
    this.#response = head;
    this.#received = new GrpcMessages(head.headers['grpc-encoding']);
    this.responseTrailers(head.headers);
    if (this.#method.streams && this.#status() === undefined) this.#tell();
  }

  responseTrailers(headers: HeaderFields): void {
    if (headers['grpc-status'] !== undefined) this.#trailers = headers;
  }

  responseBody(chunk: Uint8Array, at: UnixNanos): void {
    for (const bytes of this.#received.feed(chunk)) {
      const message = this.#read(bytes, false);
      if (message !== undefined) this.#say(this.#method.answerOf(message), at);
    }
  }

  message(): void {}

  partial(reason: PartialReason): void {
    this.#partial.add(reason);
    this.#call?.partial(reason);
  }

  end(at: UnixNanos): void {
    const call = this.#opened();
    if (this.#sent.truncated || this.#received.truncated) call.partial('truncated');
    if (this.#sent.damaged || this.#received.damaged) call.partial('encoding');
    const status = this.#status();
    const isSilent =
      !this.#method.streams && !this.#answered && this.#partial.size === 0 && this.#response !== undefined;
    const code = status ?? (isSilent ? UNKNOWN : undefined);
    if (code !== undefined && code !== '0') this.#say({ error: this.#errorOf(code) }, at);
    // Without a status the last message tells, as in JSON, whether the stream was whole.
    else if (this.#method.streams && code === '0') call.responseBody(Buffer.from('data: [DONE]\n\n'), at);
    call.end(at);
  }

  #status(): string | undefined {
    return this.#trailers['grpc-status'];
  }

  #errorOf(code: string): Fields {
    const message = this.#trailers['grpc-message'];
    return { status: CODES[Number(code)] ?? code, ...(message === undefined ? {} : { message: decoded(message) }) };
  }

  #read(bytes: Buffer, asked: boolean): Fields | undefined {
    const message = readMessage(bytes, asked ? this.#method.request : this.#method.response);
    if (message === undefined) this.partial('encoding');
    return message;
  }

  #opened(): CallReader {
    return this.#call ?? this.#open({});
  }

  #open(request: Fields = {}): CallReader {
    const { provider, format, pathOf, requestOf } = this.#method;
    const headers = { ...this.#head.headers, 'content-type': 'application/json' };
    const head = { ...this.#head, headers, method: 'POST', path: pathOf(request) };
    const call = new CallReader(this.#options, { provider, format, certain: true }, head, this.#facts);
    this.#call = call;
    call.requestHead(head, this.#start);
    for (const reason of this.#partial) call.partial(reason);
    call.requestBody(Buffer.from(JSON.stringify(requestOf(request))));
    call.requestEnd();
    return call;
  }

  /** The head of the answer, once. */
  #tell(): void {
    if (this.#isTold || this.#response === undefined) return;
    this.#isTold = true;
    const type = this.#method.streams ? 'text/event-stream' : 'application/json';
    const { status, headers } = this.#response;
    this.#opened().responseHead({ status, headers: { ...headers, 'content-type': type } });
  }

  #say(answer: Fields, at: UnixNanos): void {
    // A second answer to one question is none.
    if (this.#answered && !this.#method.streams) return;
    this.#answered = true;
    this.#tell();
    const json = JSON.stringify(answer);
    this.#opened().responseBody(Buffer.from(this.#method.streams ? `data: ${json}\n\n` : json), at);
  }
}

/** `grpc-message` is percent-encoded. */
function decoded(message: string): string {
  try {
    return decodeURIComponent(message);
  } catch {
    return message;
  }
}
