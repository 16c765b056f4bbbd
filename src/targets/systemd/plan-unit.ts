/**
 * A unit and what is to be put into it -> the exact files, or why not. Pure but for reading: nothing is written, nothing
 * started, and what is refused here is refused before anything was touched.
 */
import path from 'node:path';
import type { Conflict, Refusal } from '../../agent/observed.js';
import { VARIABLES } from '../../config/variables.js';
import { detect } from '../../plan/detect.js';
import { detectInstrumentation } from '../../plan/instrumented.js';
import { planFor } from '../../plan/plan-for.js';
import { type Injection, injectionId, tapVariable } from '../injection.js';
import type { Payload } from '../payload/payload.js';
import { formatEnvFile } from './env-file.js';
import { keyOfUnit, nameRefusal, shortName } from './names.js';
import { hookRefusal, observerRefusal } from './sandbox.js';
import type { Unit } from './unit.js';

export interface UnitFacts {
  readonly unit: Unit;
  /** Without ours. */
  readonly environment: Readonly<Record<string, string>>;
  /** Where the payload is, or would be. */
  readonly payload: Payload;
  /** The folder of ours for this unit: settings and socket of its observer. */
  readonly ownFolder: string;
  /** May any user run it? */
  readonly executable: (file: string) => boolean;
  readonly agentListens: boolean;
}

export interface UnitPlan {
  readonly possible: true;
  readonly injection: string;
  /** What lands in the environment of the program. */
  readonly env: Readonly<Record<string, string>>;
  readonly envFile: string;
  readonly envText: string;
  /** The settings of the unit's own observer; may hold credentials. */
  readonly document?: string;
  readonly documentFile: string;
  readonly notes: readonly string[];
}

const no = (because: string, fix?: string): Refusal => ({
  possible: false,
  because,
  ...(fix !== undefined && { fix }),
});

export function planUnit(facts: UnitFacts, injection: Injection): UnitPlan | Refusal {
  const { unit, payload } = facts;
  const refused = unitRefusal(unit);
  if (refused !== undefined) return no(refused);
  const conflict = conflictOf(facts.environment);
  if (conflict)
    return no(`${conflict.by} observes it already (${conflict.evidence}); two would count every call twice`);
  const program = hookFor(facts, injection);
  if ('because' in program) return program;
  const hidden = hookRefusal(unit, payload.folder);
  if (hidden !== undefined) return no(hidden, attachTo(unit));
  const own = ownObserver(facts, injection);
  if (own.refusal !== undefined && !facts.agentListens)
    return no(`nobody would take its calls: ${own.refusal}`, 'openlit-instrument agent');
  const documentFile = path.join(facts.ownFolder, 'settings.json');
  const envFile = path.join(payload.folder, 'units', `${shortName(unit.scope, unit.name)}.env`);
  const id = injectionId(payload.folder, program.env, own.document ?? '', injection.forHooks, facts.agentListens);
  const tap = tapVariable({ injection: id, ...wayOf(facts, injection, own, documentFile) }, injection);
  const env = { ...program.env, ...tap };
  return {
    possible: true,
    injection: id,
    env,
    envFile,
    envText: formatEnvFile(env),
    ...(own.document !== undefined && { document: own.document }),
    documentFile,
    notes: [
      ...program.notes,
      ...(own.refusal === undefined ? [] : [`its calls are seen only while the agent runs: ${own.refusal}`]),
    ],
  };
}

/** Why nothing can be put into this unit, whatever it runs. */
export function unitRefusal(unit: Unit): string | undefined {
  const wrongName = nameRefusal(unit.name);
  if (wrongName !== undefined) return wrongName;
  if (unit.loadState === 'not-found') return `there is no unit ${unit.name}`;
  if (unit.loadState !== 'loaded') return `systemd says of ${unit.name}: ${unit.loadState}`;
  if (unit.transient)
    return `${unit.name} was made by a command and is gone once it stops; put it behind openlit-instrument`;
  if (unit.commands.length === 0) return `${unit.name} has no ExecStart=`;
  return undefined;
}

export function conflictOf(env: Readonly<Record<string, string>>): Conflict | undefined {
  const environment = new Map(Object.entries(env));
  return detectInstrumentation(environment, 'python') ?? detectInstrumentation(environment, 'node');
}

/** What the first command that takes a hook needs; all of them get it. */
function hookFor({ unit, environment, payload }: UnitFacts, { settings, sources }: Injection) {
  let why = '';
  for (const { file, words } of unit.commands) {
    const program = detect(words, file, environment);
    const { hooks } = payload;
    const plan = planFor({
      kind: 'launch',
      program,
      settings,
      sources,
      env: { ...environment },
      hooks,
      readable: () => true,
    });
    if (plan.way === 'inject') return { env: plan.env, notes: plan.note === undefined ? [] : [plan.note] };
    why ||= plan.why.at(-1) ?? 'its runtime is not known';
  }
  return no(`no hook fits ${unit.commands[0]!.file}: ${why}`, attachTo(unit));
}

const attachTo = (unit: Unit): string | undefined =>
  unit.mainPid > 0 ? `openlit-instrument attach --pid ${unit.mainPid}` : undefined;

interface OwnObserver {
  readonly document?: string;
  readonly refusal?: string;
}

/** Can the hook start an observer itself, inside the unit? */
function ownObserver({ unit, environment, executable, agentListens }: UnitFacts, injection: Injection): OwnObserver {
  const { document, observer, holdsCredentials } = injection;
  if (document === undefined)
    return {
      refusal: agentListens ? 'no endpoint is set here' : 'no endpoint is set, and no agent runs; add --endpoint URL',
    };
  const refusal =
    observerRefusal(unit, observer.node) ??
    (executable(observer.node) ? undefined : `${observer.node} is not for every user to run`) ??
    (unit.sandbox.dynamicUser && holdsCredentials
      ? 'DynamicUser= has no user yet who alone could read the credentials of the endpoint'
      : undefined);
  if (refusal !== undefined) return { refusal };
  return { document: document(nameOf(unit, environment)) };
}

/** Its own name for itself wins; else it is called as people call the unit. */
function nameOf({ name }: Unit, environment: UnitFacts['environment']): Record<string, string> {
  const named =
    environment[VARIABLES.serviceName] ||
    /(?:^|,)\s*service\.name=/.test(environment[VARIABLES.resourceAttributes] ?? '');
  return {
    'service.workload.key': keyOfUnit(name),
    'systemd.unit': name,
    ...(!named && { 'service.name': name.replace(/\.service$/, '') }),
  };
}

function wayOf(
  { unit, payload, ownFolder, agentListens }: UnitFacts,
  { observer, agentSocket }: Injection,
  own: OwnObserver,
  documentFile: string,
) {
  // A user who is made at each start owns no folder of before.
  const socket = unit.sandbox.dynamicUser ? undefined : path.join(ownFolder, 'tap.sock');
  const first = agentListens ? agentSocket : socket;
  if (own.document === undefined) return { socket: agentSocket };
  const words = [observer.node, ...observer.flags, payload.observer, '--settings', documentFile];
  return {
    ...(first !== undefined && { socket: first }),
    observer: [...words, ...(socket === undefined ? [] : ['--socket', socket])],
  };
}
