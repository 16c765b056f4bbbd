/** `lifecycle`: running or stopped, and a restart that a person asks for once. Pure. */
import type { Desire, Request } from './desired.js';
import type { Deed, Past } from './history.js';
import type { ObservedWorkload } from './observed.js';
import {
  backOff,
  type Case,
  forGood,
  isOf,
  type Proposal,
  propose,
  servesOf,
  triesOf,
  type Verdict,
  verdict,
} from './verdict.js';
import { reason } from './words.js';

export function judgeLifecycle(situation: Case): Verdict {
  const { workload, desire } = situation;
  const { lifecycle, can } = workload;
  if (desire === undefined) return verdict('off', 'not-asked');
  if (lifecycle === desire.value) return verdict('on', 'as-asked', { source: desire.source });
  if (lifecycle === undefined) return verdict('waiting', 'not-seen');
  if (lifecycle === 'restarting') return verdict('waiting', 'not-ready');
  if (!can.lifecycle.possible) {
    return verdict('refused', 'cannot-be-done', { detail: can.lifecycle.because, fix: can.lifecycle.fix });
  }
  return once(desire.value === 'stopped' ? 'stop' : 'start', situation, desire);
}

/** A workload that left nothing but its snapshot: a process that we stopped, a pod without an owner. */
export function judgeGone(
  desire: Desire | undefined,
  past: Past,
  rest: Omit<Case, 'workload' | 'desire' | 'past'>,
): Verdict {
  const stopped = lastStop(past);
  if (desire?.value === 'stopped' && stopped) return verdict('on', 'as-asked', { source: desire.source });
  if (desire?.value !== 'running' || stopped?.ended?.snapshot === undefined) return verdict('gone', 'not-seen');
  const { workload: key, incarnation } = stopped.started;
  const workload = { key, incarnation } as ObservedWorkload;
  return once('start', { ...rest, workload, desire, past }, desire);
}

function once(deed: Deed, situation: Case, desire: Desire): Verdict {
  const { workload, past } = situation;
  const serves = servesOf('lifecycle', desire);
  const tries = triesOf(past, deed, serves).filter(one => isOf(one, workload.incarnation));
  const last = tries.at(-1);
  // It was as asked, and is not any more: whoever changed that meant it, or it cannot run.
  if (last?.ended?.outcome === 'done') {
    if (deed === 'stop') return verdict('failed', 'undone-by-other');
    return verdict('failed', 'not-restarted-twice', { detail: 'it stopped again', workload: workload.key });
  }
  const held = (last && forGood(last, workload.key)) ?? backOff(tries, situation);
  if (held) return held;
  const snapshot = deed === 'start' ? lastStop(past)?.ended?.snapshot : undefined;
  const { incarnation } = workload;
  const proposal: Proposal = {
    deed,
    serves,
    urgency: 2,
    since: desire.since,
    incarnation,
    ...(snapshot !== undefined && { snapshot }),
  };
  return propose(proposal, 'waiting', reason('working', { detail: deed }));
}

const lastStop = ({ tries }: Past) =>
  tries.filter(({ started, ended }) => started.deed === 'stop' && ended?.outcome === 'done').at(-1);

/**
 * The oldest request that was not tried yet. One that was cut off is not tried again unless a look proved that nothing had
 * happened: the restart was asked for once.
 */
export function judgeRequests(requests: readonly Request[], situation: Case): Proposal | undefined {
  const { workload, past } = situation;
  if (!workload.can.lifecycle.possible || workload.lifecycle !== 'running') return undefined;
  for (const { id, at } of requests) {
    const serves = `request ${id}`;
    const tries = triesOf(past, 'restart', serves);
    if (tries.some(({ ended }) => ended?.outcome !== 'not-done') || backOff(tries, situation)) continue;
    return { deed: 'restart', serves, urgency: 2, since: at, incarnation: workload.incarnation };
  }
  return undefined;
}
