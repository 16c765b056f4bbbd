/** Where a program and our Worker want the same core, the program has it: the Worker lowers its own priority (Linux). */
import { readlinkSync, stat } from 'node:fs';
import os from 'node:os';

/**
 * Steps below the program's own priority: a quarter of a core that the program uses up, and all of an idle one. Not more, because it cannot be taken back without
 * privileges, and on a machine with too much to do the program's end waits for this thread.
 */
const NICE = 5;

export function giveWay(): void {
  if (process.platform !== 'linux') return;
  // libuv's threads are the program's as well, and inherit the priority of who starts them: they have to be there before.
  stat('/', () => {
    try {
      // Linux keeps a priority for each thread; the link of this one ends with its id.
      const thread = Number(readlinkSync('/proc/thread-self').split('/').pop());
      os.setPriority(thread, Math.min(os.getPriority(thread) + NICE, os.constants.priority.PRIORITY_LOW));
    } catch {
      // No /proc, or it is forbidden: then both compete.
    }
  });
}
