/** `status` of an OpenlitInstrumentation, as its CRD has it. Pure. */
import type { Reason } from '../../operator/facts.js';
import type { Standing } from '../../operator/standing.js';
import type { InstrumentationObject } from './cluster-facts.js';

export interface WorkloadStanding {
  readonly namespace: string;
  readonly kind: string;
  readonly name: string;
  readonly uid?: string;
  readonly pods: number;
  /** Observed as the resource said before; created before us; or why not. */
  readonly state: 'Old' | 'BeforeUs' | 'Refused';
  readonly reasons: readonly Reason[];
}

/** What came of the restarts that a resource asks for. */
export interface RestartState {
  readonly active: boolean;
  readonly reason: 'Done' | 'Started' | 'Waiting' | 'Refused';
  readonly message: string;
  readonly workload?: WorkloadStanding;
}

interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
  readonly observedGeneration: number;
  readonly lastTransitionTime: string;
}

export interface Status {
  readonly observedGeneration: number;
  readonly pods: { readonly observed: number; readonly old: number; readonly waiting: number };
  readonly workloads: readonly object[];
  readonly conditions: readonly Condition[];
}

/** @param now ISO 8601 */
export function statusOf(
  resource: InstrumentationObject,
  { observed, old, waiting }: Standing,
  workloads: readonly WorkloadStanding[],
  restart: RestartState | undefined,
  now: string,
): Status {
  const generation = resource.generation ?? 0;
  const before = (resource.status as Partial<Status> | undefined)?.conditions ?? [];
  const condition = (type: string, holds: boolean, reason: string, message: string): Condition => {
    const status = holds ? 'True' : 'False';
    const last = before.find(one => one.type === type);
    const since = last?.status === status ? last.lastTransitionTime : now;
    return { type, status, reason, message, observedGeneration: generation, lastTransitionTime: since };
  };
  const refused = workloads.filter(({ state }) => state === 'Refused');
  const restarting =
    restart === undefined ? [] : [condition('Restarting', restart.active, restart.reason, restart.message)];
  return {
    observedGeneration: generation,
    pods: { observed: observed.length, old: old.length, waiting: waiting.length },
    workloads: workloads.map(({ uid: _, reasons, ...workload }) => ({
      ...workload,
      ...(reasons.length === 0
        ? {}
        : {
            containers: reasons.map(({ container, language, code, text }) => ({
              ...(container && { name: container }),
              ...(language && { language }),
              reason: code,
              message: text,
            })),
          }),
    })),
    conditions: [
      condition(
        'Ready',
        refused.length === 0,
        refused.length === 0 ? 'NothingInTheWay' : 'Refused',
        refused.length === 0 ? '' : `${refused.length} workloads ask and cannot be observed: see status.workloads`,
      ),
      condition(
        'UpToDate',
        old.length + waiting.length === 0,
        old.length + waiting.length === 0 ? 'AllPods' : 'OlderPods',
        old.length + waiting.length === 0 ? '' : `${old.length} pods are old, ${waiting.length} are not observed`,
      ),
      ...restarting,
    ],
  };
}
