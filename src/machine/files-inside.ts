/** Files as a process sees them: through its own root, since it may live in a container. */
import { PROC, procFile, readNames, readText } from './proc.js';

/** Path by which we reach a file of the process. */
export const insideProcess = (pid: number, file: string, root = PROC): string => procFile(pid, `root${file}`, root);

/** Names in a folder of the process; empty when it does not exist or may not be read. */
export const listInside = (pid: number, folder: string): string[] => readNames(insideProcess(pid, folder)) ?? [];

export const readInside = (pid: number, file: string): string | undefined => readText(insideProcess(pid, file));

/** Name of a user by the process's own list of users. */
export function userName(pid: number, uid: number): string | undefined {
  return (readInside(pid, '/etc/passwd') ?? '')
    .split('\n')
    .map(line => line.split(':'))
    .find(fields => fields[2] === String(uid))?.[0];
}
