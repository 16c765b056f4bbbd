/** Puts the facts of all processes together: what `ps` shows, and what `attach --all` and `attach --port` choose from. */
import { userInfo } from 'node:os';
import type { Placement } from '../machine/cgroup.js';
import { type ProcessFacts, readFacts, readPlacement } from '../machine/facts.js';
import { listPids } from '../machine/proc.js';
import { detectRuntime, type Runtime } from '../machine/runtime.js';
import { createSocketReader, type Sockets } from '../machine/sockets.js';
import { workloadKey } from '../machine/workload-key.js';
import { type AiLibrary, findAiLibraries } from './ai-libraries.js';
import { type ConnectedProvider, connectedProviders, type ProviderOfHost, resolveHosts } from './connections.js';
import { credentialNames } from './credentials.js';
import { detectInstrumentation, type Instrumentation } from './instrumented.js';

/** TLS code that `attach` could probe, or why it could not. */
export interface TlsFacts {
  /** `libssl.so.3`, `OpenSSL in node`; absent when the process has no TLS code that we know. */
  readonly library?: string;
  readonly attachable: boolean;
  /** How the functions are found: `symbols`, … */
  readonly locator?: string;
  readonly reason?: string;
}

export interface DiscoveredProcess {
  readonly pid: number;
  readonly user: number;
  readonly name: string;
  readonly command: readonly string[];
  readonly runtime?: Runtime;
  readonly tls?: TlsFacts;
  readonly libraries: readonly AiLibrary[];
  readonly providers: readonly ConnectedProvider[];
  readonly listening: readonly number[];
  /** Names of variables only. */
  readonly credentials: readonly string[];
  readonly instrumentation?: Instrumentation;
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
  readonly inspectTls?: (process: ProcessFacts) => TlsFacts | undefined;
  /** Milliseconds for DNS answers. */
  readonly dnsPatience?: number;
  /** Address -> host, when the caller keeps the answers itself. */
  readonly resolve?: () => Promise<ReadonlyMap<string, string>>;
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
    const instrumentation = detectInstrumentation(process.environment, runtime?.name);
    const relevant = providers.length > 0 || libraries.length > 0 || (credentials.length > 0 && runtime !== undefined);
    const evident = providers.length > 0 || libraries.some(({ evidence }) => evidence === 'loaded');
    const placement = readPlacement(process);
    const tls = relevant ? options.inspectTls?.(process) : undefined;
    return {
      pid: process.pid,
      user: process.uid,
      name: process.name,
      command: process.commandLine,
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
    };
  });
  return { processes, unreadable: userInfo().uid === 0 ? 0 : unreadable };
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
