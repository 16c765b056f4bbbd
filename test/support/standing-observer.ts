/** An observer that stands where the agent of a machine would: hooks connect to its socket. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { ROOT } from './launcher.js';

export interface StandingObserver {
  readonly socket: string;
  stop(): Promise<void>;
}

/** @param endpoint where it sends what it sees */
export async function startStandingObserver(folder: string, endpoint: string): Promise<StandingObserver> {
  const settings = path.join(folder, 'observer.json');
  const socket = path.join(folder, 'tap.sock');
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint };
  writeFileSync(settings, JSON.stringify({ version: 1, env, named: { resourceAttributes: {} } }));
  // Its descriptor 3 is a tap that never says anything: as long as we hold the other end, it stays.
  const child = spawn(
    process.execPath,
    [path.join(ROOT, 'dist/observer.cjs'), '--settings', settings, '--socket', socket],
    {
      stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
    },
  );
  while (!existsSync(socket)) {
    if (child.exitCode !== null) throw new Error('the observer ended');
    await wait(20);
  }
  return {
    socket,
    async stop() {
      const ended = once(child, 'close');
      child.kill('SIGKILL');
      await ended;
    },
  };
}
