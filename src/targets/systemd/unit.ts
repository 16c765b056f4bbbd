/** A unit as systemd sees it, of its properties on the bus. Pure. Names and meanings: org.freedesktop.systemd1(5). */
import type { Properties, Scope } from './bus.js';

export interface Unit {
  readonly name: string;
  readonly scope: Scope;
  /** `loaded`, `not-found`, `masked`, `bad-setting`, `error` */
  readonly loadState: string;
  /** `active`, `inactive`, `failed`, `activating`, … */
  readonly activeState: string;
  readonly subState: string;
  /** Absent: it is not there as a file (transient units, generated ones have one). */
  readonly fragment?: string;
  readonly transient: boolean;
  readonly type: string;
  /** Words of each `ExecStart=`. */
  readonly commands: readonly { readonly file: string; readonly words: readonly string[] }[];
  readonly environment: readonly string[];
  /** [file, may be missing] */
  readonly environmentFiles: readonly (readonly [string, boolean])[];
  readonly passEnvironment: readonly string[];
  readonly unsetEnvironment: readonly string[];
  /** Empty: root, or the owner of the manager. */
  readonly user: string;
  readonly mainPid: number;
  readonly restarts: number;
  readonly result: string;
  /** Unix microseconds of the last change of state. */
  readonly since: number;
  readonly invocation: string;
  /** Units that start it: sockets, timers, paths. */
  readonly triggeredBy: readonly string[];
  readonly sandbox: Sandbox;
}

export interface Sandbox {
  readonly dynamicUser: boolean;
  readonly rootDirectory: string;
  readonly rootImage: string;
  readonly protectHome: string;
  readonly inaccessible: readonly string[];
  readonly noExec: readonly string[];
  readonly exec: readonly string[];
  readonly temporaryFileSystems: readonly string[];
  readonly memoryDenyWriteExecute: boolean;
  readonly privateNetwork: boolean;
  /** Undefined: all are allowed. */
  readonly addressFamilies?: { readonly allowed: boolean; readonly names: readonly string[] };
  readonly systemCalls?: { readonly allowed: boolean; readonly names: readonly string[] };
}

export function readUnit(scope: Scope, name: string, all: Properties): Unit {
  const text = (key: string) => (typeof all[key] === 'string' ? (all[key] as string) : '');
  const list = (key: string) => (Array.isArray(all[key]) ? (all[key] as string[]) : []);
  const number = (key: string) => (typeof all[key] === 'number' ? (all[key] as number) : 0);
  const commands = (all['ExecStart'] as [string, string[]][] | undefined) ?? [];
  return {
    name,
    scope,
    loadState: text('LoadState'),
    activeState: text('ActiveState'),
    subState: text('SubState'),
    ...(text('FragmentPath') !== '' && { fragment: text('FragmentPath') }),
    transient: all['Transient'] === true,
    type: text('Type'),
    commands: commands.map(([file, words]) => ({ file, words })),
    environment: list('Environment'),
    environmentFiles: (all['EnvironmentFiles'] as [string, boolean][] | undefined) ?? [],
    passEnvironment: list('PassEnvironment'),
    unsetEnvironment: list('UnsetEnvironment'),
    user: text('User'),
    mainPid: number('MainPID'),
    restarts: number('NRestarts'),
    result: text('Result'),
    since: number('StateChangeTimestamp'),
    invocation: Array.isArray(all['InvocationID']) ? Buffer.from(all['InvocationID'] as number[]).toString('hex') : '',
    triggeredBy: list('TriggeredBy'),
    sandbox: sandboxOf(all),
  };
}

function sandboxOf(all: Properties): Sandbox {
  const text = (key: string) => (typeof all[key] === 'string' ? (all[key] as string) : '');
  const list = (key: string) => (Array.isArray(all[key]) ? (all[key] as string[]) : []);
  const filter = (key: string) => {
    const [allowed, names] = (all[key] as [boolean, string[]] | undefined) ?? [false, []];
    // A list of nothing that is forbidden is what a unit without the setting has.
    return names.length === 0 && !allowed ? undefined : { allowed, names };
  };
  const [addressFamilies, systemCalls] = [filter('RestrictAddressFamilies'), filter('SystemCallFilter')];
  return {
    dynamicUser: all['DynamicUser'] === true,
    rootDirectory: text('RootDirectory'),
    rootImage: text('RootImage'),
    protectHome: text('ProtectHome'),
    inaccessible: list('InaccessiblePaths'),
    noExec: list('NoExecPaths'),
    exec: list('ExecPaths'),
    temporaryFileSystems: ((all['TemporaryFileSystem'] as [string, string][] | undefined) ?? []).map(
      ([where]) => where,
    ),
    memoryDenyWriteExecute: all['MemoryDenyWriteExecute'] === true,
    privateNetwork: all['PrivateNetwork'] === true,
    ...(addressFamilies && { addressFamilies }),
    ...(systemCalls && { systemCalls }),
  };
}

/** What its process will find in its environment, of ours nothing. Later wins, as in systemd: manager, unit, files. */
export function environmentOf(
  unit: Unit,
  manager: readonly string[],
  readFile: (file: string) => Readonly<Record<string, string>>,
  own: (file: string) => boolean,
): Record<string, string> {
  const pairs = (lines: readonly string[]) =>
    lines.flatMap(line => {
      const at = line.indexOf('=');
      return at < 0 ? [] : [[line.slice(0, at), line.slice(at + 1)] as const];
    });
  const passed = new Set(unit.passEnvironment);
  // A user's manager hands on all that it has.
  const handedOn = pairs(manager).filter(([name]) => unit.scope === 'user' || passed.has(name) || name === 'PATH');
  const files = unit.environmentFiles.map(([file]) => (own(file) ? {} : readFile(file)));
  const env: Record<string, string> = Object.assign(
    Object.fromEntries(handedOn),
    Object.fromEntries(pairs(unit.environment)),
    ...files,
  );
  for (const line of unit.unsetEnvironment) {
    const at = line.indexOf('=');
    if (at < 0) delete env[line];
    else if (env[line.slice(0, at)] === line.slice(at + 1)) delete env[line.slice(0, at)];
  }
  return env;
}
