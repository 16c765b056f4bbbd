/**
 * Layer `system`: which program the word `openlit-instrument` starts. OpenLIT's Python wheel installs a command of the same
 * name into its environment, and an activated environment comes first on PATH.
 */
import { readFileSync, realpathSync } from 'node:fs';
import path from 'node:path';
import type { Notes } from './finding.js';

const NAME = 'openlit-instrument';

/** @param own the real path of the file that runs now */
export function checkCommand(searchPath: string | undefined, own: string, notes: Notes): void {
  for (const folder of (searchPath ?? '').split(':').filter(path.isAbsolute)) {
    const file = path.join(folder, NAME);
    const head = headOf(file);
    if (head === undefined) continue;
    if (realpathSync(file) === own || !/^#!.*python|import .*openlit|from openlit/m.test(head)) return;
    return notes.failed(
      'command',
      `${file} is the command of OpenLIT's Python package: in this shell the name ${NAME} starts that one`,
      own.includes('node_modules') ? `npx ${NAME} …` : `${process.execPath} ${own} …`,
    );
  }
}

/** The first lines of a script; undefined where there is no such file. */
function headOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'latin1').slice(0, 400);
  } catch {
    return undefined;
  }
}
