/** `observe`: probes from outside, on and off without a restart. Pure. */
import type { Deed } from './history.js';
import {
  backOff,
  type Case,
  forGood,
  isAdopted,
  isOf,
  notYet,
  propose,
  servesOf,
  triesOf,
  type Verdict,
  verdict,
} from './verdict.js';
import { reason } from './words.js';

export function judgeObserve(situation: Case): Verdict {
  const { workload, desire } = situation;
  if (desire === undefined) {
    if (workload.observed) return verdict('on', 'not-asked');
    return adopted(situation) ?? verdict('off', 'not-asked');
  }
  const facts = { source: desire.source };
  if (desire.value === 'off') {
    if (workload.observed) return act('detach', situation);
    return adopted(situation) ?? verdict('off', 'switched-off', facts);
  }
  // Who is observed from inside by our hook would count twice.
  if (hooked(situation)) return workload.observed ? act('detach', situation) : verdict('on', 'as-asked', facts);
  if (workload.observed) return verdict('on', 'as-asked', facts);
  const other = adopted(situation) ?? conflict(situation);
  if (other) return other;
  const { observe } = workload.can;
  if (!observe.possible) return verdict('refused', 'cannot-be-done', { detail: observe.because, fix: observe.fix });
  return notYet(situation) ?? act('attach', situation);
}

const hooked = ({ workload: { replicas } }: Case): boolean =>
  replicas.length > 0 && replicas.every(({ injected }) => injected !== undefined);

function adopted({ workload: { conflict: other } }: Case): Verdict | undefined {
  return other && isAdopted(other.by) ? verdict('adopted', 'adopted-from', { ...other }) : undefined;
}

function conflict({ workload: { conflict: other } }: Case): Verdict | undefined {
  return other && verdict('refused', 'conflict', { ...other });
}

/** Probes are no restart: what was lost with a process is put on again, as often as it takes. Failures wait. */
function act(deed: Deed, situation: Case): Verdict {
  const { workload, desire, past } = situation;
  if (!desire) return verdict('off', 'not-asked');
  const serves = servesOf('observe', desire);
  const tries = triesOf(past, deed, serves).filter(one => isOf(one, workload.incarnation));
  const last = tries.at(-1);
  const held = (last && forGood(last, workload.key)) ?? backOff(tries, situation);
  if (held) return held;
  const { incarnation } = workload;
  return propose(
    { deed, serves, urgency: 2, since: desire.since, incarnation },
    'waiting',
    reason('working', { detail: deed }),
  );
}
