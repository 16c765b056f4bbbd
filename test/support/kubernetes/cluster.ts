/**
 * A cluster whose nodes really run pods, where one is at hand, and what the pods of a test need around them: images without a
 * registry that could be pulled from, a registry that says what the images set, a provider and an OTLP receiver.
 *
 *   OPENLIT_TEST_CLUSTER       a kubeconfig with every right
 *   OPENLIT_TEST_CLUSTER_HOST  this machine's address, as pods and the API server reach it
 *   OPENLIT_TEST_CLUSTER_LOAD  a shell command that reads an archive of images and gives them to the node:
 *                              `ctr -n k8s.io images import -`, `kind load image-archive /dev/stdin`
 *   OPENLIT_TEST_MUSL          a folder with a root of musl that has /usr/bin/node, for the image of K5
 */
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { createClient, type KubernetesClient } from '../../../src/kubernetes/client.js';
import { findConnection } from '../../../src/kubernetes/connection.js';
import { makeAuthority, makeServerCertificate } from '../../../src/runs/operator/make-certificate.js';
import { type OtlpReceiver, startOtlpReceiver } from '../otlp-receiver.js';
import { configOf, type Image } from './images.js';

const { OPENLIT_TEST_CLUSTER, OPENLIT_TEST_CLUSTER_HOST, OPENLIT_TEST_CLUSTER_LOAD, OPENLIT_TEST_MUSL } = process.env;
export const LOAD = OPENLIT_TEST_CLUSTER_LOAD ?? '';
export const MUSL = OPENLIT_TEST_MUSL;
const HOST = OPENLIT_TEST_CLUSTER_HOST ?? '';
export const hasCluster = Boolean(OPENLIT_TEST_CLUSTER && HOST && LOAD);
/** Printed where the tests cannot run. */
export const WHY_NO_CLUSTER =
  'OPENLIT_TEST_CLUSTER, _CLUSTER_HOST and _CLUSTER_LOAD name no cluster that runs pods (test/support/kubernetes/cluster.ts)';

export interface Cluster {
  readonly folder: string;
  readonly kubeconfig: string;
  readonly client: KubernetesClient;
  readonly host: string;
  /** `HOST:PORT`, the first part of names of images; `images` says what it has. */
  readonly registry: string;
  readonly images: Image[];
  /** PEM; whom to believe that registry. */
  readonly registryCa: string;
  readonly receiver: OtlpReceiver;
  /** Where chat completions are answered. */
  readonly provider: string;
  /** The first message of each request that was answered. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

export async function joinCluster(): Promise<Cluster> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'cluster-'));
  const client = createClient(findConnection(OPENLIT_TEST_CLUSTER, {}));
  const images: Image[] = [];
  const asked: string[] = [];
  const day = 86_400_000;
  const authority = makeAuthority(Date.now(), Date.now() + day);
  const { cert, key } = makeServerCertificate(authority, [HOST], Date.now(), Date.now() + day);
  const registry = https.createServer({ cert, key }, ({ url = '' }, response) =>
    answerAsRegistry(url, images, response),
  );
  const provider = http.createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    asked.push(JSON.parse(body).messages[0].content);
    response.setHeader('content-type', 'application/json').end(ANSWER);
  });
  const ports = [await listening(registry), await listening(provider)];
  const receiver = await startOtlpReceiver({ host: HOST });
  return {
    folder,
    kubeconfig: OPENLIT_TEST_CLUSTER!,
    client,
    host: HOST,
    registry: `${HOST}:${ports[0]}`,
    images,
    registryCa: authority.cert,
    receiver,
    provider: `http://${HOST}:${ports[1]}`,
    asked,
    async close() {
      client.close();
      await receiver.close();
      for (const server of [registry, provider]) {
        server.closeAllConnections();
        server.close();
        await once(server, 'close');
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const ANSWER = JSON.stringify({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  model: 'gpt-4o-2024-08-06',
  choices: [{ index: 0, message: { role: 'assistant', content: 'yes' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 9, completion_tokens: 1, total_tokens: 10 },
});

/** Manifest and configuration (OCI distribution 1.1), which is what the operator asks for; layers it has none. */
function answerAsRegistry(url: string, images: readonly Image[], response: http.ServerResponse): void {
  const [, name, kind] = /^\/v2\/(.+)\/(manifests|blobs)\//.exec(url) ?? [];
  const image = images.find(one => one.name.includes(`/${name}:`));
  if (image === undefined) response.writeHead(404).end();
  else response.end(kind === 'blobs' ? configOf(image) : JSON.stringify({ config: { digest: 'sha256:of-it' } }));
}

async function listening(server: Server): Promise<number> {
  await once(server.listen(0, HOST), 'listening');
  return (server.address() as AddressInfo).port;
}

/** A file that Node believes beside its own authorities. */
export function caFile({ folder, registryCa }: Cluster): string {
  const file = path.join(folder, 'registry.pem');
  writeFileSync(file, registryCa);
  return file;
}
