/**
 * Under a launch the terminal belongs to the program. While it reads single keys or draws the screen itself (an editor, a
 * chat with its own interface), a line of ours would land inside its picture: it is kept until the terminal is back in
 * line mode, at the latest when the program has ended.
 */
import { spawn } from 'node:child_process';
import { closeSync, constants } from 'node:fs';
import { reopenOwn } from '../../machine/descriptors.js';

/** Terminal settings do not change from one call to the next millisecond; one look serves this long. */
const REMEMBERED = 100;

/** Longest time that the look may take: then the line is printed. */
const PATIENCE = 1000;

/** True when the terminal of stderr is in line mode, or nobody can tell. `stty` is part of coreutils and of busybox. */
function inLineMode(): Promise<boolean> {
  return new Promise(resolve => {
    let terminal: number | undefined;
    try {
      // stty looks at its stdin: a description of our own, that does not become our controlling terminal.
      terminal = reopenOwn(2, constants.O_RDONLY | constants.O_NOCTTY | constants.O_NONBLOCK);
      const child = spawn('stty', ['-a'], { stdio: [terminal, 'pipe', 'ignore'], timeout: PATIENCE });
      let text = '';
      child.stdout!.on('data', data => {
        text += data;
      });
      child.on('error', () => resolve(true)).on('close', () => resolve(!/(^|\s)-icanon\b/.test(text)));
    } catch {
      resolve(true);
    } finally {
      if (terminal !== undefined) closeSync(terminal);
    }
  });
}

/** For the reporter's `mayPrint`. */
export function createTerminalCheck(now: () => number = () => performance.now()): () => Promise<boolean> {
  let asked = Number.NEGATIVE_INFINITY;
  let answer: Promise<boolean> = Promise.resolve(true);
  return () => {
    if (now() - asked > REMEMBERED) {
      asked = now();
      answer = inLineMode();
    }
    return answer;
  };
}
