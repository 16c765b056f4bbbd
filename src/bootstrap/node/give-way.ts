/** Where a program and our Worker want the same core, the program has it: the Worker lowers its own priority (Linux). */
import { readlinkSync, stat } from 'node:fs';
import os from 'node:os';

/** Of 20 steps: a tenth of a core that the program uses up, and all of an idle one. It cannot be taken back without privileges. */
const NICE = 10;

export function giveWay(): void {
  if (process.platform !== 'linux') return;
  // libuv's threads are the program's as well, and inherit the priority of who starts them: they have to be there before.
  stat('/', () => {
    try {
      // Linux keeps a priority for each thread; the link of this one ends with its id.
      os.setPriority(Number(readlinkSync('/proc/thread-self').split('/').pop()), NICE);
    } catch {
      // No /proc, or it is forbidden: then both compete.
    }
  });
}
