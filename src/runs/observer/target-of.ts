/** What a tap says of its process, and what the launch says of it -> the target that its calls belong to. */
import os from 'node:os';
import path from 'node:path';
import type { Target, TargetSettings } from '../../calls/recorded-call.js';
import type { Placement } from '../../machine/cgroup.js';
import { ownPlacement } from '../../machine/facts.js';
import { RUNTIMES } from '../../machine/runtimes.js';
import { buildResource } from '../../telemetry/resource.js';
import type { TapHello } from '../../wire/transport/tap-connection.js';
import type { LaunchDocument } from './document.js';

export interface Launched extends Pick<LaunchDocument, 'env' | 'named'> {
  readonly settings: TargetSettings;
  /** Our version. */
  readonly version: string;
}

/** @param placement ours: the tap's process is in the cgroup of the one that started us, and may be gone by now */
export function targetOfTap(
  { env, named, settings, version }: Launched,
  placement: Placement = ownPlacement(),
): (hello: TapHello) => Target {
  return hello => {
    const { pid, ppid, executable, command, runtime } = hello;
    const executableName = executable === undefined ? undefined : path.basename(executable);
    const runtimeName = RUNTIMES.find(({ name }) => name === runtime)?.conventionName ?? runtime;
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
        containerId: placement.container,
        podUid: placement.podUid,
      }),
    });
    return { resource, settings, ...present({ pid, process: executableName }) };
  };
}

function present<T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}
