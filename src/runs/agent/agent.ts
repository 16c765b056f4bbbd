/**
 * The agent: discovers workloads, reports them, makes true what is asked for, and keeps it so. `compose.ts` puts its parts
 * together, `serve.ts` is its loop. It ends with a signal: then every probe is taken off, and everything else stays as it is.
 */
import { EXIT_STATUS } from '../../errors.js';
import type { AgentOptions } from './agent-options.js';
import { type Agent, composeAgent } from './compose.js';
import { type Face, openFace } from './face.js';
import { createLooks, type Looks } from './look.js';
import { planLines } from './plan-lines.js';
import { serve } from './serve.js';
import type { Taps } from './taps.js';
import { unwell } from './tick-facts.js';
import { pause } from './waits.js';

/** ms that deeds may take to their end when the agent is told to go; the next agent looks at the rest. */
const LONGEST_GOODBYE = 10_000;

/** @returns the exit status. @throws Problem */
export async function runAgent(options: AgentOptions): Promise<number> {
  const agent = composeAgent(options);
  const looks = createLooks(agent);
  let face: Face | undefined;
  let taps: Taps | undefined;
  try {
    if (options.once) return await lookOnce(agent, looks);
    if (options.port !== undefined) {
      face = await showFace(agent, options.port);
      options.say(`listening on http://127.0.0.1:${face.port} (/healthz, /metrics, /status)`);
    }
    await serve(agent, looks, opened => {
      taps = opened;
    });
    return EXIT_STATUS.done;
  } finally {
    await face?.close();
    await leave(agent, taps);
  }
}

async function lookOnce({ options, executor, status }: Agent, { look }: Looks): Promise<number> {
  let seen = await look();
  if (seen.actions.length > 0 && !options.dryRun) {
    await executor.idle();
    seen = await look();
  }
  const document = status(seen);
  if (options.json) options.json({ ...document, actions: seen.actions });
  else options.show(document);
  for (const line of await planLines(seen.actions, options.targets)) options.say(line);
  return seen.fileErrors.length > 0 ? EXIT_STATUS.failed : EXIT_STATUS.done;
}

function showFace(
  { options, memory, figures, probes, executor, calls, clock, now, status }: Agent,
  port: number,
): Promise<Face> {
  return openFace(port, {
    unwell: () => unwell(now.latest, options.interval, clock()),
    metrics: () =>
      figures.page({
        version: options.version,
        instance: memory.instance,
        tick: now.latest,
        observed: probes.observed.size,
        running: executor.running.size,
        dashboard: now.dashboard,
        lost: probes.lost,
        sent: calls.opened?.sent,
      }),
    status: () => (now.latest ? status(now.latest) : {}),
  });
}

async function leave(
  { options, files, executor, probes, calls, lock, journal, now }: Agent,
  taps: Taps | undefined,
): Promise<void> {
  now.dashboard?.close();
  files.close();
  await Promise.race([executor.idle(), pause(LONGEST_GOODBYE)]);
  taps?.close();
  const observed = probes.lost !== undefined;
  await probes.close();
  if (!observed) await calls.opened?.pipeline.finish();
  if (!options.dryRun) lock.release();
  journal.close();
}
