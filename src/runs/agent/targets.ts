/** The managers of workloads that are here. Whoever is not here is no target, and its workloads are seen as processes. */
import { existsSync, statSync } from 'node:fs';
import type { Loaded } from '../../config/load.js';
import { createDockerTarget } from '../../targets/docker/docker.js';
import { createEngine, socketOf } from '../../targets/docker/engine.js';
import { openCluster } from '../../targets/kubernetes/cluster.js';
import { createKubernetesTarget } from '../../targets/kubernetes/kubernetes.js';
import { createSystemdTarget } from '../../targets/systemd/systemd.js';
import { composeInjection } from '../inject.js';
import type { PictureOptions } from './observed-picture.js';

export interface TargetOptions {
  readonly loaded: Loaded;
  readonly version: string;
  readonly env: NodeJS.ProcessEnv;
  /** Only root may change units of the machine. */
  readonly root: boolean;
}

/** @throws Error where our own build is not whole */
export function openTargets({ loaded, version, env, root }: TargetOptions): Opened {
  if (!root) return { targets: {} };
  const injection = composeInjection(loaded, version, env);
  // One engine: where both are here, Docker's containers are the ones that people mean.
  const engine = (['docker', 'podman'] as const).find(kind => isSocket(socketOf(kind, env)));
  const cluster = openCluster(env);
  const targets = {
    ...(isSystemdHere() && { systemd: createSystemdTarget({ scope: 'system' as const, injection }) }),
    ...(engine && { docker: createDockerTarget({ engine: createEngine(engine, socketOf(engine, env)), injection }) }),
    ...('pods' in cluster && { kubernetes: createKubernetesTarget(cluster) }),
  };
  return {
    targets,
    missing: {
      ...(!isSystemdHere() && { systemd: 'systemd is not what started this machine' }),
      ...(!engine && { docker: `no engine listens at ${socketOf('docker', env)} or ${socketOf('podman', env)}` }),
      ...('because' in cluster && { kubernetes: cluster.because }),
    },
    ...('pods' in cluster && { pods: cluster.pods }),
    ...((targets.systemd || targets.docker) && { tapSocket: injection.agentSocket }),
  };
}

export interface Opened extends PictureOptions {
  /** Where programs with a hook connect. */
  readonly tapSocket?: string;
}

const isSocket = (file: string): boolean => statSync(file, { throwIfNoEntry: false })?.isSocket() === true;

/** sd_booted(3) */
const isSystemdHere = (): boolean => existsSync('/run/systemd/system');
