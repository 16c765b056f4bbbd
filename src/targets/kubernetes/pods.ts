/** Pods of a workload as replicas. Pure. */
import type { Replica, Trouble } from '../../agent/observed.js';
import { injectionIn, namedBy } from './workload.js';

export interface Pod {
  readonly metadata: {
    readonly name: string;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly deletionTimestamp?: string;
  };
  readonly status?: {
    readonly phase?: string;
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

/** Evicted and ended pods stay in the list for long, and one that is being deleted is ready until its end. */
export const counts = ({ metadata, status }: Pod): boolean =>
  metadata.deletionTimestamp === undefined && status?.phase !== 'Failed' && status?.phase !== 'Succeeded';

/** @param ours the annotation of its template is ours; others' hooks are none of ours */
export function replicaOf({ metadata, status }: Pod, now: number, ours: boolean, container?: string): Replica {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  const reasons = status?.containerStatuses?.map(({ state }) => state?.waiting?.reason ?? '') ?? [];
  const trouble = reasons.map(reason => TROUBLES[reason]).find(found => found !== undefined);
  const injected = ours ? injectionIn(namedBy(metadata.annotations), container) : undefined;
  const since = Date.parse(ready?.lastTransitionTime ?? '');
  return {
    id: metadata.name,
    state: trouble !== undefined ? 'failing' : ready?.status === 'True' ? 'ready' : 'starting',
    ...(trouble !== undefined && { trouble, failingSince: Number.isNaN(since) ? now : since }),
    ...(injected !== undefined && { injected }),
  };
}
