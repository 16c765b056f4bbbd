import { describe, expect, test } from '@jest/globals';
import { connectedProviders, parseHostsFile } from '../../src/discovery/connections.js';
import { credentialNames } from '../../src/discovery/credentials.js';
import type { RuntimeName } from '../../src/machine/runtimes.js';
import { detectInstrumentation } from '../../src/plan/instrumented.js';

const providerOf = (host: string) => ({ 'api.openai.com': 'openai', 'api.anthropic.com': 'anthropic' })[host];

describe('providers behind addresses', () => {
  test('a hosts table names them', () => {
    const hosts = parseHostsFile('127.0.0.1 localhost\n10.1.2.3 proxy API.OPENAI.COM # ours\nbroken\n', providerOf);
    expect([...hosts]).toEqual([['10.1.2.3', 'api.openai.com']]);
  });

  const book = {
    dns: new Map([['203.0.113.7', 'api.anthropic.com']]),
    providerOf,
    listener: (port: number) => (port === 8000 ? 'vllm' : undefined),
  };

  test.each([
    ['dns', { address: '203.0.113.7', port: 443 }, ['anthropic', 'dns']],
    ['the program behind a loopback port', { address: '127.0.0.1', port: 8000 }, ['vllm', 'listener']],
    ['a well-known port', { address: '127.0.0.1', port: 11434 }, ['ollama', 'port']],
  ])('%s', (_name, peer, [name, evidence]) => {
    expect(connectedProviders(process.pid, [peer], book)).toMatchObject([{ name, evidence }]);
  });

  test('an unknown address is nobody', () => {
    const peers = [
      { address: '198.51.100.1', port: 443 },
      { address: '127.0.0.1', port: 5432 },
    ];
    expect(connectedProviders(process.pid, peers, book)).toEqual([]);
  });
});

test('credentials are names, never values, and only when they are set', () => {
  const environment = new Map([
    ['OPENAI_API_KEY', 'sk-planted'],
    ['ANTHROPIC_API_KEY', ''],
    ['PATH', '/bin'],
  ]);
  expect(credentialNames(environment)).toEqual(['OPENAI_API_KEY']);
});

describe('who observes already', () => {
  test.each<[RuntimeName, string, string, string]>([
    ['node', 'NODE_OPTIONS', '--require "/x/dist/bootstrap/node/hook.cjs"', 'openlit-instrument'],
    ['node', 'NODE_OPTIONS', '--require @opentelemetry/auto-instrumentations-node/register', 'opentelemetry'],
    ['python', 'PYTHONPATH', '/v/site-packages/opentelemetry/instrumentation/auto_instrumentation', 'opentelemetry'],
    ['python', 'PYTHONPATH', '/v/site-packages/openlit/cli/bootstrap', 'openlit'],
  ])('%s %s=%s', (runtime, variable, value, by) => {
    expect(detectInstrumentation(new Map([[variable, value]]), runtime)).toEqual({ by, evidence: variable });
  });

  test("the operator's hooks in a pod", () => {
    const environment = new Map([
      ['PYTHONPATH', '/openlit-instrument/python:/app'],
      ['NODE_OPTIONS', '--require "/openlit-instrument/node/hook.cjs" --no-warnings'],
    ]);
    expect(detectInstrumentation(environment, 'python')?.evidence).toBe('PYTHONPATH');
    expect(detectInstrumentation(environment, 'node')?.evidence).toBe('NODE_OPTIONS');
    expect(
      detectInstrumentation(new Map([['PYTHONPATH', '/srv/openlit-instrument/python2']]), 'python'),
    ).toBeUndefined();
  });

  test('an inherited variable of another runtime says nothing', () => {
    const environment = new Map([['NODE_OPTIONS', '--require "/x/dist/bootstrap/node/hook.cjs"']]);
    expect(detectInstrumentation(environment, 'python')).toBeUndefined();
  });
});
