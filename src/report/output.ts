/**
 * Where our lines go: a descriptor, normally stderr, written at once. `process.stderr` and `process.stdout` are never
 * touched: opening them changes flags (O_NONBLOCK) of a description that the program shares.
 */
import { closeSync, constants } from 'node:fs';
import { reopenOwn } from '../machine/descriptors.js';
import { writeLine } from './write-line.js';

/** On need: it loads streams and sockets, a tenth of what Node takes to start, and every launch reads this file. */
const tty = () => process.getBuiltinModule('node:tty');

export interface Output {
  readonly terminal: boolean;
  readonly colour: boolean;
  /** Columns now; undefined where there is no terminal: nothing is cut then. */
  columns(): number | undefined;
  write(text: string): void;
  /**
   * What brings the cursor to the begin of an empty line, whatever another program has written: nothing where that cannot be
   * known. As zsh does before its prompt (docs/decisions/0090).
   */
  freshLine?(): string;
}

/** Rules of https://no-color.org and https://force-color.org; a dumb terminal and a pipe get none. */
export function wantsColour(terminal: boolean, env: NodeJS.ProcessEnv): boolean {
  if (env.NO_COLOR) return false;
  const force = env.FORCE_COLOR;
  if (force !== undefined && force !== '') return force !== '0' && force !== 'false';
  return terminal && env.TERM !== 'dumb';
}

/**
 * Undefined where there is no terminal, or one that does not know its width. The size is asked of a description of our
 * own, opened anew, for the reason at the top.
 */
export function terminalColumns(descriptor: number): number | undefined {
  if (!tty().isatty(descriptor)) return undefined;
  let own: number | undefined;
  try {
    own = reopenOwn(descriptor, constants.O_RDWR | constants.O_NOCTTY);
    const stream = new (tty().WriteStream)(own);
    const { columns } = stream;
    stream.destroy();
    own = undefined; // the stream closes it
    return columns > 0 ? columns : undefined;
  } catch {
    return undefined;
  } finally {
    if (own !== undefined) closeSync(own);
  }
}

/** Without a known size: what terminals have had since the VT100. */
const DEFAULT_COLUMNS = 80;

export function openOutput(descriptor: 1 | 2 = 2, env: NodeJS.ProcessEnv = process.env): Output {
  const terminal = tty().isatty(descriptor);
  return {
    terminal,
    colour: wantsColour(terminal, env),
    columns: () => (terminal ? (terminalColumns(descriptor) ?? DEFAULT_COLUMNS) : undefined),
    write: text => writeLine(descriptor, Buffer.from(text)),
    freshLine() {
      const columns = terminal && env.TERM !== 'dumb' ? terminalColumns(descriptor) : undefined;
      return columns === undefined ? '' : `${' '.repeat(columns)}\r`;
    },
  };
}
