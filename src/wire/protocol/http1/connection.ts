/**
 * HTTP/1.x on one connection: the requests of one direction are paired with the responses of the other, in order.
 * Where bytes are missing, an exchange is rather left incomplete than given another one's answer.
 */
import type {
  ConnectionDecoder,
  ConnectionFacts,
  ExchangeListener,
  Flow,
  OpenExchange,
  PartialReason,
  UnixNanos,
  WireLimits,
} from '../../exchange.js';
import { asBuffer } from '../bytes.js';
import { NO_BODY, requestFraming, responseFraming } from './framing.js';
import { parseFramingFields, parseHead } from './head.js';
import { type AfterHead, MessageReader } from './message-reader.js';
import { Http1Exchange } from './pairing.js';
import { splitTarget } from './request-target.js';
import { parseRequestLine, parseStatusLine, REQUEST_START, RESPONSE_START } from './start-line.js';

export interface Http1Options {
  readonly open: OpenExchange;
  /** Without `protocol`, which depends on the request. */
  readonly facts: Omit<ConnectionFacts, 'protocol'>;
  readonly limits: WireLimits;
  /** The direction that the client sends on. */
  readonly clientFlow: Flow;
  /** The first bytes of that direction were not seen. */
  readonly joined: { readonly client: boolean; readonly server: boolean };
  /** What follows a 101 or a 2xx to CONNECT. `websocket` has the listener of the exchange that it belongs to. */
  switchTo(
    kind: 'websocket' | 'unknown',
    exchange: { listener: ExchangeListener | undefined; extensions: string | undefined },
  ): ConnectionDecoder;
}

/** A client that sends on without end while nothing answers is not worth more memory than this. */
const MAX_PIPELINED = 1_000;

export function createHttp1Connection(options: Http1Options): ConnectionDecoder {
  const { open, limits, clientFlow } = options;
  const httpFacts: ConnectionFacts = { ...options.facts, protocol: 'http/1.1' };
  const webSocketFacts: ConnectionFacts = { ...options.facts, protocol: 'websocket' };

  // Requests whose final response head was not seen yet, oldest first. Two in it mean pipelining.
  const awaiting: Http1Exchange[] = [];
  // The request whose body is being sent; it may already have its response.
  let sending: Http1Exchange | undefined;
  // The request whose response body is being received. Undefined also for an answer to a request before our time.
  let receiving: Http1Exchange | undefined;
  // Inside the body of a response whose request is unknown.
  let answering = false;
  // An answer began while two requests waited: this client does not wait. After a loss nobody can tell whose answer comes
  // next. Two requests without an answer between them prove nothing: a loss is told with the first bytes behind it.
  let pipelined = false;
  // That loss has happened: requests are still reported, their answers are not.
  let unpairable = false;
  // Set with the decoder of the protocol that HTTP was switched to.
  let inner: ConnectionDecoder | undefined;
  let closed = false;

  function giveUpAnswers(reason: PartialReason, at: UnixNanos, left = false): void {
    receiving?.abandon(reason, at, left);
    receiving = undefined;
    for (const exchange of awaiting.splice(0)) exchange.abandon(reason, at, left);
  }

  const requests = new MessageReader(
    REQUEST_START,
    {
      head(text, at): AfterHead | undefined {
        const { line, headers } = parseHead(text);
        const request = parseRequestLine(line);
        if (!request) return undefined;
        if (responses.lost) {
          // Without pipelining a new request proves that the answers before it are over.
          giveUpAnswers('gap', at);
        } else if (receiving && !receiving.responseDone && responses.untilClose) {
          receiving.endResponse(at);
          receiving = undefined;
        } else if (answering && !receiving) {
          // The answer to a request before our time; the client goes on, so it is over, whatever its framing said.
          responses.lose();
          answering = false;
        }
        const { host, path } = splitTarget(request.method, request.target, headers.host);
        const upgrade = headers.upgrade?.toLowerCase();
        const head = { method: request.method, path, headers, ...(host === undefined ? {} : { host }) };
        const isWebSocket = upgrade === 'websocket';
        const exchange = new Http1Exchange(
          request.method,
          upgrade,
          open(head, isWebSocket ? webSocketFacts : httpFacts, at),
        );
        exchange.listener?.requestHead(head, at);
        exchange.expectsContinue = /100-continue/i.test(headers.expect ?? '');
        sending = exchange;
        if (awaiting.length >= MAX_PIPELINED) {
          giveUpAnswers('truncated', at);
          unpairable = true;
        }
        if (unpairable) {
          exchange.partial('gap');
          exchange.endResponse(at);
        } else awaiting.push(exchange);
        if (request.method === 'CONNECT') {
          exchange.endRequest(at);
          sending = undefined;
          return { kind: 'hold' };
        }
        return requestFraming(headers);
      },
      bodyListener() {
        const exchange = sending!;
        const listener = exchange.listener;
        if (!listener && !exchange.expectsContinue) return undefined;
        return (chunk, at) => {
          exchange.bodySeen = true;
          if (!exchange.ended) listener?.requestBody(chunk, at);
        };
      },
      end(at) {
        sending?.endRequest(at);
        sending = undefined;
      },
      lost(reason, at) {
        sending?.partial(reason);
        sending?.endRequest(at);
        sending = undefined;
      },
    },
    limits,
    options.joined.client,
  );

  const responses = new MessageReader(
    RESPONSE_START,
    {
      head(text, at): AfterHead | undefined {
        const exchange = awaiting[0];
        const wanted = exchange?.listener !== undefined;
        const { line, headers } = wanted || exchange?.upgrade ? parseHead(text) : parseFramingFields(text);
        const response = parseStatusLine(line);
        if (!response) return undefined;
        const { status } = response;
        if (status < 200 && status !== 101) {
          if (exchange && status === 100) exchange.expectsContinue = false;
          return NO_BODY;
        }
        if (awaiting.length > 1) pipelined = true;
        awaiting.shift();
        receiving = exchange;
        answering = !exchange;
        exchange?.startResponse({ status, headers }, at);
        if (status === 101 && exchange) return switchProtocol(exchange, headers['sec-websocket-extensions'], at);
        if (exchange?.method === 'CONNECT') {
          if (status < 300) return switchProtocol(exchange, undefined, at);
          requests.resume(at);
        }
        // A final answer without 100: the client is not going to send the body (RFC 9110 §10.1.1).
        if (exchange?.expectsContinue && !exchange.bodySeen && exchange === sending && status >= 300) {
          requests.refuseBody();
          exchange.endRequest(at);
          sending = undefined;
        }
        return responseFraming(headers, status, exchange?.method);
      },
      bodyListener() {
        const listener = receiving?.listener;
        if (!listener) return undefined;
        const exchange = receiving!;
        return (chunk, at) => {
          if (!exchange.ended) listener.responseBody(chunk, at);
        };
      },
      end(at) {
        // 1xx end here too: then nothing is being received.
        receiving?.endResponse(at);
        receiving = undefined;
        answering = false;
      },
      lost(reason, at) {
        answering = false;
        // The head that is found next may answer a request that was lost as well: it belongs to none that waits now.
        if (pipelined) unpairable = true;
        giveUpAnswers(reason, at);
      },
    },
    limits,
    options.joined.server,
  );

  function switchProtocol(exchange: Http1Exchange, extensions: string | undefined, at: UnixNanos): AfterHead {
    exchange.endRequest(at);
    sending = undefined;
    receiving = undefined;
    giveUpAnswers('aborted', at);
    const isWebSocket = exchange.upgrade === 'websocket';
    inner = options.switchTo(isWebSocket ? 'websocket' : 'unknown', { listener: exchange.listener, extensions });
    if (!isWebSocket) exchange.endResponse(at);
    const early = requests.drain();
    if (early.length > 0) inner.data(clientFlow, early, at);
    return { kind: 'switch' };
  }

  return {
    data(flow, bytes, at) {
      if (closed || bytes.length === 0) return;
      if (inner) return inner.data(flow, bytes, at);
      const buffer = asBuffer(bytes);
      const used = (flow === clientFlow ? requests : responses).feed(buffer, at);
      if (inner && used < buffer.length) (inner as ConnectionDecoder).data(flow, buffer.subarray(used), at);
    },
    gap(flow, length, at) {
      if (closed) return;
      if (inner) return inner.gap(flow, length, at);
      if (flow === clientFlow) {
        sending?.partial('gap');
        requests.gap(length, at);
      } else {
        receiving?.partial('gap');
        if (responses.lost) giveUpAnswers('gap', at);
        responses.gap(length, at);
      }
    },
    close(at, reason, by) {
      if (closed) return;
      closed = true;
      if (inner) return inner.close(at, reason, by);
      const left = !reason && by === clientFlow;
      // Only the server's end is the end of such an answer.
      if (receiving && responses.untilClose && !reason && !left) {
        const exchange = receiving;
        exchange.endResponse(at);
        if (!exchange.ended) exchange.abandon('aborted', at);
        receiving = undefined;
      }
      giveUpAnswers(reason ?? 'aborted', at, left);
      sending?.abandon(reason ?? 'aborted', at, left);
    },
  };
}
