/** Small parts of the agent: its waits, its words, its folder. */
import { makeFolders } from '../../config/make-folders.js';
import { EXIT_STATUS, fileReason, Problem } from '../../errors.js';
import type { Tick } from './loop.js';

export const isProbing = (action: Tick['actions'][number]): boolean =>
  action.kind === 'do' && (action.record.deed === 'attach' || action.record.deed === 'detach');

export function unwell(latest: Tick | undefined, interval: number, now: number): string | undefined {
  if (!latest) return 'it has not looked yet';
  const age = now - latest.at;
  return age > 3 * interval + 30_000 ? `its last look was ${Math.round(age / 1000)} s ago` : undefined;
}

export const took = (milliseconds: number): string =>
  milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;

export function cancellable(milliseconds: number): [Promise<void>, () => void] {
  let timer: NodeJS.Timeout | undefined;
  const done = new Promise<void>(resolve => {
    timer = setTimeout(resolve, milliseconds);
  });
  return [done, () => clearTimeout(timer)];
}

export const pause = (milliseconds: number): Promise<void> =>
  new Promise(resolve => {
    setTimeout(resolve, milliseconds).unref();
  });

export function makeRuntimeFolder(folder: string): void {
  try {
    makeFolders(folder, 0o755);
  } catch (error) {
    throw new Problem({
      code: 'AGENT_FOLDER',
      message: `the agent's folder ${folder} cannot be made`,
      reason: fileReason(error),
      fixes: ['--runtime FOLDER', 'run it as root'],
      exit: EXIT_STATUS.usage,
    });
  }
}
