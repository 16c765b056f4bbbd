/** Pods of a workload as replicas. Pure. */
import type { Replica, Trouble } from '../../agent/observed.js';
import { CONTAINERS, INSTRUMENT, idOf } from './workload.js';

export interface Pod {
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly status?: {
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly lastTransitionTime?: string;
    }[];
    readonly containerStatuses?: readonly { readonly state?: { readonly waiting?: { readonly reason?: string } } }[];
  };
}

const TROUBLES: Readonly<Record<string, Trouble>> = {
  CrashLoopBackOff: 'crash-loop',
  ImagePullBackOff: 'image-pull',
  ErrImagePull: 'image-pull',
  CreateContainerConfigError: 'failed-start',
  RunContainerError: 'failed-start',
};

export function replicaOf({ metadata, status }: Pod, now: number): Replica {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  const reasons = status?.containerStatuses?.map(({ state }) => state?.waiting?.reason ?? '') ?? [];
  const trouble = reasons.map(reason => TROUBLES[reason]).find(found => found !== undefined);
  const asked = metadata.annotations?.[INSTRUMENT];
  const since = Date.parse(ready?.lastTransitionTime ?? '');
  return {
    id: metadata.name,
    state: trouble !== undefined ? 'failing' : ready?.status === 'True' ? 'ready' : 'starting',
    ...(trouble !== undefined && { trouble, failingSince: Number.isNaN(since) ? now : since }),
    ...(asked === 'true' && { injected: idOf(metadata.annotations?.[CONTAINERS]) }),
  };
}
