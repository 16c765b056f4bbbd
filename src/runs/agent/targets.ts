/** The managers of workloads that are here. Whoever is not here is no target, and its workloads are seen as processes. */
import { existsSync } from 'node:fs';
import type { Loaded } from '../../config/load.js';
import { createSystemdTarget } from '../../targets/systemd/systemd.js';
import { composeInjection } from '../inject.js';
import type { Targets } from './observed-picture.js';

export interface TargetOptions {
  readonly loaded: Loaded;
  readonly version: string;
  readonly env: NodeJS.ProcessEnv;
  /** Only root may change units of the machine. */
  readonly root: boolean;
}

/** @throws Error where our own build is not whole */
export function openTargets({ loaded, version, env, root }: TargetOptions): Targets {
  if (!root) return {};
  const injection = composeInjection(loaded, version, env);
  return {
    ...(isSystemdHere() && { systemd: createSystemdTarget({ scope: 'system', injection }) }),
  };
}

/** sd_booted(3) */
const isSystemdHere = (): boolean => existsSync('/run/systemd/system');
