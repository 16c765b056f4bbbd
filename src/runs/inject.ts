/** Settings -> what is put into workloads: the hooks, and where what they see goes. */
import path from 'node:path';
import type { Loaded } from '../config/load.js';
import { hasDestination } from '../config/load.js';
import { VARIABLES } from '../config/variables.js';
import { createClient } from '../kubernetes/client.js';
import { findConnection } from '../kubernetes/connection.js';
import { PACKAGE_FOLDER } from '../machine/package-folder.js';
import { createDockerTarget } from '../targets/docker/docker.js';
import { createEngine, socketOf } from '../targets/docker/engine.js';
import { keyOfContainer } from '../targets/docker/names.js';
import type { Injection } from '../targets/injection.js';
import { createKubernetesTarget } from '../targets/kubernetes/kubernetes.js';
import { keyOfWorkload } from '../targets/kubernetes/workload.js';
import { AGENT_SOCKET } from '../targets/payload/places.js';
import { keyOfUnit, unitName } from '../targets/systemd/names.js';
import { createSystemdTarget } from '../targets/systemd/systemd.js';
import type { Target } from '../targets/target.js';
import { packageVersion } from './launch.js';
import { launchDocument } from './observer/document.js';
import { forHooks, namedByUs, OBSERVER_FLAGS } from './tap-variable.js';

/** @param env ours: the addresses of a collector, proxies and certificates are taken from it, as for a launch */
export function composeInjection(loaded: Loaded, version: string, env: NodeJS.ProcessEnv): Injection {
  const { settings, sources } = loaded;
  const named = namedByUs(loaded);
  // Of this shell's own names, none is the workload's.
  const {
    [VARIABLES.serviceName]: _name,
    [VARIABLES.resourceAttributes]: _attributes,
    HOSTNAME: _host,
    ...others
  } = env;
  const document = (attributes: Readonly<Record<string, string>>) => {
    const { env: own, ...rest } = launchDocument(settings, named, others);
    const resourceAttributes = { ...attributes, ...named.resourceAttributes };
    return JSON.stringify({ ...rest, env: own, named: { ...named, resourceAttributes } });
  };
  const { otlp, apiKey } = settings;
  const headers = [otlp.headers, ...Object.values(otlp.signalHeaders)].some(
    pairs => Object.keys(pairs ?? {}).length > 0,
  );
  const addresses = [otlp.endpoint, ...Object.values(otlp.signalEndpoints)].some(address => address?.includes('@'));
  return {
    version,
    agentSocket: env[VARIABLES.agentSocket] || AGENT_SOCKET,
    built: path.join(PACKAGE_FOLDER, 'dist'),
    settings,
    sources,
    forHooks: forHooks(settings),
    ...(hasDestination(settings) && { document }),
    observer: { node: process.execPath, flags: OBSERVER_FLAGS },
    holdsCredentials: headers || addresses || apiKey !== undefined || otlp.clientKey !== undefined,
  };
}

export const INJECTABLE = ['systemd', 'docker', 'podman', 'k8s'] as const;

export type InjectKind = (typeof INJECTABLE)[number];

export interface InjectOptions {
  readonly loaded: Loaded;
  readonly env: NodeJS.ProcessEnv;
  /** systemd: of the user's own manager. */
  readonly user: boolean;
  readonly namespace?: string;
}

/** The target and the workload of a command. @throws Problem */
export function targetFor(
  kind: InjectKind,
  name: string,
  { loaded, env, user, namespace = 'default' }: InjectOptions,
): { target: Target; key: string } {
  const injection = composeInjection(loaded, packageVersion(), env);
  switch (kind) {
    case 'systemd':
      return {
        target: createSystemdTarget({ scope: user ? 'user' : 'system', injection }),
        key: keyOfUnit(unitName(name)),
      };
    case 'docker':
    case 'podman':
      return {
        target: createDockerTarget({ engine: createEngine(kind, socketOf(kind, env)), injection }),
        key: keyOfContainer(name),
      };
    case 'k8s':
      return {
        target: createKubernetesTarget({ client: createClient(findConnection(undefined, env)) }),
        key: keyOfWorkload(name, namespace),
      };
  }
}
