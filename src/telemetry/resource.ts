/**
 * Whose telemetry it is: the resource of the observed program, from its own environment and the facts of the machine, overridden by our
 * flags. Pure: attach passes the environment that the kernel keeps, the hook passes `process.env`.
 */

import type { Attributes, AttributeValue, Resource } from '../calls/model.js';
import { redactCredentials } from '../calls/redact.js';
import { redactRecord } from '../calls/redact-value.js';
import { DOWNWARD_API, IN_A_POD, podHostName } from '../machine/downward-api.js';

export interface ProcessFacts {
  readonly pid?: number;
  readonly parentPid?: number;
  readonly command?: string;
  readonly executablePath?: string;
  readonly executableName?: string;
  readonly owner?: string;
  /** `nodejs`, `cpython`, `go`, … and its version. */
  readonly runtimeName?: string;
  readonly runtimeVersion?: string;
  /** RFC 3339. */
  readonly creationTime?: string;
  /** 64 hex digits. */
  readonly containerId?: string;
  readonly podUid?: string;
}

export interface HostFacts {
  readonly name?: string;
  readonly id?: string;
  /** `x64`, `arm64`, … as Node says; rendered as the conventions do. */
  readonly arch?: string;
  readonly osType?: string;
}

export interface ResourceInput {
  /** The target's environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly process?: ProcessFacts;
  readonly host?: HostFacts;
  /** The environment of the one who observes, where that is not the target: it fills what nobody else says. */
  readonly observer?: Readonly<Record<string, string | undefined>>;
  /** Our flags and file; they win over everything. */
  readonly settings?: {
    readonly serviceName?: string;
    readonly environment?: string;
    readonly resourceAttributes?: Readonly<Record<string, string>>;
  };
  /** Our version. */
  readonly version: string;
}

/**
 * Weakest first: what the observer's environment says, what we detect, what the target's environment says, what the user told us. `telemetry.sdk.*` is ours
 * alone: OpenLIT's Agents page lists only services that carry its name there.
 */
export function buildResource(input: ResourceInput): Resource {
  const { env, settings } = input;
  const attributes: Attributes = {};
  const set = (name: string, value: AttributeValue | undefined): void => {
    if (value === undefined || value === '') return;
    // OpenLIT's charts read the older name, the conventions the newer one: whoever sets one sets both.
    for (const alias of ENVIRONMENT_NAMES.includes(name) ? ENVIRONMENT_NAMES : [name]) attributes[alias] = value;
  };
  setNamed(input.observer ?? {}, set);
  setHost(input.host, set);
  setProcess(input.process, set);
  set('container.id', input.process?.containerId);
  setKubernetes(env, input.process?.podUid, set);
  setNamed(env, set);
  for (const [name, value] of Object.entries(settings?.resourceAttributes ?? {})) set(name, value);
  set('service.name', settings?.serviceName);
  set('deployment.environment.name', settings?.environment);
  if (attributes['service.name'] === undefined) set('service.name', unknownService(input.process));
  set('telemetry.sdk.name', 'openlit');
  set('telemetry.sdk.language', languageOf(input.process?.runtimeName));
  set('telemetry.sdk.version', input.version);
  set('telemetry.distro.name', 'openlit-instrument');
  set('telemetry.distro.version', input.version);
  // People name services after what they paste, and put keys into attributes.
  return { attributes: redactRecord(attributes, redactCredentials) };
}

const ENVIRONMENT_NAMES: readonly string[] = ['deployment.environment.name', 'deployment.environment'];

type Set = (name: string, value: AttributeValue | undefined) => void;

/** The variables by which OpenTelemetry lets a program name itself. */
function setNamed(env: ResourceInput['env'], set: Set): void {
  for (const [name, value] of Object.entries(parseResourceAttributes(env.OTEL_RESOURCE_ATTRIBUTES))) set(name, value);
  set('service.name', env.OTEL_SERVICE_NAME?.trim());
  set('deployment.environment.name', env.OTEL_DEPLOYMENT_ENVIRONMENT?.trim());
}

/** `a=b,c=d`, percent-decoded, as the specification has it. One broken pair does not cost the others. */
export function parseResourceAttributes(text: string | undefined): Record<string, string> {
  const found: Record<string, string> = {};
  for (const pair of (text ?? '').split(',')) {
    const equals = pair.indexOf('=');
    const name = pair.slice(0, equals).trim();
    if (equals < 1 || name === '') continue;
    const value = pair
      .slice(equals + 1)
      .trim()
      .replace(/^"(.*)"$/, '$1');
    try {
      found[decodeURIComponent(name)] = decodeURIComponent(value);
    } catch {
      found[name] = value;
    }
  }
  return found;
}

function setHost(host: HostFacts | undefined, set: Set): void {
  set('host.name', host?.name);
  set('host.id', host?.id);
  set('host.arch', host?.arch === 'x64' ? 'amd64' : host?.arch);
  set('os.type', host?.osType);
}

function setProcess(process: ProcessFacts | undefined, set: Set): void {
  set('process.pid', process?.pid);
  set('process.parent_pid', process?.parentPid);
  set('process.executable.name', process?.executableName);
  set('process.executable.path', process?.executablePath);
  // Arguments are left out on purpose: people pass keys in them.
  set('process.command', process?.command);
  set('process.owner', process?.owner);
  set('process.runtime.name', process?.runtimeName);
  set('process.runtime.version', process?.runtimeVersion);
  set('process.creation.time', process?.creationTime);
}

const KUBERNETES: readonly (readonly [attribute: string, variables: readonly string[]])[] = [
  ['k8s.pod.name', DOWNWARD_API.podName],
  ['k8s.pod.uid', DOWNWARD_API.podUid],
  ['k8s.namespace.name', DOWNWARD_API.namespace],
  ['k8s.node.name', DOWNWARD_API.node],
  ['k8s.container.name', DOWNWARD_API.container],
  ['k8s.deployment.name', DOWNWARD_API.deployment],
  ['k8s.cluster.name', DOWNWARD_API.cluster],
];

function setKubernetes(env: ResourceInput['env'], uid: string | undefined, set: Set): void {
  // `POD_NAME` and its like prove nothing outside of a cluster.
  if (env[IN_A_POD] === undefined && uid === undefined) return;
  for (const [name, variables] of KUBERNETES) {
    set(
      name,
      variables.map(variable => env[variable]?.trim()).find(value => value !== undefined && value !== ''),
    );
  }
  if (uid !== undefined) set('k8s.pod.uid', uid);
  if (!DOWNWARD_API.podName.some(variable => env[variable])) set('k8s.pod.name', podHostName(env.HOSTNAME));
}

/** The specification's fallback. */
function unknownService(process: ProcessFacts | undefined): string {
  return process?.executableName === undefined ? 'unknown_service' : `unknown_service:${process.executableName}`;
}

/** `telemetry.sdk.language` values of the conventions for the runtime that is observed. */
function languageOf(runtime: string | undefined): string | undefined {
  if (runtime === undefined) return undefined;
  const known: Readonly<Record<string, string>> = {
    node: 'nodejs',
    nodejs: 'nodejs',
    bun: 'nodejs',
    deno: 'nodejs',
    cpython: 'python',
    pypy: 'python',
    python: 'python',
    go: 'go',
    java: 'java',
    openjdk: 'java',
    dotnet: 'dotnet',
    ruby: 'ruby',
    php: 'php',
    rust: 'rust',
  };
  return known[runtime.toLowerCase()];
}
