/**
 * `inject`: a hook inside, from the next start on. It costs a restart, so that here is most of the care: one restart for one
 * desired state, a canary first, and back as it was when it gets worse. Pure.
 */
import type { Desire } from './desired.js';
import { restarted, type Try } from './history.js';
import type { Replica } from './observed.js';
import { HOUR } from './policy.js';
import {
  backOff,
  type Case,
  forGood,
  inTrouble,
  isAdopted,
  isOf,
  notYet,
  type Proposal,
  propose,
  servesOf,
  triesOf,
  type Verdict,
  verdict,
} from './verdict.js';
import { reason } from './words.js';

export function judgeInject(situation: Case): Verdict {
  const { workload, desire } = situation;
  const { conflict } = workload;
  const ours = hasOurs(situation);
  if (desire === undefined) {
    if (ours) return verdict('on', 'not-asked');
    return conflict && isAdopted(conflict.by)
      ? verdict('adopted', 'adopted-from', { ...conflict })
      : verdict('off', 'not-asked');
  }
  if (desire.value === 'off') return ours ? undo(situation, desire) : notOurs(situation, desire);
  const rolledBack = rollbackOf(situation, desire);
  if (rolledBack) return ours ? undo(situation, desire, rolledBack.started.rollback) : told(rolledBack, situation);
  const left = leftover(situation, desire);
  if (left) return undo(situation, desire, { trouble: 'half-done' });
  // Processes that still carry it lose it with their next start.
  return workload.injected === undefined ? absent(situation, desire) : injected(situation, desire);
}

const hasOurs = ({ workload }: Case): boolean =>
  workload.injected !== undefined || workload.replicas.some(replica => replica.injected !== undefined);

function notOurs({ workload: { conflict } }: Case, { source }: Desire): Verdict {
  if (conflict && isAdopted(conflict.by)) return verdict('adopted', 'adopted-from', { ...conflict });
  return verdict('off', 'switched-off', { source });
}

/** It stays rolled back for this desired state, until a person recovers it or switches it off and on. */
function rollbackOf({ past }: Case, desire: Desire): Try | undefined {
  return triesOf(past, 'undo', servesOf('inject', desire))
    .filter(({ started }) => started.rollback !== undefined && started.rollback.trouble !== 'half-done')
    .at(-1);
}

function told({ started: { rollback } }: Try, { workload }: Case): Verdict {
  const { trouble, replica } = rollback!;
  return verdict('rolled-back', 'rolled-back', { replica, detail: trouble, workload: workload.key });
}

/** An inject that a kill cut in half, and that was not taken back since. */
function leftover({ past }: Case, desire: Desire): boolean {
  const serves = servesOf('inject', desire);
  const last = past.tries
    .filter(({ started }) => started.serves === serves && started.at > past.recoveredAt)
    .findLast(({ started, ended }) => started.deed === 'inject' || ended?.outcome === 'done');
  return last?.started.deed === 'inject' && last.ended?.outcome === 'half-done';
}

function undo(situation: Case, desire: Desire, rollback?: Proposal['rollback']): Verdict {
  const { workload, past } = situation;
  const serves = servesOf('inject', desire);
  const tries = triesOf(past, 'undo', serves).filter(one => isOf(one, workload.incarnation));
  const last = tries.at(-1);
  if (last?.ended?.outcome === 'done' && rollback?.trouble !== 'half-done') {
    if (workload.injected !== undefined) return verdict('failed', 'undone-by-other');
    return workload.restarts === 'by-others'
      ? verdict('waiting', 'waiting-for-restart')
      : verdict('working', 'waiting-until-ready');
  }
  const key = workload.key;
  const held = last && (forGood(last, key) ?? spent(last, key) ?? backOff(tries, situation));
  if (held) return held;
  const proposal: Proposal = {
    deed: 'undo',
    serves,
    urgency: rollback ? 0 : 2,
    since: desire.since,
    incarnation: workload.incarnation,
    ...(rollback && { rollback }),
  };
  return propose(proposal, 'waiting', reason('working', { detail: 'undo' }));
}

/** A failed try that did restart it was the one restart of this desired state. */
function spent(last: Try, workload: string): Verdict | undefined {
  if (last.ended?.outcome !== 'failed' || !restarted(last)) return undefined;
  return verdict('failed', 'not-restarted-twice', { detail: last.ended.reason, workload });
}

/** Ours is in its definition. */
function injected(situation: Case, desire: Desire): Verdict {
  const { workload, past, now, policy } = situation;
  const tries = triesOf(past, 'inject', servesOf('inject', desire)).filter(one => isOf(one, workload.incarnation));
  const changedAt = tries.at(-1)?.ended?.at;
  const recent = changedAt !== undefined && now - changedAt <= policy.stability;
  const sick = workload.replicas.find(replica => replica.injected !== undefined && inTrouble(replica, situation));
  if (sick && recent) {
    return undo(situation, desire, { trouble: sick.trouble ?? 'unhealthy', replica: sick.id });
  }
  const settling = changedAt !== undefined && now - changedAt < policy.settle;
  const old = workload.replicas.filter(replica => replica.injected === undefined);
  if (old.length > 0) return remaining(situation, desire, tries, old, settling);
  if (settling && workload.replicas.some(({ state }) => state !== 'ready')) {
    return verdict('working', 'waiting-until-ready');
  }
  if (workload.injected !== undefined && workload.injected !== workload.injection) return verdict('on', 'outdated');
  return verdict('on', 'as-asked', { source: desire.source });
}

/** Some of its processes were not started with it yet. */
function remaining(
  situation: Case,
  desire: Desire,
  tries: readonly Try[],
  old: readonly Replica[],
  settling: boolean,
): Verdict {
  const { workload, now, policy } = situation;
  const last = tries.at(-1);
  if (workload.restarts !== 'one-by-one') {
    return settling && workload.restarts !== 'by-others'
      ? verdict('working', 'waiting-until-ready')
      : verdict('waiting', 'waiting-for-restart');
  }
  const first = workload.replicas.find(replica => replica.injected !== undefined);
  // Without a canary of ours it was not us who wrote it, or all of it was done: what is left starts by itself.
  if (!last?.started.replicas || !first) return verdict('waiting', 'waiting-for-restart');
  if (last.ended?.outcome === 'done') {
    const well = first.state === 'ready' && now - last.ended.at >= policy.canary;
    if (!well) return verdict('working', 'waiting-for-canary', { replica: first.id });
  } else {
    const held = forGood(last, workload.key) ?? spent(last, workload.key) ?? backOff(tries, situation);
    if (held) return held;
  }
  const done = new Set(tries.filter(restarted).flatMap(({ started }) => started.replicas ?? []));
  const replicas = old.map(({ id }) => id).filter(id => !done.has(id));
  if (replicas.length === 0) return verdict('failed', 'not-restarted-twice', { workload: workload.key });
  return propose(
    {
      deed: 'inject',
      serves: servesOf('inject', desire),
      urgency: 1,
      since: desire.since,
      incarnation: workload.incarnation,
      replicas: replicas.sort(),
    },
    'waiting',
    reason('working', { detail: 'inject' }),
  );
}

/** Nothing of ours is in its definition. */
function absent(situation: Case, desire: Desire): Verdict {
  const { workload, past } = situation;
  const serves = servesOf('inject', desire);
  const all = triesOf(past, 'inject', serves);
  const tries = all.filter(one => isOf(one, workload.incarnation));
  const last = tries.at(-1);
  const tried = last && (forGood(last, workload.key) ?? spentWholly(tries, workload.key));
  const held = tried ?? refused(situation) ?? notYet(situation) ?? unready(situation);
  if (held) return held;
  const makings = new Set(
    all
      .filter(one => restarted(one) && one.started.at > situation.now - HOUR)
      .map(({ started }) => started.incarnation),
  );
  if (last === undefined && makings.size >= situation.policy.recreations) {
    return verdict('waiting', 'recreated-too-often', { count: makings.size });
  }
  const wait = backOff(tries, situation);
  if (wait) return wait;
  const { incarnation } = workload;
  const canary = canaryOf(situation);
  return propose(
    { deed: 'inject', serves, urgency: 2, since: desire.since, incarnation, ...(canary && { replicas: [canary] }) },
    'waiting',
    reason('working', { detail: 'inject' }),
  );
}

/**
 * It was put in, and is not there: somebody took it out, or it failed after the restart. Any of the tries counts: of a canary
 * that went well and a rest that was cut off, the undo took back both.
 */
function spentWholly(tries: readonly Try[], workload: string): Verdict | undefined {
  if (tries.at(-1)?.ended?.outcome === 'done') return verdict('failed', 'undone-by-other');
  const spending = tries.findLast(restarted);
  return spending && verdict('failed', 'not-restarted-twice', { detail: spending.ended?.reason, workload });
}

function refused({ workload }: Case): Verdict | undefined {
  const { conflict, can, target } = workload;
  if (conflict && isAdopted(conflict.by)) return verdict('adopted', 'adopted-from', { ...conflict });
  if (conflict) return verdict('refused', 'conflict', { ...conflict });
  // Whatever the target says: stdin, terminal, cgroup and user of a process are lost with it.
  if (target === 'process') return verdict('refused', 'bare-process', { fix: 'observe: on' });
  if (can.inject.possible) return undefined;
  return verdict('refused', 'cannot-be-done', { detail: can.inject.because, fix: can.inject.fix });
}

function unready({ workload }: Case): Verdict | undefined {
  if (workload.rollout === 'paused') return verdict('waiting', 'rollout-paused');
  if (workload.rollout === 'running') return verdict('waiting', 'rollout-ongoing');
  const ready = workload.lifecycle !== 'restarting' && workload.replicas.every(({ state }) => state === 'ready');
  // A CronJob has no replica between two runs.
  return ready ? undefined : verdict('waiting', 'not-ready');
}

/** The first of several, where we may choose. */
function canaryOf({ workload: { restarts, replicas } }: Case): string | undefined {
  return restarts === 'one-by-one' && replicas.length > 1 ? replicas.map(({ id }) => id).sort()[0] : undefined;
}
