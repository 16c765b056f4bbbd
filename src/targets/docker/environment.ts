/** The environment and the binds of a container, with the hook and without it. Pure; order and all other lines stay. */
import { VARIABLES } from '../../config/variables.js';
import { injectionOf } from '../injection.js';
import { type Container, envTable } from './inspect.js';

/** Where the payload is inside of a container, and the socket of the agent. */
export const INSIDE = { payload: '/opt/openlit-instrument', agent: '/run/openlit-instrument' } as const;

/** Variables that are composed with the program's own, and where that one is kept. */
const COMPOSED = [
  ['PYTHONPATH', VARIABLES.originalPythonPath],
  ['NODE_OPTIONS', VARIABLES.originalNodeOptions],
] as const;

const OURS: ReadonlySet<string> = new Set([
  VARIABLES.tap,
  VARIABLES.quiet,
  ...COMPOSED.map(([, original]) => original),
]);

const nameOfLine = (line: string) => line.split('=', 1)[0]!;

export const injectedOf = ({ Config }: Container): string | undefined =>
  injectionOf(envTable(Config.Env)[VARIABLES.tap]);

/** What somebody set keeps its place; what is new comes last. */
export function withHook(
  lines: readonly string[] | null | undefined,
  hook: Readonly<Record<string, string>>,
): string[] {
  const before = lines ?? [];
  const names = new Set(before.map(nameOfLine));
  return [
    ...before.map(line => (nameOfLine(line) in hook ? `${nameOfLine(line)}=${hook[nameOfLine(line)]}` : line)),
    ...Object.entries(hook).flatMap(([name, value]) => (names.has(name) ? [] : [`${name}=${value}`])),
  ];
}

/** As it was before the hook; without a hook, as it is. */
export function withoutHook(container: Container): readonly string[] | null | undefined {
  const { Env } = container.Config;
  if (injectedOf(container) === undefined) return Env;
  const table = envTable(Env);
  return (Env ?? []).flatMap(line => {
    const name = nameOfLine(line);
    if (OURS.has(name)) return [];
    const original = COMPOSED.find(([composed]) => composed === name)?.[1];
    const before = original === undefined ? undefined : table[original];
    if (before === undefined) return [line];
    return before === '' ? [] : [`${name}=${before}`];
  });
}

export function withoutBinds({ HostConfig }: Container): readonly string[] {
  return (HostConfig.Binds ?? []).filter(bind => !bind.split(':').slice(1).some(isInside));
}

const isInside = (target: string): boolean => target === INSIDE.payload || target === INSIDE.agent;
