/** The resource of an observed process: what its own SDK would say of it, as far as it shows from outside. */
import { arch, hostname } from 'node:os';
import type { Resource } from '../../calls/model.js';
import type { Settings } from '../../config/settings.js';
import { VARIABLES } from '../../config/variables.js';
import { readFacts, readPlacement } from '../../machine/facts.js';
import { userName } from '../../machine/files-inside.js';
import { machineId, startedAt } from '../../machine/host.js';
import type { ProcessIdentity } from '../../machine/identity.js';
import { runtimeOfCommand } from '../../machine/runtimes.js';
import { buildResource } from '../../telemetry/resource.js';

/** Whose the process is, where the agent knows it. */
export interface OfWorkload {
  readonly key: string;
  /** Its service name where nobody says another. */
  readonly name: string;
}

export interface ProcessResource {
  /** What flags and file say. */
  readonly settings: Pick<Settings, 'serviceName' | 'environment' | 'resourceAttributes'>;
  /** Our version. */
  readonly version: string;
  /** The environment of the one who observes; absent: ours. */
  readonly observer?: NodeJS.ProcessEnv;
  /** The file of its program, where that is known better than the system shows it: it has yet to start. */
  readonly executable?: string;
  readonly workload?: OfWorkload;
}

export function resourceOfProcess(identity: ProcessIdentity, known: ProcessResource): Resource {
  const { settings, version, observer = process.env, executable, workload } = known;
  const { pid, name } = identity;
  const facts = readFacts(pid);
  const executablePath = executable ?? facts?.executable;
  const runtime = runtimeOfCommand(name);
  const owner = facts && userName(pid, facts.uid);
  const creationTime = identity.startTime === '' ? undefined : startedAt(identity.startTime);
  const hostId = machineId();
  const placement = facts && readPlacement(facts);
  return buildResource({
    env: Object.fromEntries(facts?.environment ?? []),
    process: {
      pid,
      executableName: name,
      ...(executablePath === undefined ? {} : { executablePath }),
      ...(runtime === undefined ? {} : { runtimeName: runtime.conventionName }),
      ...(facts === undefined || facts.parent === 0 ? {} : { parentPid: facts.parent }),
      ...(owner === undefined ? {} : { owner }),
      ...(creationTime === undefined ? {} : { creationTime }),
      ...(placement?.container === undefined ? {} : { containerId: placement.container }),
      ...(placement?.podUid === undefined ? {} : { podUid: placement.podUid }),
    },
    host: { name: hostname(), arch: arch(), osType: 'linux', ...(hostId === undefined ? {} : { id: hostId }) },
    observer: { ...observer, ...(workload && { [VARIABLES.serviceName]: workload.name }) },
    settings: workload
      ? { ...settings, resourceAttributes: { ...settings.resourceAttributes, 'service.workload.key': workload.key } }
      : settings,
    version,
  });
}

/** The observer's environment without the names of services: there they are weaker than the target's, and flags are not. */
export function withoutResource(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { serviceName, environment, resourceAttributes } = VARIABLES;
  const names: readonly string[] = [serviceName, environment, resourceAttributes];
  return Object.fromEntries(Object.entries(env).filter(([name]) => !names.includes(name)));
}
