/** The cluster that this machine is a node of, where its API can be reached. */
import { hostname } from 'node:os';
import { Problem } from '../../errors.js';
import { createClient, type KubernetesClient } from '../../kubernetes/client.js';
import { findConnection } from '../../kubernetes/connection.js';
import { DOWNWARD_API } from '../../machine/downward-api.js';
import { createNodePods, type NodePods } from './node-pods.js';
import { restingClient } from './resting-client.js';

export type Cluster = { readonly client: KubernetesClient; readonly pods: NodePods } | { readonly because: string };

/** Nothing is asked of it before a pod is seen, or asked for. */
export function openCluster(env: NodeJS.ProcessEnv): Cluster {
  try {
    const client = createClient(findConnection(undefined, env));
    const node = DOWNWARD_API.node.map(name => env[name]).find(Boolean) ?? hostname().toLowerCase();
    return { client, pods: createNodePods({ client: restingClient(client), node }) };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { because: [`no Kubernetes API: ${error.message}`, error.reason].filter(Boolean).join(', ') };
  }
}
