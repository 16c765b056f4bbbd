/** Puts the facts of all processes together: what `ps` shows, and what `attach --all` and `attach --port` choose from. */
import { redactCredentials } from '../calls/redact.js';
import { redactWords } from '../calls/redact-value.js';
import type { Placement } from '../machine/cgroup.js';
import { type ProcessFacts, readFacts, readPlacement } from '../machine/facts.js';
import { listPids } from '../machine/proc.js';
import { detectRuntime, type Runtime } from '../machine/runtime.js';
import { createSocketReader, type Sockets } from '../machine/sockets.js';
import { workloadKey } from '../machine/workload-key.js';
import type { AttachRights } from '../plan/answer.js';
import { detectInstrumentation, type Instrumentation } from '../plan/instrumented.js';
import { planFor } from '../plan/plan-for.js';
import type { RunningPlan, TlsFinding } from '../plan/running.js';
import { type AiLibrary, findAiLibraries } from './ai-libraries.js';
import { type ConnectedProvider, connectedProviders, type ProviderOfHost, resolveHosts } from './connections.js';
import { credentialNames } from './credentials.js';

export interface DiscoveredProcess {
  readonly pid: number;
  readonly user: number;
  readonly name: string;
  /** Without credentials: people pass keys to programs. */
  readonly command: readonly string[];
  readonly runtime?: Runtime;
  readonly tls?: TlsFinding;
  readonly libraries: readonly AiLibrary[];
  readonly providers: readonly ConnectedProvider[];
  readonly listening: readonly number[];
  /** Names of variables only. */
  readonly credentials: readonly string[];
  readonly instrumentation?: Instrumentation;
  /** How it can be observed; only of what is relevant, where TLS code was looked for. */
  readonly plan?: RunningPlan;
  readonly placement: Placement;
  /** A name that survives restarts: `k8s:…`, `docker:…`, `linux:…`. */
  readonly workload: string;
  /** Whether anything says that it talks, or can talk, to a model. */
  readonly relevant: boolean;
  /**
   * Whether it was seen to: connected to a provider, a library loaded, a model server or coding agent by itself. A library
   * that is installed beside it, or a key in its environment, is no proof: test runners and package managers have both.
   */
  readonly evident: boolean;
}

export interface Discovery {
  readonly processes: readonly DiscoveredProcess[];
  /** Processes of other users that only root can look into. */
  readonly unreadable: number;
}

export interface DiscoverOptions {
  readonly providerOf: ProviderOfHost;
  /** Hosts to resolve, when a process has connections that nothing else explains. */
  readonly knownHosts: readonly string[];
  /** Looks for TLS code; left out where nobody asks for it, because it reads ELF files. */
  readonly inspectTls?: (process: ProcessFacts) => TlsFinding | undefined;
  /** Milliseconds for DNS answers. */
  readonly dnsPatience?: number;
  /** Address -> host, when the caller keeps the answers itself. */
  readonly resolve?: () => Promise<ReadonlyMap<string, string>>;
  /** What this machine and our rights allow; default all. */
  readonly rights?: AttachRights;
  /** Plans also for what is observed from inside. */
  readonly force?: boolean;
  /** Only these; default all. */
  readonly pids?: readonly number[];
}

/** Reads all processes once. Never starts or touches one. */
export async function discover(options: DiscoverOptions): Promise<Discovery> {
  const readSockets = createSocketReader();
  const seen: { process: ProcessFacts; sockets: Sockets | undefined; libraries: AiLibrary[]; runtime?: Runtime }[] = [];
  let unreadable = 0;
  for (const pid of options.pids ?? listPids()) {
    const process = pid === globalThis.process.pid ? undefined : readFacts(pid);
    if (!process) continue;
    if (process.executable === undefined) unreadable += 1;
    const runtime = detectRuntime(process);
    const libraries = findAiLibraries(process, runtime);
    seen.push({ process, sockets: readSockets(pid), libraries, ...(runtime && { runtime }) });
  }
  const servers = modelServers(seen);
  const remote = seen.some(({ sockets }) => sockets?.peers.some(({ address }) => !isLocal(address)));
  const dns = remote
    ? await (options.resolve?.() ?? resolveHosts(options.knownHosts, options.providerOf, options.dnsPatience ?? 300))
    : new Map<string, string>();
  const book = { dns, providerOf: options.providerOf, listener: (port: number) => servers.get(port) };
  const processes = seen.map(({ process, sockets, libraries, runtime }): DiscoveredProcess => {
    const providers = connectedProviders(process.pid, sockets?.peers ?? [], book);
    const credentials = credentialNames(process.environment);
    const relevant = providers.length > 0 || libraries.length > 0 || (credentials.length > 0 && runtime !== undefined);
    const evident = providers.length > 0 || libraries.some(({ evidence }) => evidence === 'loaded');
    const placement = readPlacement(process);
    const { instrumentation, tls, plan } = examine(process, runtime, relevant, options);
    return {
      pid: process.pid,
      user: process.uid,
      name: process.name,
      command: redactWords(process.commandLine, redactCredentials),
      libraries,
      providers,
      listening: [...new Set(sockets?.listening.map(({ port }) => port) ?? [])],
      credentials,
      placement,
      workload: workloadKey({ ...process, placement }),
      relevant,
      evident,
      ...(runtime && { runtime }),
      ...(tls && { tls }),
      ...(instrumentation && { instrumentation }),
      ...(plan && { plan }),
    };
  });
  return { processes, unreadable: process.getuid?.() === 0 ? 0 : unreadable };
}

type Examined = Pick<DiscoveredProcess, 'instrumentation' | 'tls' | 'plan'>;

/** How it can be observed. TLS code is looked for only where it matters, because that reads large files. */
function examine(
  process: ProcessFacts,
  runtime: Runtime | undefined,
  relevant: boolean,
  { inspectTls, rights, force }: DiscoverOptions,
): Examined {
  const instrumentation = detectInstrumentation(process.environment, runtime?.name);
  if (!relevant || !inspectTls) return { ...(instrumentation && { instrumentation }) };
  const tls = inspectTls(process);
  const plan = planFor({
    kind: 'running',
    process,
    ...(runtime && { runtime: runtime.name }),
    ...(tls && { tls }),
    ...(rights && { rights }),
    ...(force && { force }),
  });
  return { plan, ...(tls && { tls }), ...(instrumentation && { instrumentation }) };
}

/** Port -> name of the model server that listens there. */
function modelServers(seen: readonly { sockets: Sockets | undefined; libraries: AiLibrary[] }[]): Map<number, string> {
  const servers = new Map<number, string>();
  for (const { sockets, libraries } of seen) {
    const server = libraries.find(({ name }) => MODEL_SERVERS.has(name));
    if (server) for (const { port } of sockets?.listening ?? []) servers.set(port, server.name);
  }
  return servers;
}

const MODEL_SERVERS: ReadonlySet<string> = new Set([
  'ollama',
  'vllm',
  'llama.cpp',
  'litellm',
  'text-generation-inference',
]);

function isLocal(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}
