/** The managers of workloads that are here. Whoever is not here is no target, and its workloads are seen as processes. */
import type { Targets } from './observed-picture.js';

/** @param _root only root may change units of the machine */
export function openTargets(_root: boolean): Targets {
  return {};
}
