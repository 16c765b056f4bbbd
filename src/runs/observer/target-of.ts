/** What a tap says of its process, and what the launch says of it -> the target that its calls belong to. */
import os from 'node:os';
import path from 'node:path';
import type { Target, TargetSettings } from '../../calls/recorded-call.js';
import { procFile, readText } from '../../machine/proc.js';
import { buildResource } from '../../telemetry/resource.js';
import type { TapHello } from '../../wire/transport/tap-connection.js';
import type { LaunchDocument } from './document.js';

/** Runtime of a hello -> `process.runtime.name` of the conventions. */
const RUNTIME_NAMES: Readonly<Record<string, string>> = { python: 'cpython', node: 'nodejs' };

export interface Launched extends Pick<LaunchDocument, 'env' | 'named'> {
  readonly settings: TargetSettings;
  /** Our version. */
  readonly version: string;
}

export function targetOfTap({ env, named, settings, version }: Launched): (hello: TapHello) => Target {
  // The tap's process is in the cgroup of the one that started us, and may be gone before it could be looked at.
  const cgroup = readText(procFile('self', 'cgroup'));
  const mountinfo = readText(procFile('self', 'mountinfo'));
  return hello => {
    const { pid, ppid, executable, command, runtime } = hello;
    const executableName = executable === undefined ? undefined : path.basename(executable);
    const runtimeName = runtime === undefined ? undefined : (RUNTIME_NAMES[runtime] ?? runtime);
    const resource = buildResource({
      env: { ...env, ...hello.env },
      settings: named,
      version,
      host: { name: os.hostname(), arch: process.arch, osType: process.platform },
      process: present({
        pid,
        parentPid: ppid,
        executablePath: executable,
        executableName,
        command,
        runtimeName,
        runtimeVersion: hello.runtime_version,
        cgroup,
        mountinfo,
      }),
    });
    return { resource, settings, ...present({ pid, process: executableName }) };
  };
}

function present<T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}
