/**
 * Where the files lie that injected programs need: a folder of ours, apart from the npm package, so that an update or a removal
 * of the package takes nothing away from under a program that starts.
 */
import { accessSync, constants } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { makeFolders } from '../../config/make-folders.js';

/** Where an agent of this machine takes the frames of hooks. Its folder is mounted into containers: nothing else lies there. */
export const AGENT_SOCKET = '/run/openlit-instrument/taps/tap.sock';

export interface Root {
  readonly folder: string;
  /** False: in memory, and gone after a restart of the machine. */
  readonly lasting: boolean;
}

/** The first that can be written. @throws Error that says what was tried */
export function payloadRoot(scope: 'system' | 'user', env: NodeJS.ProcessEnv = process.env): Root {
  const roots: Root[] =
    scope === 'system'
      ? [
          { folder: '/var/lib/openlit-instrument', lasting: true },
          { folder: '/run/openlit-instrument', lasting: false },
        ]
      : [
          {
            folder: path.join(env['XDG_DATA_HOME'] || path.join(os.homedir(), '.local/share'), 'openlit-instrument'),
            lasting: true,
          },
        ];
  const reasons: string[] = [];
  for (const root of roots) {
    const reason = unwritable(root.folder);
    if (reason === undefined) return root;
    reasons.push(`${root.folder}: ${reason}`);
  }
  throw new Error(`there is no folder for the hook (${reasons.join('; ')})`);
}

/** Asked without making anything: the nearest folder above that is there decides. */
function unwritable(folder: string): string | undefined {
  for (let at = folder; ; at = path.dirname(at)) {
    try {
      accessSync(at, constants.W_OK);
      return undefined;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ENOENT' || at === '/') return code ?? (error as Error).message;
    }
  }
}

/** A folder that everybody may enter, whatever our umask is. */
export function openFolder(folder: string): string {
  makeFolders(folder, 0o755);
  return folder;
}
