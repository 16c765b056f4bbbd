/** Who makes the pods of a process, as the pod itself says: no request, and no right, is needed for it. Pure. */

export interface Owner {
  /** `Deployment`, `StatefulSet`, …; `Pod`: nobody. */
  readonly kind: string;
  readonly name: string;
}

export interface OwnedMetadata {
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly {
    readonly kind: string;
    readonly name: string;
    readonly controller?: boolean;
  }[];
}

/** A Deployment names its ReplicaSets by the hash that their pods carry as a label; Argo Rollouts have a label of their own. */
const HASHES = [
  ['pod-template-hash', 'Deployment'],
  ['rollouts-pod-template-hash', 'Rollout'],
] as const;

export function ownerOf({ name, labels = {}, ownerReferences }: OwnedMetadata): Owner {
  const owner = ownerReferences?.find(({ controller }) => controller);
  if (!owner) return { kind: 'Pod', name };
  if (owner.kind === 'ReplicaSet') {
    for (const [label, kind] of HASHES) {
      const end = `-${labels[label]}`;
      if (labels[label] && owner.name.endsWith(end)) return { kind, name: owner.name.slice(0, -end.length) };
    }
  }
  // A CronJob names its Jobs by the minute.
  const minute = owner.kind === 'Job' ? /^(.+)-\d{8,10}$/.exec(owner.name)?.[1] : undefined;
  return minute === undefined ? { kind: owner.kind, name: owner.name } : { kind: 'CronJob', name: minute };
}

/** Why a hook cannot come into pods of this owner, and what to type; undefined: it can. */
export function ownerRefusal({ kind, name }: Owner): string | undefined {
  switch (kind) {
    case 'Deployment':
    case 'StatefulSet':
    case 'DaemonSet':
      return undefined;
    case 'Pod':
      return 'nobody makes this pod anew, and a pod gets a hook only when it is made';
    case 'Job':
    case 'CronJob':
      return `${kind} ${name}: a hook comes into its next pods only by the annotation of its template or namespace`;
    case 'Node':
      return 'the kubelet makes this pod of a file of the node';
    default:
      return `${kind} ${name} makes its pods; annotate the template in it, or the namespace`;
  }
}
