/** How the workloads of this machine stand, as the running agent wrote it down last. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Flags } from '@oclif/core';
import type { Status } from '../../agent/status.js';
import { AGENT_PLACES } from '../../cli/agent-places.js';
import { OwnCommand } from '../../cli/own-command.js';
import { refuseWords } from '../../cli/own-words.js';
import { say, write } from '../../cli/say.js';
import { EXIT_STATUS, fileReason, Problem } from '../../errors.js';
import { renderStatus } from '../../report/agent-status.js';
import { openOutput } from '../../report/output.js';
import { createPalette } from '../../report/palette.js';
import { agentPlaces } from '../../runs/agent/places.js';

const PIPE_COLUMNS = 160;

export default class AgentStatus extends OwnCommand {
  static override readonly summary = 'say how the workloads of this machine stand';
  static override readonly description =
    'Reads what the agent wrote at its last look; asks nobody. Status 1 where no agent has run since the last reboot.';
  static override readonly examples = [
    'sudo <%= config.bin %> agent status',
    'sudo <%= config.bin %> agent status --json',
  ];
  static override readonly flags = {
    'run-dir': AGENT_PLACES['run-dir'],
    json: Flags.boolean({ summary: 'the whole as one JSON document' }),
  };

  override async work(): Promise<number> {
    const words = this.readWords();
    refuseWords('agent status', words.words);
    const { flags } = await this.parse(AgentStatus, [...words.flags]);
    const { runtime } = agentPlaces({ state: undefined, run: flags['run-dir'] }, process.env, process.getuid?.() === 0);
    const text = readStatus(path.join(runtime, 'status.json'));
    const status = JSON.parse(text) as Status;
    if (flags.json) write(1, `${text}\n`);
    else {
      const output = openOutput(1);
      const lines = renderStatus(status, createPalette(output.colour), output.columns() ?? PIPE_COLUMNS);
      output.write(`${lines.join('\n')}\n`);
      say(`as process ${status.pid} saw it at ${status.at}`);
    }
    return EXIT_STATUS.done;
  }
}

function readStatus(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Problem({
      code: 'NO_AGENT',
      message: 'there is no status of an agent',
      reason: `${file}: ${fileReason(error)}`,
      fixes: ['openlit-instrument agent --once', 'sudo openlit-instrument agent status'],
    });
  }
}
