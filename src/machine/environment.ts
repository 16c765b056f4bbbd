/** The variables that a process was started with: `environ` of proc(5). What it set itself later is not in it. */
import { type Pid, PROC, procFile, readBytes, splitNul } from './proc.js';

/** Undefined when it may not be read. Words without a name are left out. */
export function readEnvironment(pid: Pid, root = PROC): Map<string, string> | undefined {
  const bytes = readBytes(procFile(pid, 'environ', root));
  return bytes && parseEnvironment(bytes);
}

/** The first of two with one name counts, as for getenv(3). */
export function parseEnvironment(bytes: Buffer): Map<string, string> {
  const environment = new Map<string, string>();
  for (const word of splitNul(bytes)) {
    const entry = word.toString();
    const equals = entry.indexOf('=');
    const name = entry.slice(0, equals);
    if (equals > 0 && !environment.has(name)) environment.set(name, entry.slice(equals + 1));
  }
  return environment;
}
