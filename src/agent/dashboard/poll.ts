/** The body of a poll of OpenLIT's dashboard (`POST /api/controller/poll`), within what its server takes. Pure. */
import type { WorkloadState } from '../reconcile.js';
import type { ActionResult } from './actions.js';
import { fieldText } from './fields.js';
import { type DashboardService, type ServiceFacts, toService } from './service.js';

/** Any other word is lost with status 200. */
export type ControllerMode = 'linux' | 'docker' | 'kubernetes';

export interface PollFacts {
  readonly instance: string;
  readonly cluster: string;
  readonly version: string;
  readonly mode: ControllerMode;
  readonly node: string;
  readonly configHash: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface Poll {
  readonly instance_id: string;
  readonly cluster_id: string;
  readonly version: string;
  readonly mode: ControllerMode;
  readonly node_name: string;
  readonly environment: string;
  readonly services_discovered: number;
  readonly services_instrumented: number;
  readonly config_hash: string;
  readonly resource_attributes: Readonly<Record<string, string>>;
  readonly services: readonly DashboardService[];
  readonly action_results: readonly ActionResult[];
}

/** Above these the server answers 400, and nothing of the poll is read. */
const SERVICES = 500;
const RESULTS = 200;
const INSTANCE = 256;

/**
 * All workloads on every poll, since the server forgets what it is not told again. A workload of which nothing is known but a
 * wish is left out: a row without a name would only confuse.
 */
export function pollBody(
  { instance, cluster, version, mode, node, configHash, attributes }: PollFacts,
  states: readonly WorkloadState[],
  factsOf: (state: WorkloadState) => ServiceFacts | undefined,
  results: readonly ActionResult[],
): Poll {
  const services = [...states].sort(wantedFirst).flatMap(state => {
    const facts = factsOf(state);
    return facts ? [toService(state, facts)] : [];
  });
  return {
    instance_id: instance.slice(0, INSTANCE),
    cluster_id: cluster,
    version,
    mode,
    node_name: fieldText(node),
    environment: 'default',
    services_discovered: services.length,
    services_instrumented: services.filter(one => one.instrumentation_status === 'instrumented').length,
    config_hash: configHash,
    resource_attributes: attributes,
    services: services.slice(0, SERVICES),
    action_results: results.slice(0, RESULTS),
  };
}

/** Where there are too many, those that nobody asks anything of are left out. */
function wantedFirst(one: WorkloadState, other: WorkloadState): number {
  return Number(isIdle(one)) - Number(isIdle(other)) || (one.key < other.key ? -1 : 1);
}

const isIdle = ({ features }: WorkloadState): boolean =>
  Object.values(features).every(({ reason }) => reason.code === 'not-asked');
