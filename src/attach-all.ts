/** `attach --all`: adds what discovery finds to the observation, now and every two seconds. */
import type { Observation } from './attach/observation.js';
import type { DiscoveredProcess } from './discovery/discover.js';
import type { Newcomers } from './discovery/newcomers.js';
import { leftOutLine } from './discovery/targets.js';
import { Problem } from './errors.js';

/** Milliseconds between two looks. */
const INTERVAL = 2000;

/** Starts looking; returns what ends it. Processes that an SDK observes are left out, unless `force`. */
export function addNewcomers(
  newcomers: Newcomers,
  observation: Pick<Observation, 'observed' | 'attach'>,
  force: boolean,
  say: (line: string) => void,
): () => void {
  const leftOut = new Set<number>();
  let timer: NodeJS.Timeout | undefined;
  let ended = false;
  const add = ({ pid, instrumentation }: DiscoveredProcess) => {
    if (observation.observed.has(pid)) return;
    if (instrumentation && !force) {
      if (!leftOut.has(pid)) say(leftOutLine(pid, instrumentation));
      leftOut.add(pid);
      return;
    }
    try {
      observation.attach(pid);
    } catch (error) {
      if (!(error instanceof Problem)) throw error; // a `Problem`: it ended meanwhile, or may not be looked into
    }
  };
  const look = async () => {
    const found = await newcomers.look(observation.observed);
    if (ended) return;
    for (const process of found) add(process);
    timer = setTimeout(again, INTERVAL);
  };
  const again = () => look().catch(error => say(`new processes are not looked for any more: ${error.message}`));
  void again().then(() => {
    if (ended) return;
    const { size } = newcomers.possible;
    if (size > 0) say(waitingLine(size));
    else if (observation.observed.size === 0)
      say('nothing talks to an LLM now; what begins to is observed (Ctrl-C ends)');
  });
  return () => {
    ended = true;
    clearTimeout(timer);
  };
}

/** Said once, at the start: `--all` leaves alone what was not seen to talk to a model. */
function waitingLine(number: number): string {
  const [subject, verb] = number === 1 ? ['1 process', 'is'] : [`${number} processes`, 'are'];
  return `${subject} could talk to an LLM and ${verb} not seen to: observed from the first connection to a provider on (openlit-instrument ps lists them, --pid observes one at once)`;
}
