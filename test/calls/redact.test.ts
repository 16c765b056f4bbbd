import { describe, expect, test } from '@jest/globals';
import { createRedactor, PATTERNS, REDACTED, redactCredentials } from '../../src/calls/redact.js';
import { redactValue } from '../../src/calls/redact-value.js';

/** Made up, in the issuers' formats; put together here so that no scanner takes this file for a leak. */
const glue = (...parts: string[]): string => parts.join('');
const SECRETS = {
  openai: glue('sk-', 'proj-', 'Ab12'.repeat(10)),
  anthropic: glue('sk-', 'ant-api03-', 'Zz9_'.repeat(12)),
  groq: glue('gsk', '_', 'a1B2'.repeat(12)),
  xai: glue('xai', '-', 'a1B2'.repeat(12)),
  perplexity: glue('pplx', '-', 'a1B2'.repeat(10)),
  nvidia: glue('nvapi', '-', 'a1B2'.repeat(12)),
  huggingface: glue('hf', '_', 'aB'.repeat(17)),
  google: glue('AI', 'za', 'Sy', 'a1B2-'.repeat(7)),
  googleOauth: glue('ya29', '.', 'a0Af_'.repeat(8)),
  aws: glue('AK', 'IA', 'ABCDEFGHIJKLMNOP'),
  github: glue('gh', 'p_', 'a1B2'.repeat(9)),
  slack: glue('xox', 'b-', '123456789012-abcdefabcdef'),
  databricks: glue('da', 'pi', '0123456789abcdef'.repeat(2)),
  jwt: glue('eyJ', 'hbGciOiJIUzI1NiJ9', '.eyJ', 'zdWIiOiIxMjM0NTY3ODkwIn0', '.', 'dozjgNryP4J3jVmN'),
  privateKey: glue('-----BEGIN ', 'RSA PRIVATE KEY-----\nMIIEow\nABC\n-----END RSA PRIVATE KEY-----'),
};

describe('redactCredentials', () => {
  test.each(Object.entries(SECRETS))('%s goes, the words around it stay', (_name, secret) => {
    for (const [before, after] of [
      ['my key is ', ', keep it'],
      ['{"k":"', '"}'],
      ['', ''],
      ['line\n', '\nline'],
    ]) {
      const text = redactCredentials(`${before}${secret}${after}`);
      expect(text).not.toContain(secret.slice(4, 24));
      expect(text).toBe(`${before}${REDACTED}${after}`);
    }
  });

  test.each([
    ['Authorization: Bearer abc123def456', 'abc123def456'],
    ['authorization: Basic dXNlcjpwYXNzd29yZA==', 'dXNlcjpwYXNzd29yZA'],
    ['https://user:hunter22@host/path', 'hunter22'],
    ['?key=AbCdEf123&alt=sse', 'AbCdEf123'],
    ['OPENAI_API_KEY=plainvalue1', 'plainvalue1'],
    ['"password": "correct-horse"', 'correct-horse'],
    ["client_secret='s3cr3tvalue'", 's3cr3tvalue'],
    ['x-api-key: abcdef123456', 'abcdef123456'],
    ['aws_secret_access_key = wJalrXUtnFEMI/K7MDENG', 'wJalrXUtnFEMI'],
    ['Authorization: Token 0123456789abcdef0123456789abcdef', '0123456789abcdef'],
    ['"password": "pw"', 'pw'],
    ['{"passphrase": "the correct horse", "n": 1}', 'horse'],
    ['{"password": "a\\"horse b"}', 'horse'],
    ["password = 'the correct horse'", 'horse'],
    [JSON.stringify({ arguments: JSON.stringify({ client_secret: 'pw', n: 1 }) }), 'pw'],
    [JSON.stringify({ a: JSON.stringify({ b: JSON.stringify({ password: 'my "own" word' }) }) }), 'own'],
    ['password: swordfish', 'swordfish'],
    ['Password: Swordfish.', 'Swordfish'],
    ['password: swordfish\nuser: bob', 'swordfish'],
    ['{password: swordfish, user: bob}', 'swordfish'],
    ['password: swordfish user=bob', 'swordfish'],
    ['password: swordfish # of the test machine', 'swordfish'],
    ['SECRET: zQvXwPlmNo it is', 'zQvXwPlmNo'],
    ['secret: k4tzenklo is what I use', 'k4tzenklo'],
    ['password = swordfish is what I use', 'swordfish'],
  ])('%s', (text, secret) => {
    expect(redactCredentials(text)).not.toContain(secret);
    expect(redactCredentials(text)).toContain(REDACTED);
  });

  test('of a member in quotes the value goes, and nothing beside it', () => {
    const text = JSON.stringify({ a: JSON.stringify({ password: 'the correct horse', user: 'bob' }), note: 'kept' });
    expect(redactCredentials(text)).toBe(text.replace('the correct horse', REDACTED));
  });

  test.each([
    'chatcmpl-AbCdEfGhIjKlMnOpQrStUvWxYz0123',
    'resp_0123456789abcdef0123456789abcdef',
    'msg_01XFDUDYJgAACzvnptvVoYEL',
    'call_abcdefghijklmnopqrstuvwx',
    'toolu_01A09q90qw90lq917835lq9',
    'gpt-4o-2024-08-06',
    'us.anthropic.claude-sonnet-4-5-20250929-v1:0',
    '550e8400-e29b-41d4-a716-446655440000',
    'The task-management of risk-averse bearer bonds is token based.',
    'Use basic authentication and a password field.',
    'Basic Python3.11 and basic GPT-4o-mini, token limit-2024, a basic Calculus101 course.',
    'The ferryman had a secret: nobody had ever paid him.',
    'On the password: nobody, not even the ferryman, knew it.',
    'Authorization: granted by the court of appeal.',
    'The recipe of the cookie: chocolate — dark, if you can.',
    'It has one secret: patience and time.',
    'Our secret:\nwell-chosen words, and few.',
    'Le secret: jamais être pressé.',
    'The secret: **always** begin with the dough.',
    'The secret: \u4ece\u6765\u6ca1\u6709\u4eba\u4ed8\u94b1 \u7ed9\u4ed6',
    'max_tokens: 1024',
    '{"total_tokens": 123456789, "prompt_tokens": 1}',
    'https://example.com/a?b=c',
  ])('%s stays byte for byte', text => {
    expect(redactCredentials(text)).toBe(text);
  });

  test('no pattern is passed over that would have matched', () => {
    const pieces = [
      ...Object.values(SECRETS).flatMap(secret => [secret, secret.slice(0, 8), secret.slice(8)]),
      ...['sk_', 'rk_live_', 'r8_', 'fw_', 'csk-', 'tgp_v1_', 'pa-', 'ASIA', 'github_pat_', 'glpat-', 'npm_', 'pypi-'],
      ...['Bearer ', 'basic\t', '://', 'me:word@', 'api_key', 'x-goog-api-key', 'Password', 'cookie', '?key=', '&sig='],
      ...['=', ': ', '"', "'", 'a1B2'.repeat(10), 'A1'.repeat(8), 'word', '-', '_', '.', ' ', '\n', '\u00e9', '\u2028'],
    ];
    let seed = 7;
    const random = (most: number): number => {
      seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff;
      return (seed >> 8) % most;
    };
    let matches = 0;
    for (let round = 0; round < 20_000; round++) {
      const text = Array.from({ length: 1 + random(8) }, () => pieces[random(pieces.length)]).join('');
      let straight = text;
      for (const { expression, instead } of PATTERNS) straight = straight.replace(expression, instead);
      if (straight !== text) matches++;
      if (text.length >= 8) expect(redactCredentials(text)).toBe(straight);
    }
    expect(matches).toBeGreaterThan(5_000);
  });

  test('is linear: a hostile megabyte is read at once', () => {
    for (const text of [
      'sk-'.repeat(400_000),
      'eyJ'.repeat(400_000),
      'a'.repeat(1_200_000),
      'ab-'.repeat(400_000),
      'a_b-'.repeat(300_000),
      '://a:'.repeat(250_000),
      'password="'.repeat(120_000),
      'password=\\"'.repeat(120_000),
      `password=\\"${'\\'.repeat(1_000_000)}`,
      `secret: ${'a-'.repeat(500_000)}`,
      `secret:${' '.repeat(1_000_000)}`,
      'secret: nobody '.repeat(70_000),
    ]) {
      expect(typeof redactCredentials(text)).toBe('string');
    }
  });
});

describe('createRedactor and redactValue', () => {
  test("the user's patterns come on top", () => {
    const redact = createRedactor(['\\b\\d{3}-\\d{2}-\\d{4}\\b', 'Project \\w+']);
    expect(redact(`123-45-6789 of Project Falcon, ${SECRETS.groq}`)).toBe(`${REDACTED} of ${REDACTED}, ${REDACTED}`);
  });

  test('a pattern that is none is named', () => {
    expect(() => createRedactor(['ok', '(oops'])).toThrow(
      expect.objectContaining({ code: 'REDACT_PATTERN', message: expect.stringContaining('(oops') }),
    );
  });

  test('deep values are copied, fields that are named like secrets lose theirs', () => {
    const value = {
      a: [{ text: `x ${SECRETS.aws}`, n: 1, ok: true, none: null }],
      apiKey: 'short',
      password: 'pw',
      passphrase: 12345,
    };
    const before = JSON.stringify(value);
    expect(redactValue(value, redactCredentials)).toEqual({
      a: [{ text: `x ${REDACTED}`, n: 1, ok: true, none: null }],
      apiKey: REDACTED,
      password: REDACTED,
      passphrase: REDACTED,
    });
    expect(JSON.stringify(value)).toBe(before);
  });
});
