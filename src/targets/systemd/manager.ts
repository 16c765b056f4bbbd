/** What we make systemd do. Every answer says what it said itself when it did not. */
import { runCommand } from '../../machine/exec/run-command.js';
import type { Scope } from './bus.js';

/** Longer than systemd's own default for a start (90 s) and a stop (90 s) together. */
const PATIENCE = 200_000;

export type Verb = 'daemon-reload' | 'restart' | 'start' | 'stop' | 'reset-failed';

/** @returns undefined when it was done, else why not */
export async function systemctl(scope: Scope, verb: Verb, unit?: string): Promise<string | undefined> {
  const words = [`--${scope}`, '--no-ask-password', verb, ...(unit === undefined ? [] : [unit])];
  const { status, stderr, failure } = await runCommand('systemctl', words, PATIENCE);
  if (status === 0) return undefined;
  if (failure !== undefined) return `systemctl: ${failure}`;
  return stderr.trim().split('\n')[0] || `systemctl ${verb} did not end within ${PATIENCE / 1000} s`;
}
