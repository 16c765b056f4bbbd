/** AdmissionReviews: what is answered, and that it is always yes. */
import { describe, expect, test } from '@jest/globals';
import type { Pod } from '../../../src/operator/kubernetes.js';
import { type Admitted, answerReview } from '../../../src/runs/operator/admission.js';
import { applied, instrumentation, NAMESPACE, OWNER, pod, resources, SETTINGS } from '../../support/pods.js';

const PYTHON = { 'openlit.io/inject-python': 'true' };

const review = (object: Pod, more: object = {}) => ({
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  request: { uid: 'u1', kind: { kind: 'Pod' }, operation: 'CREATE', namespace: 'shop', object, ...more },
});

const FACTS = {
  namespace: async () => NAMESPACE,
  owner: async () => OWNER,
  resources: async () => resources(),
};

async function answer(given: unknown, facts: Partial<typeof FACTS> = {}, patience = 1_000) {
  const admitted: Admitted[] = [];
  const { response } = await answerReview(given, {
    facts: { ...FACTS, ...facts },
    settings: SETTINGS,
    admitted: what => admitted.push(what),
    patience,
  });
  const patch = response.patch === undefined ? undefined : JSON.parse(Buffer.from(response.patch, 'base64').toString());
  return { response, patch, admitted: admitted[0]! };
}

test('a pod that asks is changed, by a patch that fits it', async () => {
  const given = pod(PYTHON);
  const { response, patch, admitted } = await answer(review(given));
  expect(response).toMatchObject({ uid: 'u1', allowed: true, patchType: 'JSONPatch' });
  const after = applied(given, patch) as Pod;
  expect(after.spec.containers[0]!.env!.find(({ name }) => name === 'PYTHONPATH')!.value).toBe(
    '/openlit-instrument/python',
  );
  expect(admitted).toMatchObject({ result: 'changed', namespace: 'shop', owner: OWNER, dryRun: false });
});

test('a pod that asks for nothing is not looked up', async () => {
  const refuse = async () => {
    throw new Error('asked');
  };
  const { response, admitted } = await answer(review(pod({})), { owner: refuse, resources: refuse });
  expect(response).toEqual({ uid: 'u1', allowed: true });
  expect(admitted.result).toBe('not-asked');
});

test('why nothing is done is a warning of at most what the API server lets through', async () => {
  const name = 'x'.repeat(400);
  const { response, admitted } = await answer(review(pod({ 'openlit.io/inject-python': name })));
  expect(response.allowed).toBe(true);
  expect(response.patch).toBeUndefined();
  expect(response.warnings).toHaveLength(1);
  expect(response.warnings![0]!.length).toBeLessThanOrEqual(256);
  expect(response.warnings![0]).toMatch(/^openlit-instrument: python: there is no OpenlitInstrumentation xxx/);
  expect(admitted.result).toBe('left');
});

test('no warning and no event holds a credential, whatever a resource says', async () => {
  const spec = { exporter: { endpoint: 'http://me:hunter2-hunter2@c:4318', tls: { ca: '/ca' } } };
  const { response, admitted } = await answer(review(pod(PYTHON)), {
    resources: async () => resources({ instrumentations: [instrumentation(spec)] }),
  });
  expect(response.warnings).toHaveLength(1);
  expect(response.warnings![0]).toContain('is not https');
  expect(JSON.stringify([response.warnings, admitted.reasons])).not.toContain('hunter2');
});

test('the second call for one pod is silent', async () => {
  const given = pod(PYTHON);
  const { patch } = await answer(review(given));
  const again = await answer(review(applied(given, patch) as Pod));
  expect(again.response).toEqual({ uid: 'u1', allowed: true });
});

describe('whatever happens, the pod is admitted', () => {
  test('facts that cannot be had', async () => {
    const { response, admitted } = await answer(review(pod(PYTHON)), {
      resources: () => Promise.reject(new Error('the API server is away')),
    });
    expect(response.allowed).toBe(true);
    expect(response.warnings).toEqual(['openlit-instrument: nothing is added: the API server is away']);
    expect(admitted.result).toBe('failed');
  });

  test('facts that come too late', async () => {
    const started = performance.now();
    const never = () => new Promise<never>(() => {});
    const { response, admitted } = await answer(review(pod(PYTHON)), { owner: never }, 50);
    expect(response.allowed).toBe(true);
    expect(response.warnings![0]).toContain('in time');
    expect(admitted.result).toBe('late');
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  test.each([
    ['nothing', null],
    ['no request', {}],
    ['another kind', review(pod(PYTHON), { kind: { kind: 'Service' } })],
    ['another operation', review(pod(PYTHON), { operation: 'UPDATE' })],
    ['no object', review(pod(PYTHON), { object: null })],
    ['an object that is no pod', review({} as Pod)],
  ])('a review of %s', async (_, given) => {
    const { response } = await answer(given);
    expect(response.allowed).toBe(true);
    expect(response.patch).toBeUndefined();
  });
});
