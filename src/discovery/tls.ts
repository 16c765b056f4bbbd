/** Which TLS code a process has, and whether `attach` could probe it: the planner's answer in the words of a listing. */
import { basename } from 'node:path';
import { Planner } from '../attach/sources/plan.js';
import { Problem } from '../errors.js';
import type { ProcessFacts } from '../machine/facts.js';
import type { TlsFinding } from '../plan/running.js';

/** One planner for a whole listing: each file is read once, whoever maps it. */
export function createTlsInspector(): (process: ProcessFacts) => TlsFinding | undefined {
  const planner = new Planner();
  return ({ pid, executable }) => {
    try {
      const { files, refused } = planner.plan(pid);
      const [file] = files;
      if (file) {
        const inside = file.file === executable ? ` in ${basename(file.file)}` : ` ${basename(file.file)}`;
        return { library: `${file.library}${inside}`, attachable: true, locator: 'symbols' };
      }
      const [first] = refused;
      if (first) return { library: basename(first.file), attachable: false, reason: first.reason };
      return undefined;
    } catch (error) {
      if (error instanceof Problem) return { attachable: false, reason: error.reason ?? error.message };
      throw error;
    }
  };
}
