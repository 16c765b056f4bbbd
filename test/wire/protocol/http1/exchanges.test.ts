/**
 * HTTP/1 as a document: what goes over the wire, and what an observer reports. `C` is the client, `S` the server; every
 * case is decoded whole, byte by byte, cut at every place and with random cuts, from both ends, with the same result.
 */
import { describe, expect, test } from '@jest/globals';
import { cuts, decode, type Step, summary } from '../support.js';

interface Case {
  name: string;
  wire: Step[];
  expected: string[];
}

const cases: Case[] = [
  {
    name: 'a request without a body, a response with a length',
    wire: [
      ['C', 'GET /v1/models HTTP/1.1\r\nHost: api.example\r\n\r\n'],
      ['S', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello'],
    ],
    expected: ['GET api.example /v1/models -> 200 "hello"'],
  },
  {
    name: 'credentials in the Host field are no part of the host',
    wire: [
      ['C', 'GET /v1/models HTTP/1.1\r\nHost: ada:secret@api.example:8080\r\n\r\n'],
      ['S', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello'],
    ],
    expected: ['GET api.example:8080 /v1/models -> 200 "hello"'],
  },
  {
    name: 'two exchanges on a kept connection',
    wire: [
      ['C', 'POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc'],
      ['S', 'HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok'],
      ['C', 'POST /b?x=1 HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n'],
      ['S', 'HTTP/1.1 204 No Content\r\n\r\n'],
    ],
    expected: ['POST h /a "abc" -> 201 "ok"', 'POST h /b?x=1 -> 204'],
  },
  {
    name: 'chunked both ways, with extensions, trailers and upper-case sizes',
    wire: [
      [
        'C',
        'POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA;x="y"\r\n0123456789\r\n0\r\n\r\n',
      ],
      ['S', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5 ; a=b\r\ndata:\r\n'],
      ['S', '00b\r\n one two\n\r\n\r\n0\r\nX-Sum: 1\r\nX-More: 2\r\n\r\n'],
    ],
    expected: [`POST h /c "abc0123456789" -> 200 ${JSON.stringify('data: one two\n\r\n')}`],
  },
  {
    name: 'a response that ends with the connection',
    wire: [
      ['C', 'GET / HTTP/1.0\r\n\r\n'],
      ['S', 'HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nall of it'],
      ['close'],
    ],
    expected: ['GET - / -> 200 "all of it"'],
  },
  {
    name: 'HEAD, 204 and 304 have no body whatever their fields say',
    wire: [
      ['C', 'HEAD /h HTTP/1.1\r\nHost: h\r\n\r\n'],
      ['S', 'HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n'],
      ['C', 'GET /n HTTP/1.1\r\nHost: h\r\n\r\n'],
      ['S', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 77\r\n\r\n'],
      ['C', 'GET /last HTTP/1.1\r\nHost: h\r\n\r\n'],
      ['S', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n.'],
    ],
    expected: ['HEAD h /h -> 200', 'GET h /n -> 304', 'GET h /last -> 200 "."'],
  },
  {
    name: 'pipelined requests, answered in order',
    wire: [
      [
        'C',
        'GET /1 HTTP/1.1\r\nHost: h\r\n\r\nPOST /2 HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nxxGET /3 HTTP/1.1\r\nHost: h\r\n\r\n',
      ],
      ['S', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n'],
      ['S', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n3\r\n0\r\n\r\n'],
    ],
    expected: ['GET h /1 -> 200 "1"', 'POST h /2 "xx" -> 404', 'GET h /3 -> 200 "3"'],
  },
  {
    name: 'interim answers are not the answer',
    wire: [
      ['C', 'POST /e HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n'],
      ['S', 'HTTP/1.1 100 Continue\r\n\r\n'],
      ['C', 'body'],
      ['S', 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'],
    ],
    expected: ['POST h /e "body" -> 200 "ok"'],
  },
  {
    name: 'a refused expectation: the body does not come, the next request does',
    wire: [
      ['C', 'POST /e HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n'],
      ['S', 'HTTP/1.1 417 Expectation Failed\r\nContent-Length: 2\r\n\r\nno'],
      ['C', 'GET /f HTTP/1.1\r\nHost: h\r\n\r\n'],
      ['S', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'],
    ],
    expected: ['POST h /e -> 417 "no"', 'GET h /f -> 200 "ok"'],
  },
  {
    name: 'a refused expectation whose body comes all the same',
    wire: [
      ['C', 'POST /e HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n'],
      ['S', 'HTTP/1.1 417 Expectation Failed\r\nContent-Length: 2\r\n\r\nno'],
      ['C', 'bodyGET /f HTTP/1.1\r\nHost: h\r\n\r\n'],
      ['S', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'],
    ],
    expected: ['POST h /e -> 417 "no"', 'GET h /f -> 200 "ok"'],
  },
  {
    name: 'an answer before the request has ended',
    wire: [
      ['C', 'POST /big HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\n\r\nabc'],
      ['S', 'HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno'],
      ['C', 'def'],
      ['C', 'GET /next HTTP/1.1\r\nHost: h\r\n\r\n'],
      ['S', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'],
    ],
    expected: ['POST h /big "abcdef" -> 413 "no"', 'GET h /next -> 200'],
  },
  {
    name: 'bare line feeds, a folded field, empty lines before the request',
    wire: [
      ['C', '\r\n\nGET /lf HTTP/1.1\nHost: h\nX-Long: a\n  b\n\n'],
      ['S', 'HTTP/1.1 200\nContent-Length: 2\n\nok'],
    ],
    expected: ['GET h /lf -> 200 "ok"'],
  },
  {
    name: 'the target of a proxy request names the host',
    wire: [
      ['C', 'GET http://user:secret@up.example:8080/p?q=1 HTTP/1.1\r\nHost: other\r\n\r\n'],
      ['S', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'],
    ],
    expected: ['GET up.example:8080 /p?q=1 -> 200'],
  },
  {
    name: 'Transfer-Encoding wins over Content-Length',
    wire: [
      [
        'C',
        'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n',
      ],
      ['S', 'HTTP/1.1 200 OK\r\nContent-Length: 99\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n'],
      ['C', 'GET /2 HTTP/1.1\r\nHost: h\r\n\r\n'],
      ['S', 'HTTP/1.1 204 No Content\r\n\r\n'],
    ],
    expected: ['POST h / "ab" -> 200 "ok"', 'GET h /2 -> 204'],
  },
  {
    name: 'equal lengths count once; lengths that differ are not believed',
    wire: [
      ['C', 'POST /same HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nab'],
      ['S', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'],
      ['C', 'POST /differ HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc\r\n'],
      ['S', 'HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n'],
      ['C', 'GET /after HTTP/1.1\r\nHost: h\r\n\r\n'],
      ['S', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'],
    ],
    expected: ['POST h /same "ab" -> 200', 'POST h /differ -> 400 [gap]', 'GET h /after -> 200'],
  },
  {
    name: 'the connection ends inside a body',
    wire: [
      ['C', 'GET /cut HTTP/1.1\r\nHost: h\r\n\r\n'],
      ['S', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf'],
      ['close'],
    ],
    expected: ['GET h /cut -> 200 "half" [aborted]'],
  },
  {
    name: 'the connection ends inside a request',
    wire: [['C', 'POST /cut HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nhalf'], ['close']],
    expected: ['POST h /cut "half" (unfinished) -> - [aborted]'],
  },
  {
    name: 'CONNECT: what is inside the tunnel is another connection',
    wire: [
      ['C', 'CONNECT api.example:80 HTTP/1.1\r\nHost: api.example:80\r\n\r\n'],
      ['S', 'HTTP/1.1 200 Connection established\r\n\r\n'],
      ['C', 'GET /inside HTTP/1.1\r\nHost: api.example\r\n\r\n'],
      ['S', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nin'],
    ],
    expected: ['CONNECT api.example:80 api.example:80 -> 200', 'GET api.example /inside -> 200 "in"'],
  },
  {
    name: 'CONNECT refused: still HTTP',
    wire: [
      ['C', 'CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n'],
      ['S', 'HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 2\r\n\r\nno'],
      ['C', 'CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\nProxy-Authorization: x\r\n\r\n'],
      ['S', 'HTTP/1.1 200 OK\r\n\r\n'],
      ['C', '\x16\x03\x01\x00\xa5opaque\n\nGET / HTTP/1.1\r\n\r\n'],
    ],
    expected: ['CONNECT a:443 a:443 -> 407 "no"', 'CONNECT a:443 a:443 -> 200'],
  },
];

describe.each(cases)('$name', ({ wire, expected }) => {
  const longest = Math.max(...wire.map(step => (step[0] === 'C' || step[0] === 'S' ? String(step[1]).length : 0)));
  test.each([false, true])('observed process is the server: %s', server => {
    for (const [name, cut] of cuts(longest)) {
      const seen = decode(wire, { cut, server });
      expect([name, ...summary(seen)]).toEqual([name, ...expected]);
      for (const one of seen) expect(one.facts.role).toBe(server ? 'server' : 'client');
    }
  });
  test('what nobody wants leaves no trace, and the rest is right', () => {
    const wanted = (head: { path: string }) => head.path !== '/a' && head.path !== '/1';
    for (const [name, cut] of cuts(20)) {
      const rest = expected.filter(line => !/ \/(a|1) /.test(line));
      expect([name, ...summary(decode(wire, { cut, accept: wanted }))]).toEqual([name, ...rest]);
    }
  });
});

test('fields: names lower-case, values trimmed, repeated ones joined, cookies by semicolon', () => {
  const [one] = decode([
    [
      'C',
      'GET / HTTP/1.1\r\nHOST: h\r\nX-A:  1 \r\nx-a: 2\r\nCookie: a=1\r\nCookie: b=2\r\nX-Fold: a\r\n\t b\r\nno field\r\n__proto__: x\r\n\r\n',
    ],
  ]);
  expect(Object.entries(one!.request.headers)).toEqual([
    ['host', 'h'],
    ['x-a', '1, 2'],
    ['cookie', 'a=1; b=2'],
    ['x-fold', 'a b'],
    ['__proto__', 'x'],
  ]);
});
