/** What of the program's variables our own Node must not act on, and what it keeps. Pure. */
import { describe, expect, test } from '@jest/globals';
import { hasInspector, hasPreloads, setAside } from '../../../src/machine/exec/own-node.js';

describe('set aside', () => {
  test.each<[string, NodeJS.ProcessEnv]>([
    ['an inspector', { NODE_OPTIONS: '--inspect=127.0.0.1:9229' }],
    ['a preload', { NODE_OPTIONS: '--require "/a b/hook.cjs"' }],
    ['coverage', { NODE_V8_COVERAGE: '/tmp/c' }],
    ['debug lines', { NODE_DEBUG: 'net,http' }],
    ['a file of warnings', { NODE_REDIRECT_WARNINGS: '/tmp/w' }],
  ])('%s', (_name, env) => {
    expect(setAside({ PATH: '/bin', ...env })).toEqual({ aside: env, kept: {} });
  });

  test.each<[string, NodeJS.ProcessEnv]>([
    ['nothing is set', { PATH: '/bin' }],
    ['an empty value sets nothing', { NODE_OPTIONS: '', NODE_V8_COVERAGE: '' }],
    [
      'whom we trust',
      { NODE_EXTRA_CA_CERTS: '/ca.pem', NODE_TLS_REJECT_UNAUTHORIZED: '0', NODE_OPTIONS: '--use-openssl-ca' },
    ],
    ['a value in a word of its own', { NODE_OPTIONS: ' --dns-result-order ipv4first ' }],
  ])('not: %s', (_name, env) => {
    expect(setAside(env)).toEqual({ aside: {}, kept: {} });
  });

  test('what reaches the network stays, the rest goes; the program gets all of it', () => {
    const options =
      '--inspect --use-system-ca --require "/a b/--use-bundled-ca.cjs" --tls-min-v1.2 --dns-result-order ipv4first -r x';
    expect(setAside({ NODE_OPTIONS: options })).toEqual({
      aside: { NODE_OPTIONS: options },
      kept: { NODE_OPTIONS: '--use-system-ca --tls-min-v1.2 --dns-result-order ipv4first' },
    });
  });
});

test.each<[string, boolean]>([
  ['--require /x.cjs', true],
  ['-r /x.cjs', true],
  ['--import=./x.mjs', true],
  ['--experimental-loader x', true],
  ['--title="a --require b"', false],
  ['--inspect', false],
])('preloads of %s: %s', (options, expected) => {
  expect(hasPreloads({ NODE_OPTIONS: options })).toBe(expected);
});

test('an inspector, by NODE_OPTIONS or by our own words', () => {
  expect(hasInspector({ NODE_OPTIONS: '--inspect-brk' }, [])).toBe(true);
  expect(hasInspector({}, ['--inspect'])).toBe(true);
  expect(hasInspector({ NODE_OPTIONS: '--enable-source-maps' }, [])).toBe(false);
});
