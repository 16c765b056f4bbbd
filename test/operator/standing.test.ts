/** Which pods are as their resource says now (K18, K19, K20). */
import { expect, test } from '@jest/globals';
import type { Instrumentation } from '../../src/operator/facts.js';
import { seenPod, standings } from '../../src/operator/standing.js';
import { admit, instrumentation, pod, SETTINGS } from '../support/pods.js';

const resource = (generation: number, spec = {}): Instrumentation => ({ ...instrumentation(spec), generation });
const ASKS = { 'openlit.io/inject-python': 'true' };

/** A pod as the API server has it after its admission by this resource. */
function admitted(by: Instrumentation, settings = {}, annotations: Record<string, string> = ASKS) {
  const { after } = admit(pod(annotations), { resources: { instrumentations: [by] }, settings });
  return seen(after);
}
let number = 0;
function seen(given: object, metadata: object = {}, status = {}) {
  number += 1;
  const { metadata: before, spec } = given as { metadata: object; spec: never };
  return seenPod({
    metadata: { ...before, namespace: 'shop', name: `p${number}`, uid: `u${number}`, ...metadata },
    spec,
    status,
  } as never);
}

function standing(
  pods: ReturnType<typeof seenPod>[],
  all: Instrumentation[],
  more: { namespaces?: object; settings?: object } = {},
) {
  const namespaces = (more.namespaces ?? {}) as Record<string, Record<string, string>>;
  const found = standings(pods, all, name => namespaces[name], { ...SETTINGS, ...more.settings });
  return Object.fromEntries(
    [...found].map(([key, { observed, old, waiting }]) => [key, [observed.length, old.length, waiting.length]]),
  );
}

test('observed by the resource as it is, as it was, not at all', () => {
  const pods = [admitted(resource(2)), admitted(resource(1)), seen(pod(ASKS)), seen(pod({}))];
  expect(standing(pods, [resource(2)])).toEqual({ 'shop/default': [1, 1, 1] });
});

test('pods that have ended, or are about to, do not count', () => {
  const pods = [
    seen(pod(ASKS), { deletionTimestamp: '2026-01-01T00:00:00Z' }),
    seen(pod(ASKS), {}, { phase: 'Succeeded' }),
    seen(pod(ASKS), {}, { phase: 'Failed' }),
  ];
  expect(standing(pods, [resource(1)])).toEqual({ 'shop/default': [0, 0, 0] });
});

test("a namespace's word counts for its pods; excluded ones never", () => {
  const namespaces = { shop: { 'openlit.io/instrument': 'true' } };
  const pods = [
    seen(pod({})),
    seen(pod({ 'openlit.io/instrument': 'false' })),
    seen(pod({}), { namespace: 'kube-system' }),
  ];
  expect(standing(pods, [resource(1)], { namespaces })).toEqual({ 'shop/default': [0, 0, 1] });
});

test('of two resources each has its own pods', () => {
  const other = { ...instrumentation({}, 'other'), generation: 1 };
  const pods = [
    seen(pod({ 'openlit.io/inject-python': 'other' })),
    admitted(other, {}, { 'openlit.io/inject-python': 'other' }),
  ];
  expect(standing(pods, [resource(1), other])).toEqual({ 'shop/default': [0, 0, 0], 'shop/other': [1, 0, 1] });
});

test('K20 the image of a new release makes pods old; one that the resource chose does not', () => {
  const chosen = resource(1, { languages: { python: { image: 'mine:1' } } });
  const images = { ...SETTINGS.images, own: 'own:2' };
  expect(standing([admitted(resource(1))], [resource(1)], { settings: { images } })).toEqual({
    'shop/default': [0, 1, 0],
  });
  expect(standing([admitted(chosen)], [chosen], { settings: { images } })).toEqual({ 'shop/default': [1, 0, 0] });
  const java = admitted(resource(1), {}, { 'openlit.io/inject-java': 'true' });
  expect(standing([java], [resource(1)])).toEqual({ 'shop/default': [1, 0, 0] });
  const newer = { images: { ...SETTINGS.images, java: 'java:2' } };
  expect(standing([java], [resource(1)], { settings: newer })).toEqual({ 'shop/default': [0, 1, 0] });
});
