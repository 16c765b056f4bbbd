/** The agent's two folders. systemd names its own (`StateDirectory=`, `RuntimeDirectory=`: systemd.exec(5)). Pure. */
import os from 'node:os';
import path from 'node:path';

export interface AgentPlaces {
  /** Survives a reboot: history, desired state. */
  readonly state: string;
  /** Need not survive one: lock, status. */
  readonly runtime: string;
}

const NAME = 'openlit-instrument';

export function agentPlaces(
  given: { readonly state: string | undefined; readonly run: string | undefined },
  env: NodeJS.ProcessEnv,
  root: boolean,
): AgentPlaces {
  // The specification of XDG: a relative path is to be ignored.
  const absolute = (folder: string | undefined) => (folder && path.isAbsolute(folder) ? folder : undefined);
  const state =
    given.state ??
    env.STATE_DIRECTORY?.split(':')[0] ??
    (root
      ? `/var/lib/${NAME}`
      : path.join(absolute(env.XDG_STATE_HOME) ?? path.join(os.homedir(), '.local', 'state'), NAME));
  const ofUser = absolute(env.XDG_RUNTIME_DIR);
  const runtime =
    given.run ??
    env.RUNTIME_DIRECTORY?.split(':')[0] ??
    (root ? `/run/${NAME}` : ofUser === undefined ? path.join(state, 'run') : path.join(ofUser, NAME));
  return { state: path.resolve(state), runtime: path.resolve(runtime) };
}
