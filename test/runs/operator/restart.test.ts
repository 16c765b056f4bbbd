/** Restarts: only what is healthy, one at a time, once for each state of the resource. */
import { beforeEach, expect, test } from '@jest/globals';
import { ApiError, type KubernetesClient } from '../../../src/kubernetes/client.js';
import { restartOnce } from '../../../src/runs/operator/restart.js';
import type { WorkloadStanding } from '../../../src/runs/operator/status.js';
import { SETTINGS } from '../../support/pods.js';

const RESOURCE = { namespace: 'shop', name: 'default', generation: 4, spec: {}, restart: 'WhenChanged' as const };
const READY = { observedGeneration: 1, replicas: 1, updatedReplicas: 1, availableReplicas: 1 };

let objects: Record<string, { metadata: object; spec: Record<string, unknown>; status: object }>;
let applied: { path: string; body: { spec: { template: { metadata: { annotations: Record<string, string> } } } } }[];
let refuse: ApiError | undefined;

const client = {
  async request(path: string) {
    const found = objects[path.split('/').at(-1)!];
    if (found === undefined) throw new ApiError(404, 'not found');
    return found;
  },
  async apply(path: string, body: never) {
    if (refuse !== undefined) throw refuse;
    applied.push({ path, body });
  },
} as unknown as KubernetesClient;

beforeEach(() => {
  objects = { a: deployment(), b: deployment() };
  applied = [];
  refuse = undefined;
});

function deployment(spec: object = {}, status: object = READY) {
  return { metadata: { generation: 1 }, spec: { replicas: 1, template: {}, ...spec }, status };
}
const workload = (name: string, more: Partial<WorkloadStanding> = {}): WorkloadStanding => ({
  namespace: 'shop',
  kind: 'Deployment',
  name,
  pods: 1,
  state: 'Old',
  reasons: [],
  ...more,
});
const restart = (...workloads: WorkloadStanding[]) => restartOnce(client, RESOURCE, SETTINGS, workloads);

test('the first one, and no other before it is done', async () => {
  expect(await restart(workload('a'), workload('b'))).toMatchObject({ active: true, reason: 'Started' });
  expect(applied.map(({ path }) => path)).toEqual(['/apis/apps/v1/namespaces/shop/deployments/a']);
  objects['a'] = deployment({}, { ...READY, availableReplicas: 0 });
  expect(await restart(workload('a'), workload('b'))).toMatchObject({ active: true, reason: 'Waiting' });
  expect(applied).toHaveLength(1);
});

test('once for each state: pods that are old still are not restarted again', async () => {
  await restart(workload('a'));
  const { annotations } = applied[0]!.body.spec.template.metadata;
  expect(Object.keys(annotations)).toEqual(['openlit.io/restarted-for']);
  objects['a'] = deployment({ template: { metadata: { annotations } } });
  expect(await restart(workload('a'))).toMatchObject({ active: false, reason: 'Refused' });
  expect(applied).toHaveLength(1);
  // The next state of it is another one.
  await restartOnce(client, { ...RESOURCE, generation: 5 }, SETTINGS, [workload('a')]);
  expect(applied).toHaveLength(2);
});

test.each([
  ['paused', deployment({ paused: true }), 'is paused'],
  ['updated by hand', deployment({ updateStrategy: { type: 'OnDelete' } }), 'is updated when its pods are deleted'],
])('one that is %s is left alone, and the next one has its turn', async (_, object, why) => {
  objects['a'] = object;
  expect(await restart(workload('a'))).toMatchObject({ active: false, message: expect.stringContaining(why) });
  expect(await restart(workload('a'), workload('b'))).toMatchObject({ reason: 'Started' });
  expect(applied).toHaveLength(1);
});

test.each([
  ['not seen by its controller yet', { ...READY, observedGeneration: 0 }],
  ['in the middle of a rollout', { ...READY, replicas: 2 }],
  ['with old pods', { ...READY, updatedReplicas: 0 }],
])('one that is %s is waited for', async (_, status) => {
  objects['a'] = deployment({}, status);
  expect(await restart(workload('a'))).toMatchObject({ reason: 'Waiting' });
  expect(applied).toEqual([]);
});

test('what cannot be restarted, or refuses our pods, is said or left', async () => {
  expect(await restart(workload('p', { kind: 'Pod' }))).toMatchObject({ reason: 'Refused' });
  expect(await restart(workload('a', { state: 'Refused' }))).toEqual({ active: false, reason: 'Done', message: '' });
  expect(await restart(workload('gone'))).toMatchObject({ message: 'Deployment shop/gone: not found' });
});

test('G1 a field that somebody else owns is not fought for', async () => {
  refuse = new ApiError(409, 'conflict with "argocd-controller"');
  expect(await restart(workload('a'))).toMatchObject({
    active: false,
    message: expect.stringContaining('somebody else owns'),
  });
});
