/** A look at a container as the agent's core takes it. Pure. */
import type { Conflict, Refusal, Replica } from '../../agent/observed.js';
import type { SeenWorkload } from '../target.js';
import type { EngineKind } from './engine.js';
import { injectedOf } from './environment.js';
import { type Container, nameOf } from './inspect.js';
import { keyOfContainer } from './names.js';
import type { ContainerPlan } from './plan-container.js';
import { troubleOf } from './watch.js';

export interface ContainerLook {
  readonly container: Container;
  readonly plan: ContainerPlan | Refusal;
  readonly conflict: Conflict | undefined;
}

export function seenContainer(
  kind: EngineKind,
  { container, plan, conflict }: ContainerLook,
  now: number,
): SeenWorkload {
  const injected = injectedOf(container);
  const { State } = container;
  const lifecycle = State.Restarting === true ? 'restarting' : State.Running ? 'running' : 'stopped';
  return {
    key: keyOfContainer(nameOf(container)),
    name: nameOf(container),
    target: kind,
    incarnation: container.Id,
    asOf: now,
    lifecycle,
    replicas: lifecycle === 'stopped' ? [] : [replicaOf(container, injected, now)],
    restarts: 'whole',
    ...(injected !== undefined && { injected }),
    injection: plan.possible ? plan.injection : '',
    ...(conflict && { conflict }),
    can: { inject: plan.possible || conflict ? { possible: true } : plan, lifecycle: { possible: true } },
    facts: {
      'container.id': container.Id,
      'container.name': nameOf(container),
      'container.runtime': kind,
      ...((State.Pid ?? 0) > 0 && { 'process.pid': String(State.Pid) }),
    },
  };
}

function replicaOf(container: Container, injected: string | undefined, now: number): Replica {
  const trouble = troubleOf(container);
  const { StartedAt = '', Health } = container.State;
  const since = Date.parse(StartedAt);
  return {
    id: container.Id.slice(0, 12),
    state: trouble !== undefined ? 'failing' : Health?.Status === 'starting' ? 'starting' : 'ready',
    ...(trouble !== undefined && { trouble, failingSince: Number.isNaN(since) ? now : since }),
    ...(injected !== undefined && { injected }),
  };
}
