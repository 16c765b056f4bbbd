/** Workloads of Kubernetes against an API server of the test's own: the calls it gets, and what becomes of its answers. */
import { describe, expect, test } from '@jest/globals';
import { ApiError, type KubernetesClient } from '../../src/kubernetes/client.js';
import { createKubernetesTarget } from '../../src/targets/kubernetes/kubernetes.js';
import { createNodePods } from '../../src/targets/kubernetes/node-pods.js';
import { ownerOf } from '../../src/targets/kubernetes/owner.js';
import { restingClient } from '../../src/targets/kubernetes/resting-client.js';
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
  let own: Record<string, string> = {};
  const asked: string[] = [];
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
        annotations: own,
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
      asked.push(path);
      if (path === PATH) return read() as T;
      if (path === WEBHOOKS) return { items: operator ? [{ webhooks: [{ name: 'pods.openlit.io' }] }] : [] } as T;
      if (path.includes('/pods?')) return { items: [] } as T;
      throw new ApiError(404, 'not found');
    },
    async apply<T>(_path: string, body: object) {
      onApply?.();
      applied.push(body);
      const { spec: written, metadata: named } = body as Partial<Workload>;
      ours = written?.template.metadata?.annotations ?? {};
      own = named?.annotations ?? {};
      return read() as T;
    },
    async *lines() {},
    close() {},
  };
  return { applied, asked, target: createKubernetesTarget({ client, patience: 200, interval: 1 }) };
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

describe('two containers of one Deployment', () => {
  const [app, helper] = ['k8s:shop:web:app', 'k8s:shop:web:helper'];
  const annotations = (names: string) => ({
    'openlit.io/instrument': 'true',
    'openlit.io/container-names': names,
  });

  test('asked for at once, both are named; taken back one by one, the other one stays', async () => {
    const { applied, target } = server();
    const results = await Promise.all([target.act(app, 'inject'), target.act(helper, 'inject')]);
    expect(results.map(({ outcome }) => outcome)).toEqual(['done', 'done']);
    expect(applied.at(-1)).toMatchObject({
      spec: { template: { metadata: { annotations: annotations('app,helper') } } },
    });
    await target.act(app, 'undo');
    const [first, second] = await target.look([app, helper]);
    expect(first).not.toHaveProperty('injected');
    expect(second).toMatchObject({ injected: second!.injection });
    await target.act(helper, 'undo');
    expect(applied.at(-1)).not.toHaveProperty('spec');
  });
});

test('what is taken back because it got worse is not put in by the agents of other nodes', async () => {
  const { target } = server();
  await target.act(KEY, 'inject');
  await target.act(KEY, 'undo', { rollback: 'web-1 got into trouble (crash-loop) after the change' });
  const [seen] = await target.look([KEY]);
  expect(seen!.can.inject).toEqual({
    possible: false,
    because: expect.stringContaining('web-1 got into trouble (crash-loop)'),
    fix: `kubectl annotate deployment web -n shop openlit.io/taken-back- && openlit-instrument agent recover ${KEY}`,
  });
  // A person by hand: applying again removes the note.
  await target.act(KEY, 'inject');
  expect((await target.look([KEY]))[0]!.can.inject).toEqual({ possible: true });
});

test('somebody else’s annotation is adopted; its pods carry nothing of ours', async () => {
  const template = { metadata: { annotations: { 'openlit.io/instrument': 'true' } } };
  const { target } = server({ spec: { template } });
  const [seen] = await target.look([KEY]);
  expect(seen).toMatchObject({ conflict: { by: 'openlit-instrument' } });
  expect(seen).not.toHaveProperty('injected');
});

test('of what nobody asks for, the API server is asked once a minute', async () => {
  const { asked, target } = server();
  await target.look([KEY], new Set([KEY]));
  const once = asked.length;
  await target.look([KEY], new Set());
  expect(asked).toHaveLength(once);
  await target.look([KEY], new Set([KEY]));
  expect(asked.length).toBeGreaterThan(once);
});

const POD = { name: 'web-7c9d8f6b5-x2x4z', namespace: 'shop', uid: 'u-1' };
const controller = (kind: string, name: string) => ({ ownerReferences: [{ kind, name, controller: true }] });

test.each([
  [
    'a Deployment',
    { ...controller('ReplicaSet', 'web-7c9d8f6b5'), labels: { 'pod-template-hash': '7c9d8f6b5' } },
    'Deployment web',
  ],
  [
    'a Rollout of Argo',
    { ...controller('ReplicaSet', 'web-7c'), labels: { 'rollouts-pod-template-hash': '7c' } },
    'Rollout web',
  ],
  ['a bare ReplicaSet', controller('ReplicaSet', 'web'), 'ReplicaSet web'],
  ['a StatefulSet', controller('StatefulSet', 'db'), 'StatefulSet db'],
  ['a Job', controller('Job', 'import'), 'Job import'],
  ['a CronJob', controller('Job', 'nightly-29012345'), 'CronJob nightly'],
  ['nobody', {}, `Pod ${POD.name}`],
])('the owner of a pod of %s', (_of, metadata, expected) => {
  const { kind, name } = ownerOf({ name: POD.name, ...metadata });
  expect(`${kind} ${name}`).toBe(expected);
});

describe('the pods of this node', () => {
  const ID = 'a'.repeat(64);
  const pod = (container: string, more: object = controller('StatefulSet', 'db')) => ({
    metadata: { ...POD, ...more },
    spec: { nodeName: 'node-7' },
    status: { containerStatuses: [{ name: 'app', containerID: `containerd://${container}` }] },
  });
  function cluster(pods: () => object[]) {
    const asked: string[] = [];
    let clock = 0;
    const client = {
      async request(path: string) {
        asked.push(decodeURIComponent(path));
        const selector = new URLSearchParams(path.split('?')[1]).get('fieldSelector');
        return { items: selector === null || selector.endsWith('=node-7') ? pods() : [] };
      },
    } as unknown as KubernetesClient;
    const found = createNodePods({ client, node: 'a-host-name', now: () => clock });
    return { asked, pods: found, later: (ms: number) => (clock += ms) };
  }

  test('a node that is called otherwise is found once, by one of its pods', async () => {
    const { asked, pods } = cluster(() => [pod(ID)]);
    const place = { container: ID, podUid: POD.uid };
    expect(await pods.keysOf([place])).toEqual(new Map([[ID, 'k8s:shop:db:app']]));
    expect(pods.ownerOf('k8s:shop:db:app')).toEqual({ kind: 'StatefulSet', name: 'db' });
    const before = asked.length;
    await pods.keysOf([place]);
    expect(asked).toHaveLength(before);
    await pods.keysOf([place, { container: 'b'.repeat(64), podUid: 'u-2' }]);
    expect(asked.slice(before)).toEqual([expect.stringContaining('spec.nodeName=node-7')]);
  });

  test('a container whose status is not there yet is asked for again, later and later', async () => {
    let there: object[] = [];
    const { asked, pods, later } = cluster(() => there);
    const place = { container: ID, podUid: POD.uid };
    expect(await pods.keysOf([place])).toEqual(new Map());
    const first = asked.length;
    await pods.keysOf([place]);
    expect(asked).toHaveLength(first);
    there = [pod(ID)];
    later(2_000);
    expect((await pods.keysOf([place])).get(ID)).toBe('k8s:shop:db:app');
  });
});

test('G6 while the API server is away, looks fail at once, and it is asked later and later', async () => {
  let [clock, asked, away] = [0, 0, true];
  const client = {
    async request() {
      asked++;
      if (away) throw new ApiError(0, 'connect ECONNREFUSED');
      return {};
    },
  } as unknown as KubernetesClient;
  const looking = restingClient(client, () => clock);
  for (; clock < 600_000; clock += 1_000) await expect(looking.request('/')).rejects.toThrow('ECONNREFUSED');
  expect(asked).toBeGreaterThan(10);
  expect(asked).toBeLessThan(20);
  away = false;
  clock += 60_000;
  await expect(looking.request('/')).resolves.toEqual({});
});
