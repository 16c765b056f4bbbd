/**
 * A process of ours beside the program that this one becomes: nobody's child, in a session of its own, with none of the
 * program's descriptors. A shell starts it and is gone at once, as with the taps (bootstrap/node/start-observer.ts).
 */
import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';

/** Where there is no shell (images without a distribution), Node itself starts it. */
const AS_SHELL =
  'const{spawn}=require("child_process"),[f,...w]=process.argv.slice(1);' +
  'spawn(f,w,{detached:true,stdio:[0,1,2,3]}).unref()';

/**
 * Starts it and waits for the one line that it writes to its descriptor 3.
 * @param patience milliseconds
 * @returns the line; undefined when there was none in time
 * @throws Error when it cannot be started
 */
export async function startDetached(
  command: readonly [string, ...string[]],
  env: NodeJS.ProcessEnv,
  patience: number,
): Promise<string | undefined> {
  const until = performance.now() + patience;
  const line = await startBy('/bin/sh', ['-c', '"$@" &', 'sh', ...command], env, until).catch(error => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return startBy(command[0], ['-e', AS_SHELL, ...command], env, until);
  });
  return line;
}

async function startBy(
  file: string,
  words: readonly string[],
  env: NodeJS.ProcessEnv,
  until: number,
): Promise<string | undefined> {
  const starter = spawn(file, words, { cwd: '/', env, detached: true, stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  const pipe = starter.stdio[3] as Readable;
  // Waited for, so that the program does not find a child that it never started.
  const gone = new Promise<void>((resolve, reject) => {
    starter.once('error', reject);
    starter.once('exit', () => resolve());
  });
  try {
    const [line] = await Promise.all([firstLine(pipe, until), gone]);
    return line;
  } finally {
    pipe.destroy();
  }
}

function firstLine(pipe: Readable, until: number): Promise<string | undefined> {
  return new Promise(resolve => {
    let text = '';
    const late = setTimeout(() => resolve(undefined), Math.max(0, until - performance.now()));
    const end = (line: string | undefined) => {
      clearTimeout(late);
      resolve(line);
    };
    pipe.setEncoding('utf8');
    pipe.on('data', (chunk: string) => {
      text += chunk;
      if (text.includes('\n')) end(text.slice(0, text.indexOf('\n')));
    });
    pipe.on('close', () => end(undefined));
    pipe.on('error', () => end(undefined));
  });
}
