/** A container and what is to be put into it -> its new environment and binds, or why not. Pure. */
import type { Conflict, Refusal } from '../../agent/observed.js';
import { INJECTORS } from '../../injectors/index.js';
import type { Program } from '../../injectors/injector.js';
import { detectInstrumentation } from '../../plan/instrumented.js';
import { findKnownProgram } from '../../plan/known-programs.js';
import { planFor } from '../../plan/plan-for.js';
import { type Injection, injectionId, tapVariable } from '../injection.js';
import { payloadAt } from '../payload/payload.js';
import { INSIDE, withHook, withoutBinds, withoutHook } from './environment.js';
import { type Container, envTable, nameOf } from './inspect.js';
import { keyOfContainer } from './names.js';
import { anonymousVolumes } from './recreate.js';
import { containerNotes, containerRefusal, type LibpodContainer, podmanRefusal } from './refusals.js';
import { volumeName } from './volume.js';

export interface ContainerFacts {
  readonly container: Container;
  readonly others: readonly Container[];
  /** The payload's name. */
  readonly payload: string;
  readonly agentListens: boolean;
  /** Folder of the agent's socket on the machine. */
  readonly agentFolder: string;
  /** What its first process is, where that could be seen: a runtime's name. */
  readonly runtime?: string;
  /** Of Podman. */
  readonly libpod?: LibpodContainer;
}

export interface ContainerPlan {
  readonly possible: true;
  readonly injection: string;
  readonly env: readonly string[];
  readonly binds: readonly string[];
  readonly notes: readonly string[];
}

export function planContainer(facts: ContainerFacts, injection: Injection): ContainerPlan | Refusal {
  const { container, others, payload, agentListens, agentFolder, libpod } = facts;
  const because = containerRefusal(container, others) ?? (libpod && podmanRefusal(nameOf(container), libpod));
  if (because !== undefined) return { possible: false, because };
  const before = withoutHook(container);
  const conflict = conflictOf(before);
  if (conflict)
    return {
      possible: false,
      because: `${conflict.by} observes it already (${conflict.evidence}); two would count every call twice`,
    };
  const hook = hookFor(facts, envTable(before), injection);
  if ('because' in hook) return hook;
  if (!agentListens)
    return {
      possible: false,
      because: 'nobody would take its calls: no agent runs on this machine',
      fix: 'openlit-instrument agent',
    };
  const id = injectionId(payload, hook.env, injection.forHooks);
  const socket = `${INSIDE.agent}/${injection.agentSocket.split('/').at(-1)}`;
  const tap = tapVariable({ injection: id, socket, workload: keyOfContainer(nameOf(container)) }, injection);
  return {
    possible: true,
    injection: id,
    env: withHook(before, { ...hook.env, ...tap }),
    binds: [
      ...withoutBinds(container),
      `${volumeName(payload)}:${INSIDE.payload}:ro`,
      `${agentFolder}:${INSIDE.agent}:ro`,
    ],
    notes: [...hook.notes, ...containerNotes(container, anonymousVolumes(container).length)],
  };
}

export function conflictOf(lines: readonly string[] | null | undefined): Conflict | undefined {
  const environment = new Map(Object.entries(envTable(lines)));
  return detectInstrumentation(environment, 'python') ?? detectInstrumentation(environment, 'node');
}

function hookFor(
  { container, runtime }: ContainerFacts,
  env: Record<string, string>,
  { settings, sources }: Injection,
): { env: Readonly<Record<string, string>>; notes: readonly string[] } | Refusal {
  const { Entrypoint, Cmd } = container.Config;
  const argv = [...(Entrypoint ?? []), ...(Cmd ?? [])];
  if (runtime !== undefined && !(runtime in INJECTORS)) return noHook(container, `there is no hook for ${runtime}`);
  const { hooks } = payloadAt(INSIDE.payload);
  const program = programOf(argv);
  const plan = planFor({ kind: 'launch', program, settings, sources, env, hooks, readable: () => true });
  if (plan.way === 'inject') return { env: plan.env, notes: program.caveats };
  return noHook(container, plan.why.at(-1) ?? 'its runtime is not known');
}

function noHook(container: Container, why: string): Refusal {
  const { Pid = 0 } = container.State;
  return {
    possible: false,
    because: `no hook fits ${nameOf(container)}: ${why}`,
    ...(Pid > 0 && { fix: `openlit-instrument attach --pid ${Pid}` }),
  };
}

/** By its words alone: its files are in an image. What is not known by name may start either runtime. */
function programOf(argv: readonly string[]): Program {
  const [file = ''] = argv;
  const known = findKnownProgram(file.split('/').at(-1) ?? '');
  return {
    argv,
    path: file,
    runtimes: known?.runtimes ?? ['python', 'node'],
    wrapper: known?.wrapper ?? true,
    runtimeFlags: known && !known.wrapper ? argv.slice(1) : [],
    why: [known === undefined ? `${file} is in an image` : `${file} is ${known.what}`],
    caveats: known?.caveat === undefined ? [] : [known.caveat],
  };
}
