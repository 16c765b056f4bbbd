/** The resource of an observed process: what its own SDK would say of it, read from /proc. */
import { readFileSync, readlinkSync } from 'node:fs';
import { arch, hostname } from 'node:os';
import type { Resource } from '../../calls/model.js';
import type { Settings } from '../../config/settings.js';
import { VARIABLES } from '../../config/variables.js';
import type { ProcessFacts } from '../../machine/process.js';
import { buildResource } from '../../telemetry/resource.js';

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
  const status = attempt(() => readFileSync(`/proc/${pid}/status`, 'utf8')) ?? '';
  const parentPid = Number(/^PPid:\s*(\d+)/m.exec(status)?.[1] ?? 0);
  const owner = userName(pid, /^Uid:\s*(\d+)/m.exec(status)?.[1]);
  const creationTime = createdAt(facts.startTime);
  const hostId = attempt(() => readFileSync('/etc/machine-id', 'utf8'))?.trim();
  const mountinfo = attempt(() => readFileSync(`/proc/${pid}/mountinfo`, 'utf8'));
  return buildResource({
    env: readEnvironment(pid),
    process: {
      pid,
      executableName: name,
      ...(executablePath === undefined ? {} : { executablePath }),
      ...(runtimeName === undefined ? {} : { runtimeName }),
      ...(parentPid === 0 ? {} : { parentPid }),
      ...(owner === undefined ? {} : { owner }),
      ...(creationTime === undefined ? {} : { creationTime }),
      ...(cgroup === undefined ? {} : { cgroup }),
      ...(mountinfo === undefined ? {} : { mountinfo }),
    },
    host: { name: hostname(), arch: arch(), osType: 'linux', ...(hostId === undefined ? {} : { id: hostId }) },
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

/** By the target's own list of users: it may live in a container. */
function userName(pid: number, uid: string | undefined): string | undefined {
  const users = attempt(() => readFileSync(`/proc/${pid}/root/etc/passwd`, 'utf8')) ?? '';
  return users
    .split('\n')
    .map(line => line.split(':'))
    .find(fields => uid !== undefined && fields[2] === uid)?.[0];
}

/** Hertz of the clock ticks in /proc, on every architecture that we run on. */
const TICKS = 100;

/** RFC 3339, as exact as the kernel tells it: to 10 ms. */
function createdAt(startTime: string): string | undefined {
  const boot = attempt(() => /^btime (\d+)/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1]);
  const ticks = Number(startTime);
  if (boot === undefined || !(ticks > 0)) return undefined;
  return new Date(Number(boot) * 1000 + (ticks * 1000) / TICKS).toISOString();
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
