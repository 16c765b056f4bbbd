/** Runs a command of the system to its end and reads what it says: `busctl`, `systemctl`. Nothing of it is ours. */
import { execFile } from 'node:child_process';

export interface Ran {
  /** Undefined: a signal ended it, or it could not be started. */
  readonly status: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  /** `ENOENT` and the like: it could not be started. */
  readonly failure?: string;
}

/** @param timeout milliseconds, then it is killed */
export function runCommand(file: string, words: readonly string[], timeout = 30_000): Promise<Ran> {
  return new Promise(resolve => {
    const options = { timeout, maxBuffer: 16 * 1024 * 1024, encoding: 'utf8' as const, killSignal: 'SIGKILL' as const };
    execFile(file, [...words], options, (error, stdout, stderr) => {
      if (error === null) return resolve({ status: 0, stdout, stderr });
      const { code } = error as NodeJS.ErrnoException | { code?: number };
      if (typeof code === 'number') return resolve({ status: code, stdout, stderr });
      resolve({ status: undefined, stdout, stderr, ...(typeof code === 'string' && { failure: code }) });
    });
  });
}
