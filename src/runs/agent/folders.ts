/** The agent's folders, made where they are missing; one error for what is wrong with them, with the flag that names another. */
import { makeFolders } from '../../config/make-folders.js';
import { EXIT_STATUS, fileReason, Problem } from '../../errors.js';

export type FolderFlag = 'state-dir' | 'run-dir';

/** Programs of any user go through it to their hooks; what only we may read is so by its own mode. */
const MODE = 0o755;

/** @throws Problem */
export function makeFolder(folder: string, flag: FolderFlag): void {
  try {
    makeFolders(folder, MODE);
  } catch (error) {
    throw unusable(folder, flag, error);
  }
}

export function unusable(folder: string, flag: FolderFlag, error: unknown): Problem {
  return new Problem({
    code: 'AGENT_FOLDER',
    message: `the agent's folder ${folder} cannot be used`,
    reason: fileReason(error),
    fixes: [`--${flag} FOLDER`, 'run it as root'],
    exit: EXIT_STATUS.usage,
  });
}
