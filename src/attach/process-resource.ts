/** The resource of an observed process: what its own SDK would say of it, read from /proc. */
import { readFileSync, readlinkSync } from 'node:fs';
import { arch, hostname } from 'node:os';
import type { Settings } from '../config/settings.js';
import { VARIABLES } from '../config/variables.js';
import type { Resource } from '../telemetry/model.js';
import { buildResource } from '../telemetry/resource.js';
import type { ProcessFacts } from './probe/process.js';

/** Name of the executable -> `process.runtime.name` of the conventions. */
const RUNTIMES: readonly (readonly [RegExp, string])[] = [
  [/^node(js)?\d*$/, 'nodejs'],
  [/^python[\d.]*$/, 'cpython'],
  [/^ruby[\d.]*$/, 'ruby'],
  [/^php[\d.-]*/, 'php'],
];

export function resourceOfProcess(facts: ProcessFacts, settings: Settings, version: string): Resource {
  const { pid, name } = facts;
  const executablePath = attempt(() => readlinkSync(`/proc/${pid}/exe`));
  const runtimeName = RUNTIMES.find(([pattern]) => pattern.test(name))?.[1];
  const cgroup = attempt(() => readFileSync(`/proc/${pid}/cgroup`, 'utf8'));
  const mountinfo = attempt(() => readFileSync(`/proc/${pid}/mountinfo`, 'utf8'));
  return buildResource({
    env: readEnvironment(pid),
    process: {
      pid,
      executableName: name,
      ...(executablePath === undefined ? {} : { executablePath }),
      ...(runtimeName === undefined ? {} : { runtimeName }),
      ...(cgroup === undefined ? {} : { cgroup }),
      ...(mountinfo === undefined ? {} : { mountinfo }),
    },
    host: { name: hostname(), arch: arch(), osType: 'linux' },
    observer: process.env,
    settings,
    version,
  });
}

/** The observer's environment without the names of services: there they are weaker than the target's, and flags are not. */
export function withoutResource(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { serviceName, environment, resourceAttributes } = VARIABLES;
  const names: readonly string[] = [serviceName, environment, resourceAttributes];
  return Object.fromEntries(Object.entries(env).filter(([name]) => !names.includes(name)));
}

/** The variables that the program was started with; empty where they may not be read. Only resource names are used. */
export function readEnvironment(pid: number): Record<string, string> {
  const text = attempt(() => readFileSync(`/proc/${pid}/environ`, 'utf8')) ?? '';
  return Object.fromEntries(
    text.split('\0').flatMap(pair => {
      const equals = pair.indexOf('=');
      return equals > 0 ? [[pair.slice(0, equals), pair.slice(equals + 1)]] : [];
    }),
  );
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
