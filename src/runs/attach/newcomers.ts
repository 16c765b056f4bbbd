/** `attach --all` and `--name`: adds the processes that a source finds to the observation, now and again and again. */
import type { Observation } from '../../attach/observation.js';
import type { Newcomer, Newcomers } from '../../discovery/newcomers.js';
import { leftOutLine } from '../../discovery/targets.js';
import { Problem } from '../../errors.js';

/** Starts looking; returns what ends it. Of a process that is observed from inside already, that is said, once. */
export function addNewcomers(
  newcomers: Newcomers,
  observation: Pick<Observation, 'observed' | 'attach'>,
  say: (line: string) => void,
): () => void {
  const { named, interval } = newcomers;
  /** Processes of which was said why they are not observed: once. */
  const told = new Set<number>();
  let timer: NodeJS.Timeout | undefined;
  let ended = false;
  const tell = (pid: number, line: string) => {
    if (!told.has(pid)) say(line);
    told.add(pid);
  };
  const add = ({ pid, observedBy }: Newcomer) => {
    if (observation.observed.has(pid)) return;
    if (observedBy) return tell(pid, leftOutLine(pid, observedBy));
    try {
      observation.attach(pid, named);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      // Whom nobody named, and who ended meanwhile, is nobody's loss.
      if (named && error.code !== 'NO_PROCESS') tell(pid, `${error.message}: ${error.reason ?? ''}`);
    }
  };
  const look = async (): Promise<number> => {
    const found = await newcomers.look(observation.observed);
    if (ended) return 0;
    for (const newcomer of found) add(newcomer);
    timer = setTimeout(again, interval);
    return found.length;
  };
  const again = () =>
    look().catch(error => {
      say(`new processes are not looked for any more: ${error.message}`);
      return 0;
    });
  void again().then(found => {
    const line = ended ? undefined : newcomers.start(found);
    if (line !== undefined) say(line);
  });
  return () => {
    ended = true;
    clearTimeout(timer);
  };
}
