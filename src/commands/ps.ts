/** Lists the processes that talk, or can talk, to LLMs. */
import { setTimeout as wait } from 'node:timers/promises';
import { Flags } from '@oclif/core';
import { OwnCommand } from '../cli/own-command.js';
import { refuseWords } from '../cli/own-words.js';
import { type Discovery, discover } from '../discovery/discover.js';
import { attachRights } from '../discovery/rights.js';
import { createTlsInspector } from '../discovery/tls.js';
import { EXIT_STATUS } from '../errors.js';
import { openOutput } from '../report/output.js';
import { createPalette } from '../report/palette.js';
import { renderProcesses } from '../report/process-table.js';
import { isStdoutOver } from '../report/stdout.js';
import { HOST_NAMES, providerOfName } from '../wire/providers/recognize/hosts.js';

/** Milliseconds between two looks of `--watch`. */
const WATCH_INTERVAL = 2000;

/** In a pipe a row stays readable; --json has every word. */
const PIPE_COLUMNS = 160;

const CLEAR_SCREEN = '\u001b[H\u001b[2J';

export default class Ps extends OwnCommand {
  static override readonly summary = 'list the processes that talk, or can talk, to LLMs';
  static override readonly description =
    `Reads /proc and asks the machine's resolver for the addresses of known providers; starts and touches nothing.
LLM evidence, the strongest first: →openai is connected now, openai was seen loaded, (openai) is installed for the process,
OPENAI_API_KEY is set. OBSERVE, how its calls can be seen: attach, now and from outside; restart, behind openlit-instrument at its
next start; inside, an SDK or hook observes it already; no, with the reason where there is room for it.`;
  static override readonly examples = [
    '<%= config.bin %> ps',
    '<%= config.bin %> ps --json',
    'sudo <%= config.bin %> ps --watch',
  ];
  static override readonly flags = {
    all: Flags.boolean({ char: 'a', summary: 'all processes, whatever they do' }),
    watch: Flags.boolean({ char: 'w', summary: 'look again every two seconds, until Ctrl-C' }),
    json: Flags.boolean({ summary: 'one JSON document (with --watch: one a line)' }),
  };

  override async work(): Promise<number> {
    const words = this.readWords();
    refuseWords('ps', words.words);
    const { flags } = await this.parse(Ps, [...words.flags]);
    const inspectTls = createTlsInspector();
    const rights = attachRights();
    const look = () => discover({ providerOf: providerOfName, knownHosts: HOST_NAMES, inspectTls, rights });
    do show(await look(), flags);
    while (flags.watch && !isStdoutOver() && (await wait(WATCH_INTERVAL, true)));
    return EXIT_STATUS.done;
  }
}

function show(discovery: Discovery, flags: { all: boolean; watch: boolean; json: boolean }): void {
  const output = openOutput(1);
  if (flags.json) {
    const processes = discovery.processes.filter(({ relevant }) => flags.all || relevant);
    return output.write(`${JSON.stringify({ ...discovery, processes }, null, flags.watch ? 0 : 2)}\n`);
  }
  const lines = renderProcesses(discovery, flags.all, createPalette(output.colour), output.columns() ?? PIPE_COLUMNS);
  output.write(`${flags.watch && output.terminal ? CLEAR_SCREEN : ''}${lines.join('\n')}\n`);
}
