/** Whether a container is well, and stays so. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Trouble } from '../../agent/observed.js';
import type { Engine } from './engine.js';
import type { Container } from './inspect.js';

const INTERVAL = 200;
/** Milliseconds that its own health check may take to say yes. */
const HEALTH = 300_000;

export function troubleOf({ State }: Container): Trouble | undefined {
  if (State.Restarting === true) return 'crash-loop';
  return State.Running && State.Health?.Status === 'unhealthy' ? 'unhealthy' : undefined;
}

/**
 * Looks at it until it was well for this long, and until its own health check says so where it has one.
 * @param settle milliseconds
 * @returns what went wrong
 */
export async function watch(engine: Engine, id: string, settle: number): Promise<string | undefined> {
  const begin = Date.now();
  for (;;) {
    const container = await engine.get<Container>(`/containers/${id}/json`);
    if (container === undefined) return 'it was removed while it started';
    const { State, RestartCount = 0 } = container;
    const trouble = troubleOf(container);
    if (trouble !== undefined)
      return trouble === 'unhealthy' ? 'its health check fails' : 'it ends and is started again';
    if (!State.Running || RestartCount > 0)
      return `it ends after its start (exit status ${State.ExitCode ?? 'unknown'})`;
    const passed = Date.now() - begin;
    const waits = State.Health?.Status === 'starting';
    if (passed >= settle && !waits) return undefined;
    if (passed >= HEALTH) return `its health check says nothing for ${HEALTH / 1000} s`;
    await wait(INTERVAL);
  }
}
