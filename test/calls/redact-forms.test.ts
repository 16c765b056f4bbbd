/** Every form of a credential that the end-to-end test plants, in every wrapping that a text comes in. */
import { describe, expect, test } from '@jest/globals';
import { redactCredentials } from '../../src/calls/redact.js';
import { redactText, redactValue, redactWords } from '../../src/calls/redact-value.js';
import { isSecretName } from '../../src/calls/secret-names.js';
import { FORMS, Planter, SECRET_FIELDS } from '../support/secrets/planted-secrets.js';
import { shown } from '../support/secrets/search.js';

const WRAPPINGS: Readonly<Record<string, (text: string) => string>> = {
  'by itself': text => text,
  'in a sentence': text => `It is ${text} and nothing else.`,
  'on a line': text => `Here it is:\n${text}\nand more.`,
  'under a title that is a name as well': text => `My password:\n${text}\nand more.`,
  'as a member of JSON': text => JSON.stringify({ note: `first\n${text}\nlast` }),
  'as JSON inside of JSON': text => JSON.stringify({ note: JSON.stringify({ note: `first\n${text}\nlast` }) }),
  'as JSON in prose': text => `The answer is ${JSON.stringify({ note: `first\n${text}\nlast` })}, isn't it?`,
  'as JSON that is cut': text => JSON.stringify({ a: 1, note: `first\n${text}` }).slice(0, -2),
};

describe.each(Object.entries(WRAPPINGS))('%s', (_name, wrap) => {
  test.each(FORMS)('%s', form => {
    const planter = new Planter();
    const text = wrap(planter.one('', form));
    expect(shown(planter.secrets, { text })).not.toEqual([]);
    expect(shown(planter.secrets, { text: redactText(text, redactCredentials) })).toEqual([]);
    if (!text.startsWith('{')) expect(shown(planter.secrets, { text: redactCredentials(text) })).toEqual([]);
    expect(shown(planter.secrets, { text: JSON.stringify(redactValue([{ text }], redactCredentials)) })).toEqual([]);
  });
});

describe('fields by their names', () => {
  const structures: Readonly<Record<string, (name: string, value: string) => unknown>> = {
    member: (name, value) => ({ [name]: value }),
    'in a list': (name, value) => ({ [name]: [value, { deep: value }] }),
    'below a name': (name, value) => ({ [name]: { user: 'ada', value } }),
    'name and value': (name, value) => [{ name, value }],
    pairs: (name, value) => ({
      headers: [
        ['accept', 'text/plain'],
        [name, value],
      ],
    }),
    'default of a schema': (name, value) => ({ properties: { [name]: { type: 'string', default: value } } }),
  };
  test.each(Object.entries(structures))('%s', (_name, make) => {
    for (const name of SECRET_FIELDS) {
      const value = make(name, 'Plain words');
      const texts = [
        JSON.stringify(redactValue(value as never, redactCredentials)),
        redactText(JSON.stringify(value), redactCredentials),
        redactText(JSON.stringify(value, null, 2), redactCredentials),
        redactText(JSON.stringify({ inner: JSON.stringify(value) }), redactCredentials),
      ];
      for (const text of texts) expect([name, text]).toEqual([name, expect.not.stringContaining('Plain')]);
    }
  });

  test('numbers too, where they can be one', () => {
    const value = { password: 12_345_678, pin: { secret: [4711] }, max_tokens: 100, token: 5 };
    const clean = { password: '[REDACTED]', pin: { secret: ['[REDACTED]'] }, max_tokens: 100, token: 5 };
    expect(redactValue(value, redactCredentials)).toEqual(clean);
    expect(JSON.parse(redactText(JSON.stringify(value), redactCredentials))).toEqual(clean);
  });

  test('words of a command line', () => {
    expect(redactWords(['mysql', '--password', 'plain', '--user', 'ada', '--token=plain'], redactCredentials)).toEqual([
      ...['mysql', '--password', '[REDACTED]', '--user', 'ada', '--token=[REDACTED]'],
    ]);
  });

  test.each(['sort_key', 'primary_key', 'next_page_token', 'eos_token', 'max_tokens', 'monkey', 'tokenizer', 'author'])(
    '%s is none',
    name => expect(isSecretName(name)).toBe(false),
  );
});

describe('what is none stays byte for byte', () => {
  test.each([
    '{"city": "Paris",\n  "id": 12345678901234567890, "password_hint": true, "keys": [ 1,2 ]}',
    '{"type":"object","required":["api_key","query"],"properties":{"query":{"type":"string"}}}',
    '[["a","b"],["token count","12"]]',
    '{"cut": "a secret is no lo',
    'PWD=/home/ada OLDPWD=/tmp',
    'A token costs 0.0000025 dollars; price per token: 0.0000025',
    'He clicked <b>the token</b> and the --token flag. The key: to listen. Use --password only once.',
    'https://example.com/@someone/posts?sort_key=name&page=2#section',
    'ssh://git@github.com/team/repo.git and mailto:someone@example.com',
    'The cookie: it crumbled. Authorization was refused.',
    'next_page_token: abc, sort_key: name1234',
    'a:b@c and 10:30@noon',
  ])('%s', text => {
    expect(redactText(text, redactCredentials)).toBe(text);
    expect(redactCredentials(text)).toBe(text);
  });

  test('a schema keeps what it says of a field', () => {
    const tool = { name: 'login', parameters: { properties: { password: { type: 'string', description: 'of ada' } } } };
    expect(redactValue(tool, redactCredentials)).toEqual(tool);
    expect(redactText(JSON.stringify(tool), redactCredentials)).toBe(JSON.stringify(tool));
  });
});

test('is linear: a hostile text is read at once', () => {
  for (const piece of [
    ...['cookie:', 'api_key=', 'token=', '--token ', '\npassword:', 'authorization:'],
    ...['{"password":', '[[', '{"a":"', '"password":"', "password='\\", '--api-key ', '--a', 'cookie:a=', '<password>'],
    ...[
      'authorization: bearer ',
      '?a=',
      '?token',
      'api_key=',
      '://a1',
      '://:',
      'token:',
      '\\\\"',
      'pwd=',
      'pass =',
      '\\',
    ],
    ...['access-', '"authorization":"', 'eyJaaaaaaaa.', '<a', '--------', '-----BEGIN PRIVATE KEY-----'],
  ]) {
    const text = piece.repeat(Math.ceil(300_000 / piece.length));
    const before = performance.now();
    redactText(text, redactCredentials);
    redactText(`{"token":"${text}`, redactCredentials);
    const taken = performance.now() - before;
    if (taken > 3_000) throw new Error(`${piece}: ${taken} ms`);
  }
});
