/**
 * One HTTP/2 stream of `node:http2` as an exchange. Node hands over a response's head later than the first bytes of its
 * body (it is emitted in a later tick), so bytes wait for it.
 */
import type { ExchangeListener, OpenExchange, RequestHead, UnixNanos } from '../../wire/exchange.js';
import type { ChannelReader } from './readers.js';

const METHOD = ':method';
const PATH = ':path';
const AUTHORITY = ':authority';
const STATUS = ':status';

export function createHttp2Reader(open: OpenExchange): ChannelReader {
  let listener: ExchangeListener | undefined;
  let responding = false;
  let received = false;
  let over = false;
  let early: [Uint8Array, UnixNanos][] = [];

  function finish(at: UnixNanos): void {
    over = true;
    listener?.end(at);
    listener = undefined;
  }

  return {
    head(flow, headers, at) {
      if (flow === 'sent') {
        const host = headers[AUTHORITY] ?? headers.host;
        const head: RequestHead = {
          method: String(headers[METHOD]),
          path: String(headers[PATH]),
          headers: plainFields(headers),
          ...(host === undefined ? {} : { host: String(host) }),
        };
        listener = open(head, { role: 'client', protocol: 'h2' }, at);
        listener?.requestHead(head, at);
        return;
      }
      if (responding) return;
      responding = true;
      listener?.responseHead({ status: Number(headers[STATUS]), headers: plainFields(headers) }, at);
      for (const [bytes, when] of early) listener?.responseBody(bytes, when);
      early = [];
      if (received) finish(at);
    },
    data(flow, bytes, at) {
      if (flow === 'sent') listener?.requestBody(bytes, at);
      else if (responding) listener?.responseBody(bytes, at);
      else if (listener !== undefined) early.push([Buffer.from(bytes), at]);
    },
    gap(_flow, _length, _at) {
      listener?.partial('gap');
    },
    end(flow, at) {
      if (flow === 'sent') listener?.requestEnd(at);
      else if (responding) finish(at);
      else received = true;
    },
    close(at, aborted) {
      if (over) return;
      if (aborted) listener?.partial('aborted');
      finish(at);
    },
  };
}

/** Lower-case names without the pseudo fields; lists joined as RFC 9110 §5.2 says. */
function plainFields(headers: Readonly<Record<string, unknown>>): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith(':') || value === undefined) continue;
    fields[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : String(value);
  }
  return fields;
}
