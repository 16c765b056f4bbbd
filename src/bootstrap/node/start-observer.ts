/**
 * The observer of a launch, started by the first call. It is nobody's child: a shell starts it and is gone at once. The fourth
 * descriptor is one end of a pair of sockets, so what is written lies in the kernel before the observer's first instruction,
 * and outlives this program.
 */
import { constants } from 'node:fs';
import type { Socket } from 'node:net';
import type { Runtime } from './runtime.js';
import { observerEnvironment } from './settings.js';

type Spawn = (options: object) => number | undefined;

/** Milliseconds that who starts an observer may take on a machine that is busy. */
const PATIENCE = 5_000;

/** Where there is no shell (images without a distribution), Node itself starts the observer. */
const AS_SHELL =
  'const{spawn}=require("child_process"),[f,...w]=process.argv.slice(1);' +
  'spawn(f,w,{detached:true,stdio:[0,1,2,3]}).unref()';

/** @returns the program's end of the pair. @throws Error that says why it could not be started */
export function startObserver(runtime: Runtime, command: readonly string[], script?: string): Socket {
  const refused = refusedFile(runtime, command);
  if (refused !== undefined) throw new Error(`${refused} is not there, or not for this user`);
  const { getSystemErrorName } = require('node:util') as typeof import('node:util');
  const ways: [string, string[]][] = [
    ...(script !== undefined && runtime.can(script, constants.R_OK)
      ? [['/bin/sh', [script, ...command]] as [string, string[]]]
      : []),
    [command[0] ?? '', ['-e', AS_SHELL, ...command]],
  ];
  let reason = '';
  for (const [file, words] of ways) {
    const result = start(runtime, file, words);
    if (typeof result === 'object') return result;
    reason = `${getSystemErrorName(result)}: ${file}`;
    if (!reason.startsWith('ENOENT')) break;
  }
  throw new Error(reason);
}

/**
 * What the observer needs and would die without: its runtime, its code, its settings (a program that gives up its rights
 * cannot read those of its launcher). A program that mocks its file system has not even the runtime that runs it.
 */
function refusedFile(runtime: Runtime, command: readonly string[]): string | undefined {
  const { X_OK, R_OK } = constants;
  if (!runtime.can(process.execPath, X_OK)) return undefined;
  const isNeeded = (word: string, at: number) => word.startsWith('/') && command[at - 1] !== '--socket';
  return command.find((word, at) => isNeeded(word, at) && !runtime.can(word, at === 0 ? X_OK : R_OK));
}

/** @returns a number of an error of libuv where nothing was started */
function start(runtime: Runtime, file: string, words: readonly string[]): Socket | number {
  // Not `spawn`, which is what programs replace in their tests, but what it is made of.
  const { ChildProcess } = require('node:child_process') as typeof import('node:child_process');
  const child = new ChildProcess();
  child.on('error', () => {});
  const code = (child as unknown as { spawn: Spawn }).spawn({
    file,
    args: [file, ...words],
    cwd: '/',
    // A session of its own, so that no terminal ends it.
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    envPairs: observerEnvironment(runtime.env),
    windowsHide: true,
  });
  const socket = child.stdio?.[3] as unknown as Socket | undefined;
  if (code || socket === undefined) {
    socket?.destroy();
    return code || -1;
  }
  child.unref();
  // Where no process may be started, bash tries it for 15 s.
  runtime.later(() => child.kill('SIGKILL'), PATIENCE);
  return socket.unref();
}
