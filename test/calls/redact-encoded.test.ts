/** Credentials in what is encoded as a whole. */
import { expect, test } from '@jest/globals';
import { redactCredentials } from '../../src/calls/redact.js';

const KEY = 'Zx9aaa9402664f1a41f40ebbc52c9993';
const TEXTS = [
  `Authorization: Bearer ${KEY}`,
  `{"api_key":"${KEY}","x":1}`,
  `client_secret=${KEY}&a=1`,
  `https://user:${KEY}@host/x`,
  `Cookie: session=${KEY}`,
  JSON.stringify({ a: JSON.stringify({ password: KEY }) }),
];
const form = (text: string) => new URLSearchParams({ q: text }).toString();
const twice = (text: string) => encodeURIComponent(encodeURIComponent(text));

test.each(TEXTS)('%s, percent-encoded', text => {
  for (const encode of [
    encodeURIComponent,
    form,
    twice,
    (inner: string) => `see https://h/?to=${form(inner)} for it`,
  ]) {
    const redacted = redactCredentials(encode(text));
    expect(redacted).not.toContain(KEY);
    expect(redacted).toContain('[REDACTED]');
  }
});

test('what stands around it stays byte for byte', () => {
  const url = (token: string) => `GET https://h/a%2fb?to=https%3A%2F%2Fy%2Fz%3Ftoken%3D${token}&n=%e4 100%`;
  expect(redactCredentials(url(KEY))).toBe(url('[REDACTED]'));
});

test('JSON in base64, but no part of a token', () => {
  const encoded = (json: unknown) => Buffer.from(JSON.stringify(json)).toString('base64');
  const secret = encoded({ auths: { 'ghcr.io': { password: KEY } } });
  expect(redactCredentials(`config: ${secret}\n`)).toBe('config: [REDACTED]\n');
  for (const plain of [encoded({ cursor: { page: 4, of: 'messages' } }), `${secret.replaceAll('=', '')}.aGVhZA`])
    expect(redactCredentials(plain)).toBe(plain);
});

test('what holds no credential stays byte for byte', () => {
  const texts = [
    'q=a%3Db+c%26',
    '50%3A the password rules: %22none%22',
    '%ZZ%3D%E4%3A',
    '%25'.repeat(9_000),
    'the%20secret%3A%20nobody%20knew%20it',
  ];
  for (const text of texts) expect(redactCredentials(text)).toBe(text);
});

test('a long text takes linear time', () => {
  const text = `${'abc%2Fdef.'.repeat(20_000)}%3D`;
  const began = performance.now();
  expect(redactCredentials(text)).toBe(text);
  expect(performance.now() - began).toBeLessThan(3_000);
});
