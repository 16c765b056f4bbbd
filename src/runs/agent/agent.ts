/**
 * The agent: discovers workloads, reports them, makes true what is asked for, and keeps it so. Composes; each part has a
 * file of its own. It ends with a signal: then every probe is taken off, and everything else stays as it is.
 */
import path from 'node:path';
import { hashedJitter } from '../../agent/back-off.js';
import { DEFAULT_POLICY } from '../../agent/policy.js';
import type { Status } from '../../agent/status.js';
import { letOthersFirst } from '../../attach/priority.js';
import { maskAddresses } from '../../config/mask.js';
import { attachRights } from '../../discovery/rights.js';
import { EXIT_STATUS, fileReason, Problem } from '../../errors.js';
import type { AgentOptions } from './agent-options.js';
import { lazyCalls } from './calls.js';
import { createChanges } from './changes.js';
import { type Dashboard, startDashboard } from './dashboard.js';
import { linkDashboard } from './dashboard-link.js';
import { createDesiredFiles } from './desired-files.js';
import { replaceFile } from './durable.js';
import { createExecutor } from './executor.js';
import { type Face, openFace } from './face.js';
import { createFigures } from './figures.js';
import { makeFolder } from './folders.js';
import { createHands } from './hands.js';
import { openJournal } from './journal.js';
import { openLock } from './lock.js';
import { type LoopParts, steadyClock, type Tick, tick } from './loop.js';
import { openMemory } from './memory.js';
import { createPicture } from './observed-picture.js';
import { planLines } from './plan-lines.js';
import { createProbes } from './probes.js';
import { createSightings } from './sightings.js';
import { statusOf } from './status.js';
import { openTaps, type Taps } from './taps.js';
import { isProbing, took, unwell } from './tick-facts.js';
import { cancellable, pause } from './waits.js';

/** ms that deeds may take to their end when the agent is told to go; the next agent looks at the rest. */
const LONGEST_GOODBYE = 10_000;
/** ms between two ticks that events ask for. */
const CLOSEST = 200;

/** @returns the exit status. @throws Problem */
export async function runAgent(options: AgentOptions): Promise<number> {
  const { settings, version, say, json } = options;
  const memory = openMemory(options.state);
  const journal = openJournal(path.join(options.state, 'history.ndjson'));
  makeFolder(options.runtime, 'run-dir');
  const lock = openLock(path.join(options.runtime, 'agent.lock'));
  const rights = attachRights();
  const jitter = hashedJitter(memory.instance);
  const clock = steadyClock(Math.max(0, ...journal.records.slice(-100).map(({ at }) => at)));
  const sightings = createSightings({ settings, version, rights });
  const figures = createFigures();
  const calls = lazyCalls({
    settings,
    version,
    note: say,
    meter: figures.meter,
    resourceOf: process => sightings.resourceOf(process, probes.ownerOf(process.pid)),
  });
  const priority: { look?: (share: number) => void } = {};
  const probes = createProbes({
    ringSize: options.ringSize,
    memoryLimit: options.memoryLimit,
    sink: async () => {
      priority.look = letOthersFirst().look;
      return (await calls.open()).sink;
    },
    note: say,
    backlog: share => priority.look?.(share),
  });
  let wake = () => {};
  let dashboard: Dashboard | undefined;
  const executor = createExecutor(
    journal,
    createHands({ probes, targets: options.targets, sightings: () => sightings.latest }),
    {
      began: ({ deed, workload }) => say(`${deed} ${workload} …`),
      ended: (record, result, milliseconds) => {
        const { deed, workload } = record;
        const { outcome, reason } = result;
        figures.deed(deed, outcome);
        say(`${deed} ${workload}: ${outcome}${reason === undefined ? '' : `, ${reason}`} (${took(milliseconds)})`);
        json?.({ event: 'deed', deed, workload, ...result });
        dashboard?.hurry();
        wake();
      },
      unwritten: error => say(`the history cannot be written, so nothing is done: ${fileReason(error)}`),
    },
    clock,
  );
  const files = createDesiredFiles(options.desired, () => wake());
  const parts: LoopParts = {
    lock: options.dryRun ? undefined : lock,
    memory,
    journal,
    files,
    sightings,
    picture: createPicture(options),
    probes,
    executor,
    rights,
    policy: DEFAULT_POLICY,
    jitter,
    clock,
    note: say,
    // Probes end with the agent: one that leaves at once sets none.
    chosen: actions => (options.once ? actions.filter(action => !isProbing(action)) : actions),
  };
  let latest: Tick | undefined;
  const status = (seen: Tick): Status =>
    statusOf(seen, {
      version,
      instance: memory.instance,
      known: memory.known,
      ...(options.dashboard && {
        dashboard: { url: maskAddresses(options.dashboard.url), lastOk: dashboard?.lastOk },
      }),
    });
  const describe = (key: string): string => {
    const known = memory.known.get(key);
    const what = [known?.serviceName, known?.runtime, ...(known?.providers ?? [])].filter(Boolean).join(', ');
    return what === '' ? key : `${key} (${what})`;
  };
  const changes = createChanges(describe);
  const errorsTold = new Set<string>();
  let stateTold = false;

  const look = async (): Promise<Tick> => {
    const began = performance.now();
    const seen = await tick(parts);
    latest = seen;
    figures.look((performance.now() - began) / 1000);
    for (const line of seen.fileErrors) if (!errorsTold.has(line)) say(line);
    errorsTold.clear();
    for (const line of seen.fileErrors) errorsTold.add(line);
    if (options.once) return seen;
    for (const change of changes(seen.states)) {
      say(change.text);
      if (json) json({ event: 'change', ...change, at: new Date(seen.at).toISOString() });
    }
    try {
      replaceFile(path.join(options.runtime, 'status.json'), JSON.stringify(status(seen)));
      stateTold = false;
    } catch (error) {
      if (!stateTold) say(`the status cannot be written: ${fileReason(error)}`);
      stateTold = true;
    }
    return seen;
  };

  let failure = '';
  /** A full disk, or a machine without a free descriptor, is no reason to end: it is said, and tried again. */
  const lookOn = async (): Promise<Tick | undefined> => {
    try {
      const seen = await look();
      failure = '';
      return seen;
    } catch (error) {
      if (latest === undefined) throw error;
      const why = error instanceof Problem ? error.message : fileReason(error);
      if (why !== failure) say(`this look failed: ${why}; the next one is in ${options.interval / 1000} s`);
      failure = why;
      return undefined;
    }
  };

  let taps: Taps | undefined;
  let tapsTried = false;
  /** Only who acts on this machine listens: two would take the name from each other. */
  const listenToHooks = async (): Promise<void> => {
    tapsTried = true;
    const { pipeline, target } = await calls.open();
    const socket = options.tapSocket!;
    try {
      taps = await openTaps({ socket, pipeline, settings: target, version, sightings, note: say });
    } catch (error) {
      say(`hooks cannot connect at ${socket}: ${fileReason(error)}; they report by themselves where they can`);
    }
  };

  const leave = async (): Promise<void> => {
    dashboard?.close();
    files.close();
    await Promise.race([executor.idle(), pause(LONGEST_GOODBYE)]);
    taps?.close();
    const observed = probes.lost !== undefined;
    await probes.close();
    if (!observed) await calls.opened?.pipeline.finish();
    if (!options.dryRun) lock.release();
    journal.close();
  };

  let face: Face | undefined;
  try {
    if (options.once) {
      let seen = await look();
      if (seen.actions.length > 0 && !options.dryRun) {
        await executor.idle();
        seen = await look();
      }
      const document = status(seen);
      if (json) json({ ...document, actions: seen.actions });
      else options.show(document);
      for (const line of await planLines(seen.actions, options.targets)) say(line);
      return seen.fileErrors.length > 0 ? EXIT_STATUS.failed : EXIT_STATUS.done;
    }
    if (options.port !== undefined) {
      face = await openFace(options.port, {
        unwell: () => unwell(latest, options.interval, clock()),
        metrics: () =>
          figures.page({
            version,
            instance: memory.instance,
            tick: latest,
            observed: probes.observed.size,
            running: executor.running.size,
            dashboard,
            lost: probes.lost,
            sent: calls.opened?.sent,
          }),
        status: () => (latest ? status(latest) : {}),
      });
      say(`listening on http://127.0.0.1:${face.port} (/healthz, /metrics, /status)`);
    }
    await serve();
    return EXIT_STATUS.done;
  } finally {
    await face?.close();
    await leave();
  }

  async function serve(): Promise<void> {
    let ended = false;
    void options.stopped.then(() => {
      ended = true;
      wake();
    });
    const planned = new Set<string>();
    const mayListen = options.tapSocket !== undefined && !options.dryRun;
    // Before the first look: who may be given a hook depends on whether anybody listens.
    if (mayListen && lock.hold().ours) await listenToHooks();
    while (!ended) {
      const due = new Promise<void>(resolve => {
        wake = resolve;
      });
      const seen = await lookOn();
      if (seen && options.dryRun) {
        const lines = await planLines(seen.actions, options.targets);
        for (const line of lines) if (!planned.has(line)) say(line);
        planned.clear();
        for (const line of lines) planned.add(line);
      }
      if (mayListen && seen?.lock.ours && !tapsTried) await listenToHooks();
      if (options.dashboard && !dashboard && !options.dryRun) dashboard = openDashboard(options.dashboard);
      if (ended) return;
      const [waiting, cancel] = cancellable(options.interval);
      await Promise.race([due, waiting]);
      cancel();
      if (!ended) await cancellable(CLOSEST)[0];
    }
  }

  function openDashboard({ url, apiKey, cluster }: NonNullable<AgentOptions['dashboard']>): Dashboard {
    const link = linkDashboard({
      instance: memory.instance,
      cluster,
      version,
      targets: options.targets,
      facts: () =>
        latest?.lock.ours
          ? {
              states: latest.states,
              desired: memory.desired,
              history: journal.records,
              known: memory.known,
              sightings: latest.sightings,
            }
          : undefined,
      wish: desired => {
        if (desired === memory.desired) return;
        memory.setDesired(desired);
        wake();
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
      note: say,
    });
  }
}
