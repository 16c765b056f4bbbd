/**
 * Whose telemetry it is: the resource of the observed program, from its own environment and /proc facts, overridden by our
 * flags. Pure: attach passes `/proc/PID/environ`, the hook passes `process.env`.
 */
import type { Attributes, AttributeValue, Resource } from '../calls/model.js';

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
  /** Text of `/proc/PID/cgroup`. */
  readonly cgroup?: string;
  /** Text of `/proc/PID/mountinfo`; names the container where cgroup v2 hides it. */
  readonly mountinfo?: string;
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
  set('container.id', containerId(input.process?.cgroup, input.process?.mountinfo));
  setKubernetes(env, input.process?.cgroup, set);
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
  return { attributes };
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

/** The 64 hex digits that container engines put into cgroup paths (v1, v2 with systemd) or mount sources (v2 private). */
export function containerId(cgroup: string | undefined, mountinfo: string | undefined): string | undefined {
  for (const line of (cgroup ?? '').split('\n')) {
    const match = /[/:-]([0-9a-f]{64})(?:\.scope)?$/.exec(line.trim());
    if (match) return match[1];
  }
  for (const line of (mountinfo ?? '').split('\n')) {
    const match = /\/(?:containers|sandboxes)\/([0-9a-f]{64})\/(?:hostname|hosts|resolv\.conf)/.exec(line);
    if (match) return match[1];
  }
  return undefined;
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

/** The downward API has no fixed names; these are the ones that charts, operators and the OpenTelemetry injector use. */
const KUBERNETES: Readonly<Record<string, readonly string[]>> = {
  'k8s.pod.name': ['K8S_POD_NAME', 'KUBERNETES_POD_NAME', 'POD_NAME', 'MY_POD_NAME'],
  'k8s.pod.uid': ['K8S_POD_UID', 'POD_UID', 'MY_POD_UID'],
  'k8s.namespace.name': [
    'K8S_NAMESPACE_NAME',
    'K8S_NAMESPACE',
    'KUBERNETES_NAMESPACE',
    'POD_NAMESPACE',
    'MY_POD_NAMESPACE',
  ],
  'k8s.node.name': ['K8S_NODE_NAME', 'KUBERNETES_NODE_NAME', 'NODE_NAME', 'MY_NODE_NAME'],
  'k8s.container.name': ['K8S_CONTAINER_NAME', 'CONTAINER_NAME'],
  'k8s.deployment.name': ['K8S_DEPLOYMENT_NAME'],
  'k8s.cluster.name': ['K8S_CLUSTER_NAME'],
};

function setKubernetes(env: ResourceInput['env'], cgroup: string | undefined, set: Set): void {
  const uid = podUid(cgroup);
  // `POD_NAME` and its like prove nothing outside of a cluster.
  if (env.KUBERNETES_SERVICE_HOST === undefined && uid === undefined) return;
  for (const [name, variables] of Object.entries(KUBERNETES)) {
    set(
      name,
      variables.map(variable => env[variable]?.trim()).find(value => value !== undefined && value !== ''),
    );
  }
  if (uid !== undefined) set('k8s.pod.uid', uid);
  // A pod's host name is its name unless the pod says otherwise, so it is used only when it has the form of one.
  const host = env.HOSTNAME?.trim();
  const named = KUBERNETES['k8s.pod.name']?.some(variable => env[variable]);
  if (!named && host !== undefined && /-[a-z0-9]{5}$/.test(host)) set('k8s.pod.name', host);
}

/** `kubepods-burstable-pod1234_…slice` (systemd) and `/kubepods/burstable/pod1234-…/` (cgroupfs). */
function podUid(cgroup: string | undefined): string | undefined {
  const match = /pod([0-9a-f]{8}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{12})/.exec(cgroup ?? '');
  return match?.[1]?.replaceAll('_', '-');
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
