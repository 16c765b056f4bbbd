/** One service a machine: discovers, reports, makes observed what is asked for, keeps it so. */
import { Flags } from '@oclif/core';
import { AGENT_PLACES } from '../../cli/agent-places.js';
import { loadSettings } from '../../cli/load-settings.js';
import { OwnCommand } from '../../cli/own-command.js';
import { refuseWords } from '../../cli/own-words.js';
import { say, write } from '../../cli/say.js';
import { givenFlags, SETTING_FLAGS } from '../../cli/setting-flags.js';
import { parseSize } from '../../cli/size.js';
import { VARIABLES } from '../../config/variables.js';
import { EXIT_STATUS, Problem } from '../../errors.js';
import { renderStatus } from '../../report/agent-status.js';
import { openOutput } from '../../report/output.js';
import { createPalette } from '../../report/palette.js';
import { runAgent } from '../../runs/agent/agent.js';
import { agentPlaces } from '../../runs/agent/places.js';
import { openTargets } from '../../runs/agent/targets.js';
import { withoutResource } from '../../runs/attach/process-resource.js';

export default class AgentCommand extends OwnCommand {
  static override readonly summary = 'discover LLM workloads of this machine, keep them observed';
  static override readonly description =
    `Looks at this machine again and again and makes true what desired-state files or OpenLIT's dashboard ask for: observe (probes from
outside, no restart), inject (a hook inside, from a restart on), lifecycle. Survives its own kill, and restarts of what it
observes. Without anything asked for it only reports. Ends with Ctrl-C: probes go, everything else stays.`;
  static override readonly examples = [
    '<%= config.bin %> agent --once',
    'sudo <%= config.bin %> agent --desired /etc/openlit-instrument/desired.d --endpoint http://localhost:4318',
    'sudo <%= config.bin %> agent --desired fleet.yml --dry-run',
    'sudo <%= config.bin %> agent --dashboard https://openlit.example.com --port 4321',
  ];
  static override readonly flags = {
    desired: Flags.string({
      summary: 'file, or folder of files, that says what is asked for; watched; may be repeated',
      multiple: true,
      helpValue: 'FILE|FOLDER',
    }),
    dashboard: Flags.string({
      summary: `address of OpenLIT's dashboard, which is polled (default: ${VARIABLES.url}); its key: --api-key`,
      helpValue: 'URL',
    }),
    cluster: Flags.string({ summary: 'name under which the dashboard groups machines', default: 'default' }),
    port: Flags.integer({
      summary: 'answer /healthz, /metrics and /status on this port of loopback; 0 takes a free one',
      min: 0,
      max: 65_535,
    }),
    interval: Flags.integer({
      summary: 'seconds between two looks',
      default: 10,
      min: 1,
      max: 3600,
      helpValue: 'SECONDS',
    }),
    once: Flags.boolean({ summary: 'look once, do what is to be done but probes, say how everything stands, and end' }),
    'dry-run': Flags.boolean({ summary: 'do nothing: say what would be done, to the line' }),
    json: Flags.boolean({ summary: 'JSON on stdout: one document with --once, else one line for each change' }),
    ...AGENT_PLACES,
    'ring-size': Flags.string({ summary: "the kernel's buffer", default: '16MiB', helpValue: 'SIZE' }),
    'memory-limit': Flags.string({
      summary: 'memory for unfinished exchanges; beyond it the largest is cut',
      default: '512MiB',
      helpValue: 'SIZE',
    }),
    config: Flags.string({ summary: 'read this file instead of looking for openlit.yml', helpValue: 'FILE' }),
    quiet: Flags.boolean({ summary: 'print nothing but errors' }),
    ...SETTING_FLAGS,
  };

  override async work(): Promise<number> {
    const { flags: typed, words } = this.readWords();
    refuseWords('agent', words);
    const { flags } = await this.parse(AgentCommand, [...typed]);
    const ringSize = parseSize(flags['ring-size'], 'ring-size', SMALLEST_RING);
    const memoryLimit = parseSize(flags['memory-limit'], 'memory-limit', SMALLEST_MEMORY);
    const env = withoutResource(process.env);
    const loaded = await loadSettings(givenFlags(flags), env);
    const { settings, notes } = loaded;
    const note = flags.quiet ? () => {} : say;
    for (const line of notes) note(line);
    const url = flags.dashboard ?? process.env[VARIABLES.url];
    if (url !== undefined) checkAddress(url);
    // Before anything is attached: a signal in between must not leave by the default way.
    const stopped = new Promise<void>(resolve => {
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
    });
    const { apiKey } = settings;
    const root = process.getuid?.() === 0;
    return runAgent({
      settings,
      version: this.config.version,
      ...agentPlaces({ state: flags['state-dir'], run: flags['run-dir'] }, process.env, root),
      desired: flags.desired ?? [],
      ...(url !== undefined && {
        dashboard: { url, cluster: flags.cluster, ...(apiKey !== undefined && { apiKey }) },
      }),
      ...openTargets({ loaded, version: this.config.version, env: process.env, root }),
      interval: flags.interval * 1000,
      ...(flags.port !== undefined && { port: flags.port }),
      once: flags.once,
      dryRun: flags['dry-run'],
      ringSize,
      memoryLimit,
      say: note,
      ...(flags.json && { json: (document: object) => write(1, `${JSON.stringify(document)}\n`) }),
      show: status => {
        const output = openOutput(1);
        const lines = renderStatus(status, createPalette(output.colour), output.columns() ?? PIPE_COLUMNS);
        output.write(`${lines.join('\n')}\n`);
      },
      stopped,
    });
  }
}

/** Bytes below which a limit would cut every call. */
const SMALLEST_RING = 64 * 1024;
const SMALLEST_MEMORY = 1024 ** 2;
const PIPE_COLUMNS = 160;

function checkAddress(url: string): void {
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return;
  throw new Problem({
    code: 'BAD_VALUE',
    message: '--dashboard does not accept this value',
    reason: 'allowed: an address such as https://openlit.example.com',
    exit: EXIT_STATUS.usage,
  });
}
