/** The agent as it stays: look, wait for the next look or for what asks for one, until it is told to go. */
import { fileReason } from '../../errors.js';
import type { AgentOptions } from './agent-options.js';
import type { Agent } from './compose.js';
import { type Dashboard, startDashboard } from './dashboard.js';
import { linkDashboard } from './dashboard-link.js';
import type { Looks } from './look.js';
import { planLines } from './plan-lines.js';
import { openTaps, type Taps } from './taps.js';
import { cancellable } from './waits.js';

/** ms between two ticks that events ask for. */
const CLOSEST = 200;

/** @param opened gets what listens to hooks, to be closed by whoever ends the agent */
export async function serve(agent: Agent, { lookOn }: Looks, opened: (taps: Taps) => void): Promise<void> {
  const { options, lock, bell, now } = agent;
  const { say } = options;
  let ended = false;
  void options.stopped.then(() => {
    ended = true;
    bell.ring();
  });
  const mayListen = options.tapSocket !== undefined && !options.dryRun;
  let tried = false;
  /** Only who acts on this machine listens: two would take the name from each other. */
  const listenToHooks = async (ours: boolean): Promise<void> => {
    if (!mayListen || tried || !ours) return;
    tried = true;
    const { pipeline, target } = await agent.calls.open();
    const socket = options.tapSocket!;
    const { sightings } = agent;
    try {
      opened(await openTaps({ socket, pipeline, settings: target, version: options.version, sightings, note: say }));
    } catch (error) {
      say(`hooks cannot connect at ${socket}: ${fileReason(error)}; they report by themselves where they can`);
    }
  };
  const planned = new Set<string>();
  // Before the first look: who may be given a hook depends on whether anybody listens.
  if (mayListen) await listenToHooks(lock.hold().ours);
  while (!ended) {
    const due = bell.next();
    const seen = await lookOn();
    if (seen && options.dryRun) {
      const lines = await planLines(seen.actions, options.targets);
      for (const line of lines) if (!planned.has(line)) say(line);
      planned.clear();
      for (const line of lines) planned.add(line);
    }
    await listenToHooks(seen?.lock.ours === true);
    if (options.dashboard && !now.dashboard && !options.dryRun) now.dashboard = openDashboard(agent, options.dashboard);
    if (ended) return;
    const [waiting, cancel] = cancellable(options.interval);
    await Promise.race([due, waiting]);
    cancel();
    if (!ended) await cancellable(CLOSEST)[0];
  }
}

function openDashboard(agent: Agent, { url, apiKey, cluster }: NonNullable<AgentOptions['dashboard']>): Dashboard {
  const { options, memory, journal, calls, bell, jitter, now } = agent;
  const link = linkDashboard({
    instance: memory.instance,
    cluster,
    version: options.version,
    targets: options.targets,
    facts: () =>
      now.latest?.lock.ours
        ? {
            states: now.latest.states,
            desired: memory.desired,
            history: journal.records,
            known: memory.known,
            sightings: now.latest.sightings,
          }
        : undefined,
    wish: desired => {
      if (desired === memory.desired) return;
      memory.setDesired(desired);
      bell.ring();
    },
  });
  return startDashboard({
    url,
    ...(apiKey !== undefined && { apiKey }),
    jitter,
    body: link.body,
    answered: answer => {
      const endpoint = answer.config?.endpoint;
      if (endpoint) calls.send({ ...endpoint, signalHeaders: {} });
      link.answered(answer);
    },
    note: options.say,
  });
}
