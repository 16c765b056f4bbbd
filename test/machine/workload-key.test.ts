/** One name for what runs, equal after a restart and different for another workload. */
import { describe, expect, test } from '@jest/globals';
import { type WorkloadFacts, workloadKey } from '../../src/machine/workload-key.js';

const ID = '4f0123456789abcd'.repeat(4);
const UID = '0a1b2c3d-0000-1111-2222-333344445555';
const POD = { container: ID, podUid: UID };
const env = (values: Record<string, string>) => new Map(Object.entries(values));
const keyOf = (facts: Partial<WorkloadFacts>) => workloadKey({ placement: {}, name: 'app', ...facts });

describe('Kubernetes', () => {
  const api = { KUBERNETES_SERVICE_HOST: '10.0.0.1', POD_NAMESPACE: 'shop', HOSTNAME: 'web-7c9d8f6b5-x2x4z' };

  test('a pod of a Deployment: its replicas and its next pods have one key', () => {
    const first = keyOf({ placement: POD, environment: env({ ...api, CONTAINER_NAME: 'app' }) });
    expect(first).toBe('k8s:shop:web:app');
    const next = env({ ...api, HOSTNAME: 'web-6bd4f7c9d-q8wwl', CONTAINER_NAME: 'app' });
    expect(keyOf({ placement: { container: `1${ID.slice(1)}`, podUid: `1${UID.slice(1)}` }, environment: next })).toBe(
      first,
    );
  });

  test.each<[string, Partial<WorkloadFacts>, string]>([
    [
      'what the API server says wins',
      { placement: POD, environment: env(api), known: { namespace: 'prod', deployment: 'api', container: 'c' } },
      'k8s:prod:api:c',
    ],
    [
      'a pod that stands alone keeps its name',
      { placement: POD, environment: env({ POD_NAME: 'batch', POD_NAMESPACE: 'n' }) },
      `k8s:n:batch:${ID.slice(0, 12)}`,
    ],
    [
      'a StatefulSet',
      { placement: POD, environment: env({ POD_NAME: 'db-0', POD_NAMESPACE: 'n' }) },
      `k8s:n:db-0:${ID.slice(0, 12)}`,
    ],
    ['only the uid', { placement: POD }, `k8s:default:${UID}:${ID.slice(0, 12)}`],
    ['a cgroup namespace that hides everything', { environment: env(api) }, 'k8s:shop:web:default'],
  ])('%s', (_name, facts, key) => {
    expect(keyOf(facts)).toBe(key);
  });
});

test('a container: by the name that its engine knows, else by its id', () => {
  expect(keyOf({ placement: { container: ID }, known: { container: 'shop' } })).toBe('docker:shop');
  expect(keyOf({ placement: { container: ID } })).toBe(`docker:${ID}`);
});

test('a systemd unit', () => {
  const placement = { systemdUnit: 'web@8080.service', systemdScope: 'system' } as const;
  expect(keyOf({ placement, executable: '/usr/bin/python3' })).toBe('linux:systemd:web@8080.service');
});

describe('a program of the machine itself', () => {
  const program = { executable: '/usr/bin/python3', commandLine: ['python3', 'app.py', '--port', '80'] };

  test('the same program has the same key, and it is short', () => {
    expect(keyOf(program)).toMatch(/^linux:exe:[0-9a-f]{6}$/);
    expect(keyOf({ ...program, environment: env({ OTEL_SERVICE_NAME: 'other' }) })).toBe(keyOf(program));
  });

  test('other words, another workload', () => {
    expect(keyOf({ ...program, commandLine: ['python3', 'app.py', '--port', '81'] })).not.toBe(keyOf(program));
  });

  test('where the executable may not be read, its name', () => {
    expect(keyOf({ name: 'ollama' })).toBe('linux:proc:ollama');
  });
});

test('no part can be taken for two', () => {
  expect(keyOf({ placement: { container: ID }, known: { container: 'a:b' } })).toBe('docker:a_b');
});
