/** The kept runs: which program, when, how many calls, what they cost. */
import { Command, Flags } from '@oclif/core';
import { write } from '../cli/say.js';
import { EXIT_STATUS } from '../errors.js';
import { renderRuns } from '../report/kept/runs-table.js';
import { openOutput } from '../report/output.js';
import { createPalette } from '../report/palette.js';
import { listRuns, runJson } from '../runs/kept/list-runs.js';
import { readKept } from '../runs/kept/read-kept.js';
import { nothingKept } from '../runs/kept/targets.js';
import { reportProblem } from '../runs/launch.js';

const LISTED = 20;

export default class Runs extends Command {
  static override readonly summary = 'list earlier runs: program, time, calls, errors, tokens, cost';
  static override readonly description =
    'Runs are kept on this machine when calls are shown here (no endpoint) and under attach. To look into one: show RUN.';
  static override readonly examples = [
    '<%= config.bin %> runs',
    '<%= config.bin %> runs --limit 100',
    '<%= config.bin %> runs --json',
  ];
  static override readonly flags = {
    limit: Flags.integer({
      char: 'n',
      summary: 'how many runs, the newest first',
      default: LISTED,
      min: 1,
      helpValue: 'N',
    }),
    json: Flags.boolean({ summary: 'all runs as one JSON list' }),
  };

  override async run(): Promise<void> {
    try {
      const { flags } = await this.parse(Runs);
      const runs = listRuns(await readKept());
      if (flags.json) return write(1, `${JSON.stringify(runs.map(runJson), null, 2)}\n`);
      if (runs.length === 0) {
        process.exitCode = reportProblem(nothingKept());
        return;
      }
      const output = openOutput(1);
      const palette = createPalette(output.colour);
      const lines = renderRuns(runs.slice(0, flags.limit), palette, output.columns(), Date.now());
      const more = runs.length - flags.limit;
      if (more > 0) lines.push(palette.quiet(`${more} older: --limit ${runs.length}`));
      output.write(`${lines.join('\n')}\n`);
      process.exitCode = EXIT_STATUS.done;
    } catch (error) {
      process.exitCode = reportProblem(error);
    }
  }
}
