/** A look at a unit as the agent's core takes it. Pure. */
import type { Ability, Conflict, Refusal, Replica } from '../../agent/observed.js';
import type { SeenWorkload } from '../target.js';
import { keyOfUnit } from './names.js';
import type { UnitPlan } from './plan-unit.js';
import type { Unit } from './unit.js';
import { isActive, troubleOf } from './watch.js';

export interface UnitLook {
  readonly unit: Unit;
  readonly dropIn: { readonly injection: string } | undefined;
  readonly running: string | undefined;
  readonly plan: UnitPlan | Refusal;
  readonly conflict: Conflict | undefined;
}

/** Undefined: there is no such unit. */
export function seenUnit({ unit, dropIn, running, plan, conflict }: UnitLook, now: number): SeenWorkload | undefined {
  if (unit.loadState === 'not-found') return undefined;
  const replica = replicaOf(unit, running, now);
  const lifecycle = replica === undefined ? 'stopped' : replica.state === 'starting' ? 'restarting' : 'running';
  const masked: Ability =
    unit.loadState === 'loaded'
      ? { possible: true }
      : { possible: false, because: `systemd says of ${unit.name}: ${unit.loadState}` };
  return {
    key: keyOfUnit(unit.name),
    name: unit.name.replace(/\.service$/, ''),
    target: 'systemd',
    // The unit is its name; a file that another one replaced is the same workload.
    incarnation: unit.name,
    asOf: now,
    lifecycle,
    replicas: replica === undefined ? [] : [replica],
    restarts: unit.type === 'oneshot' ? 'by-others' : 'whole',
    ...(dropIn && { injected: dropIn.injection }),
    injection: plan.possible ? plan.injection : '',
    ...(conflict && { conflict }),
    // A conflict is a fact of its own: what is adopted needs no injection.
    can: { inject: plan.possible || conflict ? { possible: true } : plan, lifecycle: masked },
    facts: {
      'systemd.unit': unit.name,
      'systemd.scope': unit.scope,
      ...(unit.mainPid > 0 && { 'process.pid': String(unit.mainPid) }),
      ...(unit.triggeredBy.length > 0 && { 'systemd.triggered_by': unit.triggeredBy.join(' ') }),
    },
  };
}

function replicaOf(unit: Unit, running: string | undefined, now: number): Replica | undefined {
  const trouble = troubleOf(unit);
  if (trouble === undefined && !isActive(unit)) return undefined;
  const state = trouble !== undefined ? 'failing' : unit.activeState === 'activating' ? 'starting' : 'ready';
  return {
    id: unit.name,
    state,
    ...(trouble !== undefined && { trouble, failingSince: unit.since > 0 ? unit.since / 1000 : now }),
    ...(running !== undefined && { injected: running }),
  };
}
