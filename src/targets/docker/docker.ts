/** Containers of Docker and Podman as a target: made anew by the engine's own interface, without losing anything. */
import path from 'node:path';
import type { Started } from '../../agent/history.js';
import type { Refusal } from '../../agent/observed.js';
import { runtimeInside } from '../../machine/executable.js';
import { procFile } from '../../machine/proc.js';
import type { Injection } from '../injection.js';
import { somebodyListens } from '../look-at-machine.js';
import { payloadFiles, payloadName } from '../payload/payload.js';
import type { Change, DeedResult, Plan, SeenWorkload, Target } from '../target.js';
import type { Engine } from './engine.js';
import { injectedOf, withoutBinds, withoutHook } from './environment.js';
import { type Container, nameOf } from './inspect.js';
import { nameOfKey } from './names.js';
import { type ContainerPlan, conflictOf, planContainer } from './plan-container.js';
import type { LibpodContainer } from './refusals.js';
import { type ContainerLook, seenContainer } from './seen-container.js';
import { besides, clearLeftovers, inspect, type Leftovers, leftovers, swap } from './swap.js';
import { ensureVolume, removeUnusedVolumes } from './volume.js';
import { troubleOf, watch } from './watch.js';

export interface DockerOptions {
  readonly engine: Engine;
  readonly injection: Injection;
  /** Milliseconds that a container has to stay well after its start; default 3,000. */
  readonly settle?: number;
}

/** @throws Error where our own build is not whole */
export function createDockerTarget({ engine, injection, settle = 3_000 }: DockerOptions): Target {
  const files = payloadFiles(injection.built);
  const payload = payloadName(injection.version, files);

  const everyContainer = async (): Promise<Container[]> => {
    const list = (await engine.get<{ Id: string }[]>('/containers/json?all=true')) ?? [];
    const found = await Promise.all(list.map(({ Id }) => inspect(engine, Id)));
    return found.filter(container => container !== undefined);
  };

  async function look(container: Container, others: readonly Container[]): Promise<ContainerLook> {
    const agentListens = await somebodyListens(injection.agentSocket);
    const agentFolder = path.dirname(injection.agentSocket);
    const runtime = runtimeOf(container);
    const libpod =
      engine.kind === 'podman'
        ? await engine.get<LibpodContainer>(`/libpod/containers/${container.Id}/json`)
        : undefined;
    const facts = {
      container,
      others,
      payload,
      agentListens,
      agentFolder,
      ...(runtime !== undefined && { runtime }),
      ...(libpod && { libpod }),
    };
    return { container, plan: planContainer(facts, injection), conflict: conflictOf(withoutHook(container)) };
  }

  async function find(key: string): Promise<ContainerLook | undefined> {
    const name = nameOfKey(key) ?? key;
    const container = await inspect(engine, name);
    return container && (await look(container, await everyContainer()));
  }

  async function inject({ container, plan }: ContainerLook): Promise<DeedResult> {
    if (!plan.possible) return failed(plan.because);
    if (isDone(container, plan)) return { outcome: 'done', restarted: false };
    const sick = troubleOf(container);
    if (sick !== undefined)
      return {
        outcome: 'failed',
        restarted: false,
        reason: `it was in trouble (${sick}) before us; it is not touched`,
      };
    try {
      await ensureVolume(engine, payload, container.Image, files);
    } catch (error) {
      return failed(`the hook cannot be put into a volume: ${(error as Error).message}`);
    }
    const result = await swap(engine, container, plan, settle);
    if (result.outcome !== 'done') await removeUnusedVolumes(engine);
    return result;
  }

  async function undo({ container }: ContainerLook): Promise<DeedResult> {
    if (injectedOf(container) === undefined) return { outcome: 'done', restarted: false };
    const result = await swap(
      engine,
      container,
      { env: withoutHook(container), binds: withoutBinds(container) },
      settle,
    );
    if (result.outcome === 'done') await removeUnusedVolumes(engine);
    return result;
  }

  async function lifecycle(name: string, deed: 'stop' | 'start' | 'restart'): Promise<DeedResult> {
    await engine.send('POST', `/containers/${encodeURIComponent(name)}/${deed}`);
    const bad = deed === 'stop' ? undefined : await watch(engine, encodeURIComponent(name), settle);
    const restarted = deed === 'restart';
    return bad === undefined ? { outcome: 'done', restarted } : { outcome: 'failed', restarted, reason: bad };
  }

  return {
    kind: engine.kind,
    async look(keys) {
      const all = await everyContainer();
      const wanted = new Set(keys.flatMap(key => nameOfKey(key) ?? []));
      const found = all.filter(container => wanted.has(nameOf(container)) || wanted.has(container.Id));
      const looks = await Promise.all(found.map(container => look(container, all)));
      const now = Date.now();
      return looks.map<SeenWorkload>(seen => seenContainer(engine.kind, seen, now));
    },
    async plan(key, deed, { restart } = {}) {
      const seen = await find(key);
      if (seen === undefined) return await cutOff(engine, nameOfKey(key) ?? key);
      return deed === 'inject' ? injectPlan(seen, restart) : undoPlan(seen, restart);
    },
    async act(key, deed) {
      const name = nameOfKey(key) ?? key;
      try {
        if (deed !== 'inject' && deed !== 'undo') return await lifecycle(name, deed);
        const left = await leftovers(engine, name);
        const wentBack = (left.old ?? left.fresh) !== undefined && (await clearLeftovers(engine, name, left));
        const seen = await find(key);
        if (seen === undefined) return failed(`there is no container ${name}`);
        if (deed === 'inject') return await inject(seen);
        const result = await undo(seen);
        return wentBack ? { ...result, restarted: true, incarnation: result.incarnation ?? seen.container.Id } : result;
      } catch (error) {
        return { outcome: 'unclear', reason: (error as Error).message };
      }
    },
    async lookBack(started) {
      const name = nameOfKey(started.workload) ?? started.workload;
      return becameOf(started, await inspect(engine, name), await leftovers(engine, name));
    },
  };
}

const failed = (reason: string): DeedResult => ({ outcome: 'failed', restarted: false, permanent: true, reason });

/** No container of this name; a kill may have left the old one under its other name. */
async function cutOff(engine: Engine, name: string): Promise<Plan | Refusal> {
  const { old } = await leftovers(engine, name);
  if (old === undefined) return { possible: false, because: `there is no container ${name}` };
  const steps = [`rename ${nameOf(old)} to ${name}`, `start ${name}`];
  return {
    possible: true,
    changes: [],
    steps,
    notes: ['an earlier change was cut off; the container of before comes back first'],
  };
}

const isDone = (container: Container, { injection }: ContainerPlan): boolean => injectedOf(container) === injection;

/** What its first process is; undefined where it does not run here, or is an ordinary program. */
function runtimeOf({ State }: Container): string | undefined {
  return (State.Pid ?? 0) > 0 ? runtimeInside(procFile(State.Pid!, 'exe'))?.name : undefined;
}

const ANEW = 'a container gets another environment only by being made anew';

function injectPlan({ container, plan }: ContainerLook, restart = true): Plan | Refusal {
  if (!plan.possible) return plan;
  if (isDone(container, plan)) return { possible: true, changes: [], steps: [], notes: ['it is done already'] };
  if (!restart && container.State.Running) return { possible: false, because: ANEW };
  return {
    possible: true,
    changes: [change(container, plan.env, plan.binds)],
    steps: steps(container),
    notes: plan.notes,
  };
}

function undoPlan({ container }: ContainerLook, restart = true): Plan | Refusal {
  if (injectedOf(container) === undefined)
    return { possible: true, changes: [], steps: [], notes: ['nothing of ours is in it'] };
  if (!restart && container.State.Running) return { possible: false, because: ANEW };
  const after = change(container, withoutHook(container) ?? [], withoutBinds(container));
  return { possible: true, changes: [after], steps: steps(container), notes: [] };
}

/** Only lines that change: the others may hold secrets of the program. */
function change(container: Container, env: readonly string[], binds: readonly string[]): Change {
  const before = [...(container.Config.Env ?? []).map(asEnv), ...(container.HostConfig.Binds ?? []).map(asBind)];
  const after = [...env.map(asEnv), ...binds.map(asBind)];
  const only = (lines: readonly string[], others: readonly string[]) =>
    `${lines.filter(line => !others.includes(line)).join('\n')}\n`;
  return { what: `container ${nameOf(container)}`, before: only(before, after), after: only(after, before) };
}

const asEnv = (line: string) => `env ${line}`;
const asBind = (bind: string) => `bind ${bind}`;

function steps(container: Container): string[] {
  const name = nameOf(container);
  const { old } = besides(name);
  const runs = container.State.Running;
  return [
    `make the container anew, with all its settings, files and volumes`,
    ...(runs ? [`stop ${name}`] : []),
    `rename ${name} to ${old}, and the new one to ${name}`,
    ...(runs ? [`start ${name}, and watch it; where it does not come up, go back`] : []),
    `remove ${old}`,
  ];
}

/** What became of a try that a kill cut off. */
export function becameOf(
  { deed, at, incarnation }: Pick<Started, 'deed' | 'at' | 'incarnation'>,
  container: Container | undefined,
  { old, fresh }: Leftovers,
): DeedResult {
  if (old !== undefined || fresh !== undefined)
    return { outcome: 'half-done', restarted: old?.State.Running === false };
  if (container === undefined) return { outcome: 'failed', reason: 'it is gone' };
  const restarted = Date.parse(container.State.StartedAt ?? '') > at;
  const hooked = injectedOf(container) !== undefined;
  const changed = container.Id !== incarnation;
  switch (deed) {
    case 'inject':
    case 'undo':
      if (hooked === (deed === 'inject')) return { outcome: 'done', restarted, incarnation: container.Id };
      return restarted || changed ? { outcome: 'failed', restarted: true } : { outcome: 'not-done' };
    case 'stop':
      return { outcome: container.State.Running ? 'not-done' : 'done' };
    case 'start':
      return { outcome: container.State.Running ? 'done' : 'not-done' };
    default:
      return restarted ? { outcome: 'done', restarted } : { outcome: 'not-done' };
  }
}
