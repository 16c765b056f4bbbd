/** What the page shows of this machine's processes, and `attach` as it starts it, where that is allowed. */
import path from 'node:path';
import { redactCredentials } from '../calls/redact.js';
import type { DiscoveredProcess } from '../discovery/discover.js';
import type { Background } from '../machine/exec/background.js';
import { PACKAGE_FOLDER } from '../machine/package-folder.js';
import { attaches, injects } from '../plan/answer.js';
import type { Observation, ProcessRow } from '../ui/api.js';
import type { Services } from '../ui/server/routes.js';
import { agentBeside, withAgent } from './ui-agent.js';

/** Milliseconds that the page waits for probes: reading a large program takes seconds. */
const PATIENCE = 15_000;

export interface ProcessServices extends Services {
  /** Ends what was started from the page. */
  close(): Promise<void>;
}

/** @param actions the page may start `attach` */
export function processServices(actions: boolean): ProcessServices {
  let looking: ReturnType<typeof lookAround> | undefined;
  const started = new Map<number, { observation: Observation; background: Background }>();

  const findAgent = () => agentBeside(process.env, process.getuid?.() === 0);

  async function processes() {
    looking ??= lookAround();
    const { look, missing } = await looking;
    const { processes: found, unreadable } = await look();
    const agent = findAgent();
    const rows = found
      .filter(({ relevant }) => relevant)
      .map(process => withAgent(rowOf(process, { missing, actions }), agent));
    return {
      unreadable,
      processes: rows.map(row => {
        const observation = started.get(row.pid)?.observation;
        return observation === undefined ? row : { ...row, observation };
      }),
    };
  }

  async function observe(pid: number): Promise<Observation> {
    const agent = findAgent();
    if (agent?.workloadOf(pid)) return await agent.observe(pid);
    const running = started.get(pid);
    if (running !== undefined && running.observation.state !== 'ended') return running.observation;
    const { startBackground } = await import('../machine/exec/background.js');
    return await new Promise(resolve => {
      const update = (observation: Observation) => {
        started.set(pid, { observation, background });
        if (observation.state !== 'starting') resolve(observation);
      };
      const lines: string[] = [];
      let attached = false;
      const background = startBackground(
        process.execPath,
        [path.join(PACKAGE_FOLDER, 'bin', 'run.js'), 'attach', '--pid', String(pid)],
        line => {
          const text = redactCredentials(line.replace(/^openlit-instrument: |^ +/, ''));
          if (attached) return;
          attached = text.startsWith('attached');
          lines.push(text);
          update({ pid, state: attached ? 'attached' : 'starting', text: attached ? text : lines.join('; ') });
        },
        status => {
          const text = attached ? undefined : lines.join('; ') || `ended with status ${status ?? 'unknown'}`;
          update({ pid, state: 'ended', ...(text !== undefined && { text }) });
        },
      );
      update({ pid, state: 'starting' });
      // The page looks again later: nobody waits without an end.
      setTimeout(() => resolve(started.get(pid)!.observation), PATIENCE).unref();
    });
  }

  return {
    processes,
    ...(actions && { observe }),
    async close() {
      await Promise.all([...started.values()].map(({ background }) => background.stop()));
    },
  };
}

/** Loaded when somebody asks: it is half of the code of this command, and the page should be there at once. */
async function lookAround() {
  const [{ discover }, { attachRights }, { createTlsInspector }, { HOST_NAMES, providerOfName }] = await Promise.all([
    import('../discovery/discover.js'),
    import('../discovery/rights.js'),
    import('../discovery/tls.js'),
    import('../wire/providers/recognize/hosts.js'),
  ]);
  const rights = attachRights();
  const options = { providerOf: providerOfName, knownHosts: HOST_NAMES, inspectTls: createTlsInspector(), rights };
  return { look: () => discover(options), missing: rights.missing.length > 0 };
}

interface Allowed {
  /** Our rights are not enough for `attach`. */
  readonly missing: boolean;
  readonly actions: boolean;
}

function rowOf(process: DiscoveredProcess, { missing, actions }: Allowed): ProcessRow {
  const { pid, name, runtime, plan } = process;
  const command = process.command.join(' ').trim();
  const attachable = plan !== undefined && plan.observedBy === undefined && attaches(plan);
  const restart = plan !== undefined && plan.observedBy === undefined && injects(plan);
  const observe = attachable
    ? `${missing ? 'sudo ' : ''}openlit-instrument attach --pid ${pid}`
    : restart
      ? `openlit-instrument ${command}`
      : undefined;
  const note = plan?.observedBy ? undefined : (plan?.note ?? (attachable ? undefined : plan?.why[0]));
  return {
    pid,
    name,
    command,
    ...(runtime && { runtime: [runtime.name, runtime.version].filter(Boolean).join(' ') }),
    evidence: evidenceOf(process),
    way: plan?.observedBy
      ? `observed by ${plan.observedBy.by}`
      : attachable
        ? 'attach now'
        : restart
          ? 'at its next start'
          : 'no',
    ...(note !== undefined && { note }),
    ...(observe !== undefined && { observe }),
    mayStart: actions && attachable && !missing,
  };
}

/** The strongest first. */
function evidenceOf({ providers, libraries, credentials, listening }: DiscoveredProcess): string {
  if (providers.length > 0) return `connected to ${[...new Set(providers.map(({ name }) => name))].join(', ')}`;
  const names = [...new Set(libraries.map(({ name }) => name))];
  if (names.length > 0) return `has ${names.join(', ')}`;
  if (credentials.length > 0) return credentials.join(', ');
  return listening.length > 0 ? `listens on ${listening.join(', ')}` : '';
}
