// An OTLP receiver for http/json: what an observed program's spans are compared with the provider's own account from.
import http from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';

function plain(value) {
  if (value === undefined) return undefined;
  if ('stringValue' in value) return value.stringValue;
  if ('intValue' in value) return Number(value.intValue);
  if ('doubleValue' in value) return value.doubleValue;
  if ('boolValue' in value) return value.boolValue;
  if ('arrayValue' in value) return (value.arrayValue.values ?? []).map(plain);
  return undefined;
}

const attributesOf = list => Object.fromEntries((list ?? []).map(({ key, value }) => [key, plain(value)]));

/** @returns {Promise<{url: string, spans: any[], quiet(enough: () => boolean): Promise<void>, close(): Promise<void>}>} */
export async function startReceiver() {
  const spans = [];
  let last = Date.now();
  const server = http.createServer(async (request, response) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    const bytes = Buffer.concat(parts);
    last = Date.now();
    if (request.url === '/v1/traces') {
      const text = request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes;
      for (const { resource, scopeSpans } of JSON.parse(text.toString('utf8')).resourceSpans ?? []) {
        for (const { scope, spans: list } of scopeSpans ?? []) {
          for (const span of list ?? []) {
            const attributes = attributesOf(span.attributes);
            spans.push({ ...span, attributes, scope: scope?.name, resource: attributesOf(resource?.attributes) });
          }
        }
      }
    }
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    spans,
    /** Resolves when nothing has come for `pause` ms and there is enough, or nothing more is to be hoped for. */
    async quiet(enough, pause = 1500, limit = 10_000) {
      const start = Date.now();
      last = Math.max(last, start);
      while (Date.now() - start < limit && (Date.now() - last < pause || !enough())) await delay(50);
    },
    async close() {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
}
