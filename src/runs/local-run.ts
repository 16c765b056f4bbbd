/**
 * A launch without an endpoint: the launcher stays as the parent, and is itself the observer. If the view cannot start, the
 * program runs as if we were not there.
 */
import { type GivenFlag, isOn } from '../config/flags.js';
import type { Loaded } from '../config/load.js';
import { VARIABLES } from '../config/variables.js';
import { hasUndecodableBytes } from '../machine/exec/exec.js';
import type { LocalView } from './local-view/local-view.js';

/**
 * The view of this launch, started.
 * @throws Error with the reason when there can be none
 */
export async function openLocalView(
  words: readonly string[],
  flags: readonly GivenFlag[],
  loaded: Loaded,
  version: string,
): Promise<LocalView> {
  const obstacle = needsExec(words, process.env);
  if (obstacle) throw new Error(obstacle);
  const { startLocalView } = await import('./local-view/local-view.js');
  return await startLocalView(loaded, {
    program: words,
    live: isOn(flags, 'live') || isOn(flags, 'verbose'),
    verbose: isOn(flags, 'verbose'),
    quiet: loaded.settings.quiet,
    version,
    page: isOn(flags, 'ui'),
    summaryFile: flags.findLast(({ row }) => row.id === 'summaryJson')?.value as string | undefined,
    budget: budgetOf(flags),
  });
}

/** US dollars of `--fail-over`, where it is given. */
export function budgetOf(flags: readonly GivenFlag[]): number | undefined {
  return flags.findLast(({ row }) => row.id === 'failOver')?.value as number | undefined;
}

/** Why this program must be what the launcher becomes, and cannot be its child. */
function needsExec(words: readonly string[], env: NodeJS.ProcessEnv): string | undefined {
  if (process.channel !== undefined) return 'its parent talks to it over an IPC channel, which a child would not have';
  if (env['LISTEN_PID'] === String(process.pid)) return 'its sockets come from a service manager, which names its pid';
  if (hasUndecodableBytes(words)) return 'its words or variables are not UTF-8, and Node would change them';
  return undefined;
}

/** A launcher inside a program that is shown already leaves the calls to the view that is there. */
export function hasView(env: NodeJS.ProcessEnv): boolean {
  try {
    return (JSON.parse(env[VARIABLES.tap] ?? '{}') as { view?: boolean }).view === true;
  } catch {
    return false;
  }
}
