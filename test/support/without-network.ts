/** Runs programs where there is no network but loopback, and where the build cannot be written. */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { cleanEnvironment, ROOT, type Run, run } from './launcher.js';

const here = (name: string) => path.resolve(import.meta.dirname, name);

/** Empty where namespaces can be made, else why not. */
export function whyNoNamespaces(): string {
  try {
    execFileSync('unshare', ['-nm', 'python3', here('loopback.py'), path.join(ROOT, 'dist'), 'true'], {
      stdio: 'pipe',
    });
    return '';
  } catch (error) {
    const { stderr, message } = error as { stderr?: Buffer; message: string };
    return `no namespaces of our own: ${String(stderr ?? '').trim() || message}`;
  }
}

/** The words as they are; no provider. */
export function cutOff(words: readonly string[], env: NodeJS.ProcessEnv = {}, cwd?: string): Promise<Run> {
  const alone = ['unshare', '-nm', 'python3', here('loopback.py'), path.join(ROOT, 'dist'), ...words];
  return run(alone, { env: cleanEnvironment(env), ...(cwd === undefined ? {} : { cwd }) });
}

/** The words beside a provider that replays the exchanges of the Node tests. */
export function cutOffWithProvider(words: readonly string[], env: NodeJS.ProcessEnv, cwd: string): Promise<Run> {
  return cutOff([process.execPath, here('offline.mjs'), here('../fixtures/node'), ...words], env, cwd);
}
