/** Pods of a test on a cluster that runs them: their images, their namespaces, and what has become of them. */

import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Container, Pod, PodSpec } from '../../../src/operator/kubernetes.js';
import { ROOT } from '../launcher.js';
import { anyPython, environment } from '../python-environments.js';
import { type Cluster, LOAD, MUSL } from './cluster.js';
import { until } from './control-plane.js';
import { archive, type Image, layer, load, machineLayer, program } from './images.js';

const run = promisify(execFile);
const PROGRAMS = path.resolve(import.meta.dirname, '../../fixtures/kubernetes');

/** Short names -> names of images. `own` has what the image of `deploy/image/Dockerfile` has in a pod. */
export type Images = Readonly<Record<'app' | 'appWithPath' | 'appWithPackages' | 'musl' | 'own', string>>;

/** Makes the images, and gives them to the node. */
export async function bringImages(cluster: Cluster): Promise<Images> {
  const { folder, registry, images } = cluster;
  const at = (name: string) => path.join(folder, name);
  const python = await anyPython();
  const facts = 'import sys, sysconfig; print(sys.executable); print(sysconfig.get_path("stdlib"))';
  const { stdout } = await run(python.file, ['-I', '-c', facts]);
  const [file = '', library = ''] = stdout.trim().split('\n');
  const shell = ['sh', 'cp', 'cat', 'sleep', 'env'].map(program);
  const machine = await machineLayer(at('machine.tar'), [file, process.execPath, ...shell], [library]);

  const app = at('app');
  for (const part of ['app/lib', 'usr/local/bin']) mkdirSync(path.join(app, part), { recursive: true });
  cpSync(PROGRAMS, path.join(app, 'app'), { recursive: true });
  // Both are sought here, wherever they are on this machine.
  symlinkSync(file, path.join(app, 'usr/local/bin/python3'));
  if (process.execPath !== '/usr/local/bin/node') symlinkSync(process.execPath, path.join(app, 'usr/local/bin/node'));
  const files = await layer(at('app.tar'), ['-C', app, '.']);

  const packages = path.resolve(await environment('kubelet', python), '../..');
  const venv = await layer(at('venv.tar'), [
    '-C',
    path.dirname(packages),
    '--transform',
    `s,^${path.basename(packages)},venv,`,
    path.basename(packages),
  ]);

  const own = at('own');
  const dist = path.join(ROOT, 'dist');
  mkdirSync(path.join(own, 'app/dist'), { recursive: true });
  mkdirSync(path.join(own, 'usr/local/bin'), { recursive: true });
  cpSync(path.join(dist, 'observer.cjs'), path.join(own, 'app/dist/observer.cjs'));
  cpSync(path.join(ROOT, 'deploy/image/observer'), path.join(own, 'observer'));
  if (process.execPath !== '/usr/local/bin/node') symlinkSync(process.execPath, path.join(own, 'usr/local/bin/node'));
  await run('sh', [path.join(ROOT, 'deploy/image/make-payload.sh'), dist, path.join(own, 'payload')]);
  const ownFiles = await layer(at('own.tar'), ['-C', own, '.']);

  const image = (name: string, layers: Image['layers'], more: Partial<Image> = {}) => {
    images.push({ name: `${registry}/${name}:1`, layers, ...more });
    return `${registry}/${name}:1`;
  };
  const made = {
    app: image('app', [machine, files]),
    appWithPath: image('app-with-path', [machine, files], { env: ['PYTHONPATH=/app/lib'] }),
    appWithPackages: image('app-with-packages', [machine, files, venv]),
    own: image('own', [machine, ownFiles], { user: '65532:65532' }),
    musl: '',
  };
  if (MUSL !== undefined) made.musl = image('musl', [await layer(at('musl.tar'), ['-C', MUSL, '.']), files]);
  await load(await archive(folder, images), LOAD);
  return made;
}

/** A namespace with a resource that leads to the test's receiver. */
export async function makeNamespace(
  { client, receiver }: Cluster,
  name: string,
  metadata: object = {},
  more: readonly { readonly path: string; readonly body: object }[] = [],
): Promise<void> {
  await client.request('/api/v1/namespaces', { method: 'POST', body: { metadata: { name, ...metadata } } });
  await client.request(`/apis/openlit.io/v1alpha1/namespaces/${name}/openlitinstrumentations`, {
    method: 'POST',
    body: {
      apiVersion: 'openlit.io/v1alpha1',
      kind: 'OpenlitInstrumentation',
      metadata: { name: 'default' },
      spec: { exporter: { endpoint: receiver.url } },
    },
  });
  for (const { path: at, body } of more) {
    await client.request(`/api/v1/namespaces/${name}/${at}`, { method: 'POST', body });
  }
  await until('its account', async () => {
    await client.request(`/api/v1/namespaces/${name}/serviceaccounts/default`);
    return true;
  });
}

export interface Wanted {
  readonly annotations?: Readonly<Record<string, string>>;
  readonly container?: Partial<Container>;
  readonly spec?: Partial<PodSpec> & { readonly [field: string]: unknown };
}

interface State {
  readonly terminated?: { readonly exitCode: number; readonly reason: string; readonly message?: string };
}
interface Status {
  readonly name: string;
  readonly restartCount: number;
  readonly state: State;
}
export interface LivePod extends Pod {
  readonly status: {
    readonly phase: string;
    readonly reason?: string;
    readonly containerStatuses?: readonly Status[];
    readonly initContainerStatuses?: readonly Status[];
  };
}

export interface Ran {
  readonly pod: LivePod;
  /** What the program has written of itself. */
  // biome-ignore lint/suspicious/noExplicitAny: any kind of fact
  readonly said: any;
  /** Spans of its calls that had arrived when the pod had ended. */
  readonly spans: number;
  /** Names of the containers of ours. */
  readonly ours: readonly string[];
}

/** A pod of one program, from its creation to its end. @throws Error with its statuses if it does not end well */
export async function runPod(
  cluster: Cluster,
  namespace: string,
  name: string,
  image: string,
  wanted: Wanted = {},
): Promise<Ran> {
  const { container, annotations = { 'openlit.io/instrument': 'true' }, spec } = wanted;
  const body = {
    metadata: { name, annotations },
    spec: { restartPolicy: 'Never', containers: [programContainer(cluster, name, image, container)], ...spec },
  };
  await cluster.client.request(`/api/v1/namespaces/${namespace}/pods`, { method: 'POST', body });
  return await outcome(cluster, namespace, name);
}

export function programContainer(
  cluster: Cluster,
  name: string,
  image: string,
  more: Partial<Container> = {},
): Container {
  return {
    name: 'app',
    image,
    command: ['python3', '/app/call.py'],
    ...more,
    env: [{ name: 'CASE', value: name }, { name: 'PROVIDER', value: cluster.provider }, ...(more.env ?? [])],
  };
}

export async function outcome({ client, receiver }: Cluster, namespace: string, name: string): Promise<Ran> {
  const at = `/api/v1/namespaces/${namespace}/pods/${name}`;
  let pod = await client.request<LivePod>(at);
  const told = () => JSON.stringify([pod.status.phase, pod.status.reason, ...statuses(pod)], null, 1);
  await until('its end', async () => {
    pod = await client.request<LivePod>(at);
    // The phase is there while sidecars are still being ended.
    const ended = statuses(pod).every(({ state }) => state.terminated !== undefined);
    return ended && ['Succeeded', 'Failed'].includes(pod.status.phase);
  }).catch(error => {
    throw new Error(`${(error as Error).message}: ${told()}`);
  });
  const last = statuses(pod).find(one => one.name === 'app')?.state.terminated;
  if (pod.status.phase !== 'Succeeded') throw new Error(`pod ${name}: ${told()}`);
  return {
    pod,
    said: JSON.parse(last?.message ?? '{}'),
    spans: receiver.spans.filter(({ resource }) => resource['k8s.pod.name'] === name).length,
    ours: (pod.spec.initContainers ?? []).map(one => one.name).filter(one => one.startsWith('openlit-')),
  };
}

export const statuses = ({ status }: LivePod): readonly Status[] => [
  ...(status.initContainerStatuses ?? []),
  ...(status.containerStatuses ?? []),
];
