/** Pods at random: what is true for each of them. A failing case is repeated by its seed, which its name holds. */
import { describe, expect, test } from '@jest/globals';
import { jsonPatch } from '../../src/operator/json-patch.js';
import type { Container, EnvVar, Pod } from '../../src/operator/kubernetes.js';
import { type Asked, admit, applied, instrumentation, pod } from '../support/pods.js';
import { seededRandom } from '../support/random.js';

const LANGUAGES = ['python', 'nodejs', 'java', 'dotnet', 'ruby', 'sdk', 'go'];
const NAMES = [
  'PYTHONPATH',
  'NODE_OPTIONS',
  'JAVA_TOOL_OPTIONS',
  'RUBYOPT',
  'DOTNET_STARTUP_HOOKS',
  'OTEL_SERVICE_NAME',
  'OTEL_RESOURCE_ATTRIBUTES',
  'OTEL_TRACES_SAMPLER',
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'OTEL_POD_IP',
  'A',
  'B',
];

function podOf(seed: number): { given: Pod; asked: Asked } {
  const random = seededRandom(seed);
  const chance = (share: number) => random() < share;
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const env = (): EnvVar[] =>
    NAMES.filter(() => chance(0.25)).map(name =>
      chance(0.15)
        ? { name, valueFrom: { fieldRef: { fieldPath: 'x' } } }
        : { name, value: pick(['', '/a:/b', 'a=b,', '$(A)', '-x y']) },
    );
  const container = (name: string): Container => ({
    name,
    image: pick(['app:1', 'app:1', 'unknown:2']),
    ...(chance(0.7) ? { env: env() } : {}),
    ...(chance(0.2) ? { envFrom: [{ configMapRef: { name: pick(['some', 'none', 'hidden']) } }] } : {}),
    ...(chance(0.2) ? { resources: { limits: { 'ephemeral-storage': pick(['10Mi', '1Gi']) } } } : {}),
    ...(chance(0.3) ? { volumeMounts: [{ name: 'data', mountPath: '/data' }] } : {}),
    ...(chance(0.2)
      ? {
          command: pick([
            ['python3', '-I', 'x.py'],
            ['node', 'x.js'],
            ['sh', '-c', 'x'],
          ]),
        }
      : {}),
  });
  const count = 1 + Math.floor(random() * 4);
  const containers = Array.from({ length: count }, (_, at) =>
    container(at === 0 && chance(0.2) ? 'istio-proxy' : `c${at}`),
  );
  const initContainers = chance(0.4) ? [container('i0'), container('i1')] : undefined;
  const everywhere = [...containers, ...(initContainers ?? [])].map(({ name }) => name);
  const annotations: Record<string, string> = {};
  for (const language of LANGUAGES) {
    const prefix = pick(['openlit.io/', 'instrumentation.opentelemetry.io/']);
    if (chance(0.35)) annotations[`${prefix}inject-${language}`] = pick(['true', 'true', 'default', 'gone']);
    if (chance(0.5))
      annotations[`${prefix}${language}-container-names`] = everywhere.filter(() => chance(0.5)).join(',');
  }
  if (chance(0.2)) annotations['openlit.io/instrument'] = 'true';
  if (chance(0.2)) annotations['resource.opentelemetry.io/a~b/c'] = 'x, y';
  const tls = chance(0.3) ? { tls: { secretName: 'a.b', cert: 'c' } } : {};
  return {
    given: pod(annotations, containers, {
      spec: {
        ...(initContainers ? { initContainers } : {}),
        ...(chance(0.3) ? { volumes: [{ name: 'data', emptyDir: {} }] } : {}),
      },
    }),
    asked: {
      resources: {
        instrumentations: [
          instrumentation({
            exporter: { endpoint: 'http://c:4318', ...tls },
            env: env(),
            resource: { addUids: chance(0.5) },
          }),
        ],
        configMaps: { some: ['PYTHONPATH', 'A'], none: null },
        secrets: { 'a.b': ['c'] },
      },
    },
  };
}

const SEEDS = Array.from({ length: 700 }, (_, seed) => seed);

describe('700 pods', () => {
  test('applied twice is as applied once, and nothing of ours fails', () => {
    let changed = 0;
    for (const seed of SEEDS) {
      const { given, asked } = podOf(seed);
      const first = admit(given, asked);
      expect([seed, first.codes.includes('internal')]).toEqual([seed, false]);
      if (first.patch === undefined) continue;
      changed += 1;
      expect([seed, admit(first.after, asked).patch]).toEqual([seed, undefined]);
      // Somebody who drops our mark does not make us add things twice.
      const { 'openlit.io/injected': _, ...annotations } = first.after.metadata!.annotations!;
      const unmarked = { ...first.after, metadata: { ...first.after.metadata, annotations } };
      const again = admit(unmarked, asked);
      expect([seed, again.after]).toEqual([seed, again.patch === undefined ? unmarked : first.after]);
    }
    // Otherwise the pods say nothing.
    expect(changed).toBeGreaterThan(150);
  });

  test('a pod is changed or somebody is told why not; a changed one has what an API server asks for', () => {
    for (const seed of SEEDS) {
      const { given, asked } = podOf(seed);
      const { patch, after, codes } = admit(given, asked);
      const wanted = Object.entries(given.metadata!.annotations!).some(
        ([name, value]) => /inject-|instrument$/.test(name) && value !== 'false',
      );
      if (wanted && patch === undefined) expect([seed, codes.length]).not.toEqual([seed, 0]);
      const once = (list: readonly string[]) => expect([seed, [...new Set(list)]]).toEqual([seed, list]);
      const added = (after.spec.initContainers ?? []).filter(({ name }) => name.startsWith('openlit'));
      once(added.map(({ name }) => name));
      once((after.spec.volumes ?? []).map(({ name }) => name));
      const volumes = new Set([...(after.spec.volumes ?? []).map(({ name }) => name), 'data']);
      for (const { volumeMounts = [] } of [...after.spec.containers, ...added]) {
        once(volumeMounts.map(({ mountPath }) => mountPath));
        for (const { name } of volumeMounts) expect([seed, volumes.has(name)]).toEqual([seed, true]);
      }
      for (const { name } of after.spec.volumes ?? []) expect(name).toMatch(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
    }
  });

  test('what a container had it keeps: its own words, its order, and its fields', () => {
    for (const seed of SEEDS) {
      const { given, asked } = podOf(seed);
      const { after } = admit(given, asked);
      for (const [at, before] of given.spec.containers.entries()) {
        const now = after.spec.containers[at]!;
        const { env: _e, volumeMounts: _v, ...fields } = before;
        expect(now).toMatchObject(fields);
        for (const { name, value, valueFrom } of before.env ?? []) {
          const kept = now.env!.find(one => one.name === name)!;
          if (valueFrom !== undefined) expect([seed, kept.valueFrom]).toEqual([seed, valueFrom]);
          else if (name !== 'OTEL_RESOURCE_ATTRIBUTES')
            expect([seed, name, kept.value]).toEqual([seed, name, expect.stringContaining(value!)]);
        }
      }
    }
  });
});

test('a patch makes one value of another, whatever they are', () => {
  const random = seededRandom(7);
  const value = (depth: number): unknown => {
    const kind = random();
    if (depth > 3 || kind < 0.3) return Math.floor(random() * 5);
    if (kind < 0.6) return Array.from({ length: Math.floor(random() * 4) }, () => value(depth + 1));
    const keys = ['a', 'b/c', 'd~e', 'name'].filter(() => random() < 0.6);
    return Object.fromEntries(keys.map(key => [key, value(depth + 1)]));
  };
  for (let at = 0; at < 3000; at++) {
    const [before, after] = [{ top: value(0) }, { top: value(0) }];
    expect(applied(before, jsonPatch(before, after))).toEqual(after);
  }
});
