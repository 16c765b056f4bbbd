/** Between the dashboard and the agent: workloads as services, actions as wishes, and what became of them. */
import { arch, hostname } from 'node:os';
import { applyActions, type DashboardAction, resultsOf } from '../../agent/dashboard/actions.js';
import type { DashboardAnswer } from '../../agent/dashboard/answer.js';
import { type ControllerMode, type Poll, pollBody } from '../../agent/dashboard/poll.js';
import type { ServiceFacts } from '../../agent/dashboard/service.js';
import type { Desired } from '../../agent/desired.js';
import type { History } from '../../agent/history.js';
import type { WorkloadState } from '../../agent/reconcile.js';
import { executableOf } from '../../machine/identity.js';
import type { KnownWorkload } from './memory.js';
import type { PicturedWorkload, Targets } from './observed-picture.js';
import type { Sighting } from './sightings.js';

/** What the loop knows when a poll is due. */
export interface LinkFacts {
  readonly states: readonly WorkloadState[];
  readonly desired: Desired;
  readonly history: History;
  readonly known: ReadonlyMap<string, KnownWorkload>;
  readonly sightings: ReadonlyMap<string, Sighting>;
}

export interface LinkOptions {
  readonly instance: string;
  readonly cluster: string;
  readonly version: string;
  readonly targets: Targets;
  /** Undefined: another agent acts on this machine, or nothing was seen yet. */
  readonly facts: () => LinkFacts | undefined;
  readonly wish: (desired: Desired) => void;
}

export interface Link {
  body(configHash: string): Poll | undefined;
  answered(answer: DashboardAnswer): void;
}

export function linkDashboard({ instance, cluster, version, targets, facts, wish }: LinkOptions): Link {
  let asked: readonly DashboardAction[] = [];
  const mode: ControllerMode = targets.kubernetes
    ? 'kubernetes'
    : targets.docker && !targets.systemd
      ? 'docker'
      : 'linux';
  const attributes = {
    'host.name': hostname(),
    'os.type': 'linux',
    'host.arch': arch() === 'x64' ? 'amd64' : arch(),
    'controller.version': version,
    'controller.capabilities': capabilitiesOf(targets).join(','),
  };
  return {
    body(configHash) {
      const now = facts();
      if (!now) return undefined;
      const { states, desired, history } = now;
      const results = resultsOf(asked, desired, states, history);
      const poll = { instance, cluster, version, mode, node: hostname(), configHash, attributes };
      return pollBody(poll, states, state => serviceFacts(state, now), results);
    },
    answered({ actions }) {
      asked = actions;
      const now = facts();
      if (now) wish(applyActions(now.desired, actions, now.history, Date.now()));
    },
  };
}

/** What switches the buttons of its page on. */
function capabilitiesOf(targets: Targets): string[] {
  const places = [
    ...(targets.systemd ? ['linux_systemd_v1'] : []),
    ...(targets.docker ? ['docker_v1'] : []),
    ...(targets.kubernetes ? ['kubernetes_v1'] : []),
  ];
  const each = places.flatMap(place => [
    `python_sdk_injection_${place}`,
    `nodejs_sdk_injection_${place}`,
    `lifecycle_${place}`,
  ]);
  return ['obi_llm_observability', ...each];
}

function serviceFacts({ key, workload }: WorkloadState, facts: LinkFacts): ServiceFacts | undefined {
  const known = facts.known.get(key);
  if (!known) return undefined;
  const processes = facts.sightings.get(key)?.processes ?? [];
  const [first] = processes;
  const [kind, namespace, deployment] = key.split(':');
  const executable = first && executableOf(first.pid);
  const seen = workload as PicturedWorkload | undefined;
  return {
    serviceName: known.serviceName,
    firstSeen: known.firstSeen,
    providers: known.providers,
    ports: [...new Set(processes.flatMap(({ listening }) => listening))],
    ...(kind === 'k8s' && namespace && deployment && { namespace, deployment }),
    ...(known.runtime !== undefined && { runtime: known.runtime }),
    ...(first && { pid: first.pid }),
    ...(executable !== undefined && { executable }),
    attributes: {
      'openlit.is_containerized': String(
        first?.placement.container !== undefined || kind === 'docker' || kind === 'k8s',
      ),
      ...(first && { 'process.pid': String(first.pid) }),
      ...(executable !== undefined && { 'process.executable.path': executable }),
      ...(known.runtime !== undefined && { 'process.runtime.name': known.runtime }),
      ...seen?.facts,
    },
  };
}
