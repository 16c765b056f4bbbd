/**
 * CPU time to decode HTTP/1 bytes, in microseconds an exchange: ours with a listener that does nothing, ours where nobody
 * wants the exchange, and as a peer http-parser-js, a passive parser in JavaScript that is fed the same records. Then
 * server-sent events beside eventsource-parser. Peers are installed into .cache/ and are no part of the package.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { createConnectionDecoder, createSseDecoder } from '../dist/wire/protocol/index.js';
import { measurePaired, printTable } from './paired.mjs';

const PEERS = ['http-parser-js@0.5.10', 'eventsource-parser@3.1.1'];
const folder = path.resolve(import.meta.dirname, '../.cache/bench-protocol');
if (!existsSync(path.join(folder, 'node_modules/eventsource-parser'))) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'package.json'), '{"private":true}\n');
  try {
    execFileSync('npm', ['install', '--silent', '--no-audit', '--no-fund', '--ignore-scripts', ...PEERS], {
      cwd: folder,
      stdio: 'inherit',
    });
  } catch {
    console.log(`skipped: the peers (${PEERS.join(', ')}) could not be installed`);
    process.exit(0);
  }
}
const peers = createRequire(path.join(folder, 'package.json'));
const { HTTPParser } = peers('http-parser-js');
const { createParser } = peers('eventsource-parser');

const EXCHANGES = 5_000;
const EVENTS = 40;
const event = Buffer.from(
  'data: {"id":"chatcmpl-1","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":" word"},"finish_reason":null}]}\n\n',
);
const chunk = Buffer.from(`${event.length.toString(16)}\r\n${event}\r\n`);
const request = Buffer.from(
  'POST /v1/chat/completions HTTP/1.1\r\nHost: api.example.com\r\nAccept: application/json\r\nContent-Type: application/json\r\n' +
    `User-Agent: client/1.0\r\nAuthorization: Bearer none\r\nX-A: 1\r\nX-B: 2\r\nContent-Length: 500\r\n\r\n${'x'.repeat(500)}`,
);
const whole = Buffer.from(
  `HTTP/1.1 200 OK\r\nDate: Sat, 01 Jan 2028 00:00:00 GMT\r\nContent-Type: application/json\r\nX-Request-Id: 1\r\nContent-Length: 1000\r\n\r\n${'y'.repeat(1000)}`,
);
const streamHead = Buffer.from(
  'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nX-Request-Id: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
);
const streamed = [streamHead, ...Array(EVENTS).fill(chunk), Buffer.from('0\r\n\r\n')];

const idle = {
  requestHead() {},
  requestBody() {},
  requestEnd() {},
  responseHead() {},
  responseBody() {},
  message() {},
  partial() {},
  end() {},
};

/** Microseconds of CPU an exchange. */
function cpu(run) {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / EXCHANGES;
}

function ours(open, response) {
  return cpu(() => {
    const decoder = createConnectionDecoder(open);
    for (let count = 0; count < EXCHANGES; count++) {
      decoder.data('sent', request, 1n);
      for (const record of response) decoder.data('received', record, 1n);
    }
    decoder.close(1n);
  });
}

function peer(response) {
  return cpu(() => {
    const parsers = [new HTTPParser(HTTPParser.REQUEST), new HTTPParser(HTTPParser.RESPONSE)];
    for (const parser of parsers) {
      parser[HTTPParser.kOnHeadersComplete] = () => {};
      parser[HTTPParser.kOnBody] = () => {};
      parser[HTTPParser.kOnMessageComplete] = () => {};
    }
    for (let count = 0; count < EXCHANGES; count++) {
      parsers[0].execute(request);
      for (const record of response) parsers[1].execute(record);
    }
  });
}

for (const [title, response] of [
  ['one exchange of 1.9 kB', [whole]],
  [`one streamed exchange of ${EVENTS} events`, streamed],
]) {
  const result = await measurePaired({
    rounds: 9,
    warmup: 3,
    base: 'http-parser-js',
    variants: {
      'http-parser-js': () => peer(response),
      'ours, wanted': () => ours(() => idle, response),
      'ours, skipped': () => ours(() => undefined, response),
    },
  });
  printTable(title, result, { unit: 'µs', better: 'lower' });
}

const events = await measurePaired({
  rounds: 9,
  warmup: 3,
  base: 'eventsource-parser',
  variants: {
    // It takes text: the decoding of UTF-8 is part of the work, as it is of ours.
    'eventsource-parser': () =>
      cpu(() => {
        const decoder = new TextDecoder();
        const parser = createParser({ onEvent() {} });
        for (let count = 0; count < EXCHANGES * EVENTS; count++) parser.feed(decoder.decode(event, { stream: true }));
      }),
    ours: () =>
      cpu(() => {
        const decoder = createSseDecoder();
        for (let count = 0; count < EXCHANGES * EVENTS; count++) decoder.feed(event);
      }),
  },
});
printTable(`${EVENTS} server-sent events`, events, { unit: 'µs', better: 'lower' });
