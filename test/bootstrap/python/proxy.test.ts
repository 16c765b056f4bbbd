/** Which proxy leads to a collector: the same answer in Python as in Node programs (src/telemetry/otlp/proxy.ts). */
import { expect, test } from '@jest/globals';
import { proxyFor } from '../../../src/telemetry/otlp/proxy.js';
import { python } from './run.js';

const CODE = `
import os
from urllib.parse import urlsplit
from openlit_bootstrap.transport import _proxy
answers = []
for url, variables in given:
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            del os.environ[name]
    os.environ.update(variables)
    proxy = _proxy(urlsplit(url))
    answers.append(proxy and proxy.geturl())
print(json.dumps(answers))
`;
const P = 'http://proxy:3128/';
const CASES: [string, Record<string, string>][] = [
  ['http://c:4318', { http_proxy: P }],
  ['http://c:4318', { HTTP_PROXY: P }],
  ['http://c:4318', { https_proxy: P }],
  ['https://c', { HTTPS_PROXY: P }],
  ['https://c', { all_proxy: P }],
  ['http://localhost:4318', { http_proxy: P }],
  ['http://127.0.0.1:4318', { http_proxy: P }],
  ['http://[::1]:4318', { http_proxy: P }],
  ['http://c:4318', { http_proxy: P, no_proxy: '*' }],
  ['http://a.example.com', { http_proxy: P, no_proxy: 'x, example.com' }],
  ['http://a.example.com', { http_proxy: P, no_proxy: '.example.com' }],
  ['http://myexample.com', { http_proxy: P, no_proxy: 'example.com' }],
  ['http://c:4318', { http_proxy: P, no_proxy: 'c:4318' }],
  ['http://c:4318', { http_proxy: P, no_proxy: 'c:4317' }],
  ['http://c', {}],
];

test('Python and Node agree', () => {
  const ours = CASES.map(([url, env]) => proxyFor(new URL(url), env) ?? null);
  expect(new Set(ours)).toEqual(new Set([P, null]));
  expect(python(CODE, CASES)).toEqual(ours);
});
