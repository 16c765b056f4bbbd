/** Workloads of Kubernetes against an API server of the test's own: the calls it gets, and what becomes of its answers. */
import { describe, expect, test } from '@jest/globals';
import { ApiError, type KubernetesClient } from '../../src/kubernetes/client.js';
import { createKubernetesTarget } from '../../src/targets/kubernetes/kubernetes.js';
import type { Workload } from '../../src/targets/kubernetes/workload.js';

const KEY = 'k8s:shop:web:default';
const PATH = '/apis/apps/v1/namespaces/shop/deployments/web';
const WEBHOOKS = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';

interface Options {
  readonly spec?: object;
  readonly metadata?: object;
  readonly operator?: boolean;
  /** The answer to an apply; the default writes it. */
  readonly onApply?: () => void;
  /** Conditions once the hook is in it. */
  readonly hooked?: object;
}

/** Keeps fields of its managers as the real one does, for the annotations of one Deployment. */
function server({ spec = {}, metadata = {}, operator = true, onApply, hooked = {} }: Options = {}) {
  const applied: object[] = [];
  let ours: Record<string, string> = {};
  const read = (): Workload => {
    const count = 2;
    const status = { observedGeneration: 1, replicas: count, updatedReplicas: count, availableReplicas: count };
    const isHooked = Object.keys(ours).length > 0;
    return {
      metadata: {
        name: 'web',
        namespace: 'shop',
        uid: 'u1',
        generation: 1,
        managedFields: isHooked ? [{ manager: 'openlit-instrument', fieldsV1: { 'f:openlit.io/instrument': {} } }] : [],
        ...metadata,
      },
      spec: {
        replicas: count,
        selector: { matchLabels: { app: 'web' } },
        template: { metadata: { annotations: ours } },
        ...spec,
      },
      status: isHooked ? { ...status, ...hooked } : status,
    };
  };
  const client: KubernetesClient = {
    async request<T>(path: string) {
      if (path === PATH) return read() as T;
      if (path === WEBHOOKS) return { items: operator ? [{ webhooks: [{ name: 'pods.openlit.io' }] }] : [] } as T;
      if (path.includes('/pods?')) return { items: [] } as T;
      throw new ApiError(404, 'not found');
    },
    async apply<T>(_path: string, body: object) {
      onApply?.();
      applied.push(body);
      ours = (body as { spec?: Workload['spec'] }).spec?.template.metadata?.annotations ?? {};
      return read() as T;
    },
    async *lines() {},
    close() {},
  };
  return { applied, target: createKubernetesTarget({ client, patience: 200, interval: 1 }) };
}

describe('a Deployment', () => {
  test('server-side apply puts the annotation in, and applying nothing takes it back', async () => {
    const { applied, target } = server();
    expect(await target.plan(KEY, 'inject')).toMatchObject({
      possible: true,
      changes: [{ what: 'deployment shop/web', after: expect.stringContaining('openlit.io/instrument: "true"') }],
    });
    expect(applied).toEqual([]);
    expect(await target.act(KEY, 'inject')).toEqual({ outcome: 'done', restarted: true });
    expect(await target.act(KEY, 'inject')).toEqual({ outcome: 'done', restarted: false });
    expect(await target.act(KEY, 'undo')).toEqual({ outcome: 'done', restarted: true });
    const object = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace: 'shop' } };
    const template = { metadata: { annotations: { 'openlit.io/instrument': 'true' } } };
    expect(applied).toEqual([{ ...object, spec: { template } }, object]);
  });

  test('G1 a 409 is its owner’s word: one try, no force, and the way by the namespace', async () => {
    const conflict =
      'Apply failed with 1 conflict: conflict with "argocd-controller": .spec.template.metadata.annotations';
    let tries = 0;
    const { target } = server({
      onApply() {
        tries++;
        throw new ApiError(409, conflict);
      },
    });
    expect(await target.act(KEY, 'inject')).toMatchObject({
      outcome: 'failed',
      permanent: true,
      restarted: false,
      owner: 'argocd-controller',
      reason: expect.stringContaining('or on the namespace'),
    });
    expect(tries).toBe(1);
  });

  test('a rollout that comes to no end is taken back', async () => {
    const conditions = [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }];
    const { applied, target } = server({ hooked: { availableReplicas: 1, conditions } });
    expect(await target.act(KEY, 'inject')).toMatchObject({ outcome: 'failed', restarted: true, permanent: true });
    expect(applied).toHaveLength(2);
    expect((await target.look([KEY]))[0]).not.toHaveProperty('injected');
  });

  test.each<[string, Options, RegExp]>([
    ['OnDelete', { spec: { updateStrategy: { type: 'OnDelete' } } }, /only when somebody deletes them/],
    [
      'of an owner',
      { metadata: { ownerReferences: [{ kind: 'Rollout', name: 'web', controller: true }] } },
      /Rollout web owns it/,
    ],
    ['without an operator', { operator: false }, /the operator, .*, is not in this cluster/],
  ])('G5 %s: refused, and nothing is written', async (_name, options, words) => {
    const { applied, target } = server(options);
    expect(await target.plan(KEY, 'inject')).toMatchObject({ possible: false, because: expect.stringMatching(words) });
    expect(await target.act(KEY, 'inject')).toMatchObject({ outcome: 'failed', permanent: true });
    expect(applied).toEqual([]);
  });

  test.each(['pod/web', 'rs/web', 'job/web'])('G5 %s: refused with the line to type', async name => {
    const { target } = server();
    const refused = await target.plan(`k8s:shop:${name}:default`, 'inject');
    expect(refused).toMatchObject({ possible: false, fix: expect.stringContaining('kubectl annotate namespace') });
  });
});
