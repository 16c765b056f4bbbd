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

/**
 * `lines`: the terminal edits lines, as for most programs. `editor`: a program reads keys and leaves Ctrl-C to the terminal,
 * as readline does at the prompt of a REPL. `screen`: it takes all keys, as a program that draws the screen does.
 */
type Mode = 'lines' | 'editor' | 'screen';

/** `lines` too where nobody can tell. `stty` is part of coreutils and of busybox. */
function modeOfTerminal(): Promise<Mode> {
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
      child.on('error', () => resolve('lines')).on('close', () => resolve(modeOf(text)));
    } catch {
      resolve('lines');
    } finally {
      if (terminal !== undefined) closeSync(terminal);
    }
  });
}

function modeOf(settings: string): Mode {
  const off = (name: string) => new RegExp(`(^|\\s)-${name}\\b`).test(settings);
  if (!off('icanon')) return 'lines';
  return off('isig') ? 'screen' : 'editor';
}

export interface TerminalCheck {
  /** A call has begun: how the terminal is meanwhile says what kind of program this is. */
  began(): void;
  /** For the reporter. */
  mayPrint(): Promise<boolean>;
}

/**
 * A REPL lets the terminal edit lines while it evaluates, and has taken it back when the line of a call is ready. So the mode
 * at the begin of the call counts too, but only against a line editor: a program that draws the screen may just have begun.
 */
export function createTerminalCheck(
  look: () => Promise<Mode> = modeOfTerminal,
  now: () => number = () => performance.now(),
): TerminalCheck {
  let asked = Number.NEGATIVE_INFINITY;
  let answer: Promise<Mode> = Promise.resolve('lines');
  let atBegin: Promise<Mode> = answer;
  const mode = () => {
    if (now() - asked > REMEMBERED) {
      asked = now();
      answer = look();
    }
    return answer;
  };
  return {
    began() {
      atBegin = mode();
    },
    async mayPrint() {
      const current = await mode();
      return current === 'lines' || (current === 'editor' && (await atBegin) === 'lines');
    },
  };
}
