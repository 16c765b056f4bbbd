/** Which processes `attach` observes, by its words and flags. */
import type { Newcomers } from '../discovery/newcomers.js';
import { selectTargets } from '../discovery/targets.js';
import { EXIT_STATUS, Problem } from '../errors.js';
import { say } from './say.js';

/** `attach 4242`. @throws Problem (status 2) for a word that is no pid */
export function readPid(word: string): number {
  if (/^[1-9]\d{0,8}$/.test(word)) return Number(word);
  throw new Problem({
    code: 'UNKNOWN_WORD',
    message: `${JSON.stringify(word)} is not a process id`,
    reason: 'attach observes processes that already run',
    fixes: [
      `openlit-instrument attach --name ${JSON.stringify(word)}`,
      'openlit-instrument ps',
      `openlit-instrument ${word}   # to start it`,
    ],
    exit: EXIT_STATUS.usage,
  });
}

/** What goes on looking for processes. */
export async function newcomerSources(flags: {
  all: boolean;
  name?: string[] | undefined;
  force: boolean;
}): Promise<Newcomers[]> {
  if (!flags.all && !flags.name) return [];
  const { namedNewcomers, relevantNewcomers } = await import('../discovery/newcomers.js');
  const { all, name, force } = flags;
  return [...(all ? [relevantNewcomers(force)] : []), ...(name ? [namedNewcomers(name, force)] : [])];
}

/** The processes that were asked for, or picked; `--all` and `--name` find their own. */
export async function chooseTargets(flags: {
  pid?: number[] | undefined;
  name?: string[] | undefined;
  port?: number[] | undefined;
  all: boolean;
  force: boolean;
}): Promise<number[]> {
  const { pid: pids = [], name: names = [], port: ports = [], all, force } = flags;
  const selection = { pids, ports, force };
  if (pids.length + ports.length > 0) return selectTargets(selection, say);
  if (all || names.length > 0) return [];
  return (await (await import('./pick-processes.js')).pickProcesses(force)) ?? selectTargets(selection, say);
}
