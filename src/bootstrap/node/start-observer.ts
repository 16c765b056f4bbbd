/**
 * The observer of a launch, started by the first call. It is nobody's child: a shell starts it and is gone at once. The fourth
 * descriptor is one end of a pair of sockets, so what is written lies in the kernel before the observer's first instruction,
 * and outlives this program.
 */
import type { Socket } from 'node:net';
import type { Runtime } from './runtime.js';
import { observerEnvironment } from './settings.js';

type Spawn = (options: object) => number | undefined;

/** Where there is no shell (images without a distribution), Node itself starts the observer. */
const AS_SHELL = `const{spawn}=require("child_process");const[file,...words]=process.argv.slice(1);
spawn(file,words,{detached:true,stdio:[0,1,2,3]}).unref()`;

/** @returns the program's end of the pair. @throws Error that says why it could not be started */
export function startObserver(runtime: Runtime, command: readonly string[]): Socket {
  const [file] = command;
  if (file === undefined || !runtime.isFile(file)) throw new Error(`there is no ${file}`);
  if (runtime.isFile('/bin/sh')) return start(runtime, '/bin/sh', ['-c', '"$@" &', 'sh', ...command]);
  return start(runtime, file, ['-e', AS_SHELL, ...command]);
}

function start(runtime: Runtime, file: string, words: readonly string[]): Socket {
  // Not `spawn`, which is what programs replace in their tests, but what it is made of.
  const { ChildProcess } = require('node:child_process') as typeof import('node:child_process');
  const child = new ChildProcess();
  let failure: Error | undefined;
  child.on('error', error => {
    failure = error;
  });
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
  if (code) throw failure ?? new Error(errorName(code));
  child.unref();
  const socket = child.stdio?.[3] as unknown as Socket;
  return socket.unref();
}

function errorName(code: number): string {
  const { getSystemErrorName } = require('node:util') as typeof import('node:util');
  return getSystemErrorName(code);
}
