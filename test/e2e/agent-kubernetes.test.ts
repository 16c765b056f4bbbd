/**
 * The agent and workloads of Kubernetes, on a real API server without nodes: a wish becomes our fields of the template and
 * nothing else, what others own is left to them, and taking the wish back leaves the object as before.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { MERGE_PATCH } from '../../src/kubernetes/client.js';
import type { Workload } from '../../src/targets/kubernetes/workload.js';
import type { Lines } from '../attach/attached.js';
import { type AgentBench, agentBench } from '../support/agent.js';
import {
  type ControlPlane,
  hasKubetest,
  startControlPlane,
  until,
  WHY_NOT,
} from '../support/kubernetes/control-plane.js';

const isRoot = process.getuid?.() === 0;
if (!hasKubetest) process.stderr.write(`agent-kubernetes.test.ts is skipped: ${WHY_NOT}\n`);
jest.setTimeout(180_000);

const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';
const PODS = '/api/v1/namespaces/default/pods';
let plane: ControlPlane;
let bench: AgentBench;
let nodes: { stop(): void };

/** Stands for the kubelets: every pod is ready as soon as it is there. */
function readyPods(): { stop(): void } {
  let going = true;
  void (async () => {
    while (going) {
      const { items } = await plane.client.request<{ items: Pod[] }>(PODS).catch(() => ({ items: [] as Pod[] }));
      for (const { metadata, status } of items) {
        if (metadata.deletionTimestamp !== undefined) {
          const body = { gracePeriodSeconds: 0 };
          await plane.client.request(`${PODS}/${metadata.name}`, { method: 'DELETE', body }).catch(() => {});
        } else if (status.phase !== 'Running') {
          const body = { status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] } };
          const wish = { method: 'PATCH', type: MERGE_PATCH, body } as const;
          await plane.client.request(`${PODS}/${metadata.name}/status`, wish).catch(() => {});
        }
      }
      await pause(100);
    }
  })();
  return { stop: () => (going = false) };
}

interface Pod {
  readonly metadata: { readonly name: string; readonly deletionTimestamp?: string };
  readonly status: { readonly phase?: string };
}

const deployment = (name: string) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: ['app', 'helper'].map(container => ({ name: container, image: 'app:1' })) },
    },
  },
});

/** What a user sees of it: without what the server counts and who wrote which field. */
async function specOf(name: string): Promise<Workload['spec']> {
  return (await plane.client.request<Workload>(`${DEPLOYMENTS}/${name}`)).spec;
}
const annotationsOf = async (name: string) => (await specOf(name)).template.metadata?.annotations;

beforeAll(async () => {
  if (!hasKubetest || !isRoot) return;
  plane = await startControlPlane();
  await until(
    'the account of the namespace',
    async () =>
      (await plane.client.request<object>('/api/v1/namespaces/default/serviceaccounts/default')) !== undefined,
  );
  // The operator, as far as the agent asks for it: that it is there.
  const webhooks = [
    {
      name: 'pods.openlit.io',
      clientConfig: { url: 'https://127.0.0.1:1/' },
      rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CONNECT'], resources: ['pods/attach'] }],
      sideEffects: 'None',
      failurePolicy: 'Ignore',
      admissionReviewVersions: ['v1'],
    },
  ];
  await plane.client.request('/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations', {
    method: 'POST',
    body: {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'MutatingWebhookConfiguration',
      metadata: { name: 'openlit' },
      webhooks,
    },
  });
  nodes = readyPods();
  for (const name of ['web', 'owned'])
    await plane.client.request(DEPLOYMENTS, { method: 'POST', body: deployment(name) });
  bench = agentBench({
    KUBECONFIG: plane.kubeconfig,
    OPENLIT_INSTRUMENT_AGENT_SOCKET: path.join(plane.folder, 'taps/tap.sock'),
  });
});
afterAll(async () => {
  nodes?.stop();
  await bench?.close();
  await plane?.close();
});

const whenThere = hasKubetest && isRoot ? describe : describe.skip;
const wish = (...lines: string[]) =>
  bench.wish(
    `workloads:\n${lines.map(line => `  - key: k8s:default:${line.replace(' ', '\n    inject: ')}\n`).join('')}`,
  );
const says = (agent: Lines, text: string) => agent.line(line => line.includes(text));

whenThere('Deployments', () => {
  test('a wish, two containers, a kill in the middle, and back to what it was', async () => {
    await until(
      'the Deployment',
      async () => (await plane.client.request<Workload>(`${DEPLOYMENTS}/web`)).status?.availableReplicas === 2,
    );
    const before = await specOf('web');
    wish('web:app on');
    const first = bench.agent('--desired', bench.desired);
    await until('the annotation', async () => (await annotationsOf('web'))?.['openlit.io/instrument'] === 'true');
    await first.kill('SIGKILL');
    const agent = bench.agent('--desired', bench.desired);
    await says(agent, 'inject k8s:default:web:app: done');
    wish('web:app on', 'web:helper on');
    await says(agent, 'inject k8s:default:web:helper: done');
    expect(await annotationsOf('web')).toEqual({
      'openlit.io/instrument': 'true',
      'openlit.io/container-names': 'app,helper',
    });
    wish('web:app off', 'web:helper on');
    await says(agent, 'undo k8s:default:web:app: done');
    expect((await annotationsOf('web'))?.['openlit.io/container-names']).toBe('helper');
    wish('web:app off', 'web:helper off');
    await says(agent, 'undo k8s:default:web:helper: done');
    expect(await specOf('web')).toEqual(before);
    // Each was one change, over both agents.
    expect(
      [...first.errors, ...agent.errors].filter(line => line.includes('inject k8s:default:web:app …')),
    ).toHaveLength(1);
    expect(await agent.kill('SIGTERM')).toBe(0);
  });

  test('G1 an annotation that Argo CD owns: one try, nothing forced, and its owner named', async () => {
    const annotations = { 'openlit.io/instrument': 'false' };
    const manifest = path.join(plane.folder, 'owned.json');
    writeFileSync(
      manifest,
      JSON.stringify({ ...deployment('owned'), spec: { template: { metadata: { annotations } } } }),
    );
    const applied = await plane.kubectl([
      'apply',
      '--server-side',
      '--field-manager=argocd-controller',
      '-f',
      manifest,
    ]);
    expect(applied).toMatchObject({ status: 0 });
    await until('its rollout', async () => {
      const { metadata, status } = await plane.client.request<Workload>(`${DEPLOYMENTS}/owned`);
      return (
        status?.observedGeneration === metadata.generation && status?.availableReplicas === 2 && status.replicas === 2
      );
    });
    wish('owned:app on');
    const agent = bench.agent('--desired', bench.desired);
    await says(agent, 'argocd-controller owns the fields');
    expect(await annotationsOf('owned')).toEqual(annotations);
    expect(agent.errors.filter(line => line.includes('inject k8s:default:owned:app …'))).toHaveLength(1);
    await agent.kill('SIGTERM');
  });
});
