/**
 * The program as a child, where a parent has to stay (the local view) or exec is impossible. stdio is inherited and never
 * touched; signals are handed on by the rules below; the launcher ends as the program ended.
 */

import { execa } from 'execa';
import { EXIT_STATUS, Problem } from '../../errors.js';
import { procFile } from '../proc.js';
import { readStat } from '../stat.js';
import { forgottenVariables, restoreOpenFileLimit } from './exec.js';
import { loadLibc } from './exec-native.js';
import { hasInspector } from './own-node.js';

export interface Ending {
  /** Exit status of the program, when it ended by itself. */
  readonly status?: number;
  readonly signal?: NodeJS.Signals;
  /** The program could not be started: ENOENT, EACCES, E2BIG … */
  readonly failure?: NodeJS.ErrnoException;
}

/** Sent to the launcher alone by supervisors and people, so they are handed on at once. */
const FORWARDED: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'];
/** A terminal sends these to the whole foreground group: the program has got them already. */
const FROM_KEYBOARD: readonly NodeJS.Signals[] = ['SIGINT', 'SIGQUIT'];

/** How long a program may take to stop itself after Ctrl-Z before the launcher takes it that it will not, in ms. */
const STOP_PATIENCE = 500;

/**
 * @param env the whole environment of the program
 * @param inherited descriptors above 2 that the program gets under their own numbers
 * @param around called around the very start
 */
export async function spawnProgram(
  path: string,
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
  inherited: readonly number[],
  around: <T>(start: () => T) => T = start => start(),
): Promise<Ending> {
  const libc = loadLibc();
  // Lowered for the launcher as well: a child starts with what its parent has.
  if (libc) restoreOpenFileLimit(libc);
  await releaseInspector(env);
  const relay = new SignalRelay();
  try {
    const child = around(() =>
      execa(path, argv.slice(1), {
        argv0: argv[0] ?? path,
        env: { ...env, ...forgottenVariables() } as Record<string, string>,
        extendEnv: false,
        // Where ours was deleted, execa refuses to start anything: the same folder by a name that it can take.
        ...(isFolderGone() ? { cwd: procFile('self', 'cwd') } : {}),
        stdio: stdioFor(inherited) as ['inherit', 'inherit', 'inherit'],
        reject: false,
        buffer: false,
        cleanup: false,
        forceKillAfterDelay: false,
      }),
    );
    relay.attach(child.pid);
    const result = await child;
    if (result.signal) return { signal: result.signal as NodeJS.Signals };
    if (result.exitCode !== undefined) return { status: result.exitCode };
    const failure = (result.cause ?? result) as NodeJS.ErrnoException;
    if (failure.code === 'ERR_ACCESS_DENIED') throw forbiddenByNode(argv);
    return { failure };
  } finally {
    relay.close();
  }
}

function isFolderGone(): boolean {
  try {
    process.cwd();
    return false;
  } catch {
    return true;
  }
}

/**
 * With `--inspect` in NODE_OPTIONS the launcher took the port that is meant for the program: only where it could not be
 * started again without (`restart.ts`). Waits for a debugger that is connected.
 */
async function releaseInspector(env: NodeJS.ProcessEnv): Promise<void> {
  if (hasInspector(env, process.execArgv)) (await import('node:inspector')).close();
}

/** `--permission` in NODE_OPTIONS holds for every Node below it: neither exec nor spawn is left to the launcher. */
function forbiddenByNode(argv: readonly string[]): Problem {
  return new Problem({
    code: 'PERMISSION_MODEL',
    message: `${argv[0]} cannot be started`,
    reason:
      "NODE_OPTIONS switches Node's permission model on, which holds for the launcher too and lets it start nothing",
    fixes: ['env -u NODE_OPTIONS openlit-instrument env NODE_OPTIONS="$NODE_OPTIONS" PROGRAM'],
    exit: EXIT_STATUS.notExecutable,
  });
}

/** 0 to 2 inherited, every other inherited descriptor under its own number, the rest closed. */
function stdioFor(handed: readonly number[]): unknown[] {
  const stdio: unknown[] = ['inherit', 'inherit', 'inherit'];
  for (const number of handed) stdio[number] = number;
  return Array.from(stdio, entry => entry ?? 'ignore');
}

/** Ends the launcher the way the program ended, so that a shell or a supervisor sees no difference. */
export function dieLike(signal: NodeJS.Signals, number: number): void {
  const libc = loadLibc();
  libc?.noCoreFile();
  // Node ignores SIGPIPE and SIGXFSZ.
  libc?.setSignal(number, 'default');
  process.removeAllListeners(signal);
  try {
    process.kill(process.pid, signal);
  } catch {
    // A signal that Node does not know by this name: the status below says it.
  }
  // Reached as pid 1 of a container, where default actions do nothing, and with signals that are ignored.
  setTimeout(() => process.exit(128 + number), 100);
}

/** Hands signals on to the program. Listens from before it starts, so that an early one is not lost. */
class SignalRelay {
  private child: number | undefined;
  private readonly early: NodeJS.Signals[] = [];
  private readonly listeners: [NodeJS.Signals, () => void][] = [];

  constructor() {
    for (const signal of FORWARDED) this.listen(signal, () => this.send(signal));
    for (const signal of FROM_KEYBOARD) {
      this.listen(signal, () => {
        if (!inForeground()) this.send(signal);
      });
    }
    this.listen('SIGTSTP', () => {
      if (inForeground()) void this.stopWithChild();
      else this.send('SIGTSTP');
    });
    this.listen('SIGCONT', () => {
      if (this.child !== undefined && stateOf(this.child) === 'T') this.send('SIGCONT');
    });
  }

  attach(child: number | undefined): void {
    this.child = child;
    for (const signal of this.early.splice(0)) this.send(signal);
  }

  close(): void {
    for (const [signal, listener] of this.listeners) process.removeListener(signal, listener);
  }

  /** By the default action of the same signal, so that the shell reports what it would report of the program. */
  private stopItself(): void {
    const listeners = process.listeners('SIGTSTP');
    process.removeAllListeners('SIGTSTP');
    process.kill(process.pid, 'SIGTSTP');
    for (const listener of listeners) process.on('SIGTSTP', listener as () => void);
  }

  private listen(signal: NodeJS.Signals, listener: () => void): void {
    this.listeners.push([signal, listener]);
    process.on(signal, listener);
  }

  private send(signal: NodeJS.Signals): void {
    if (this.child === undefined) {
      this.early.push(signal);
      return;
    }
    try {
      process.kill(this.child, signal);
    } catch {
      // It has just ended; its status is on the way.
    }
  }

  /** Ctrl-Z: the launcher stops when the program has stopped, and goes on running when the program takes no notice. */
  private async stopWithChild(): Promise<void> {
    const until = Date.now() + STOP_PATIENCE;
    while (Date.now() < until) {
      if (this.child === undefined || stateOf(this.child) === 'T') {
        this.stopItself();
        return;
      }
      await new Promise(resolve => setTimeout(resolve, 5));
    }
  }
}

const stateOf = (pid: number): string | undefined => readStat(pid)?.state;

/** Is our process group the one that the terminal's keys go to? */
function inForeground(): boolean {
  const stat = readStat('self');
  return stat !== undefined && stat.group === stat.foreground;
}
