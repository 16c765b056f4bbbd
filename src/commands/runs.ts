/** The kept runs: which program, when, how many calls, what they cost. */
import { Flags } from '@oclif/core';
import { OwnCommand } from '../cli/own-command.js';
import { refuseWords } from '../cli/own-words.js';
import { write } from '../cli/say.js';
import { EXIT_STATUS } from '../errors.js';
import { renderRuns } from '../report/kept/runs-table.js';
import { openOutput } from '../report/output.js';
import { createPalette } from '../report/palette.js';
import { listRuns, runJson } from '../runs/kept/list-runs.js';
import { readKept } from '../runs/kept/read-kept.js';
import { nothingKept } from '../runs/kept/targets.js';

const LISTED = 20;

export default class Runs extends OwnCommand {
  static override readonly summary = 'list earlier runs: program, time, calls, errors, tokens, cost';
  static override readonly description =
    'Runs are kept on this machine wherever calls are shown (without an endpoint, on a terminal, with --live), and under attach. To look into one: show RUN.';
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

  override async work(): Promise<number> {
    const words = this.readWords();
    refuseWords('runs', words.words);
    const { flags } = await this.parse(Runs, [...words.flags]);
    const runs = listRuns(await readKept());
    if (flags.json) {
      write(1, `${JSON.stringify(runs.map(runJson), null, 2)}\n`);
      return EXIT_STATUS.done;
    }
    if (runs.length === 0) throw nothingKept();
    const output = openOutput(1);
    const palette = createPalette(output.colour);
    const lines = renderRuns(runs.slice(0, flags.limit), palette, output.columns(), Date.now());
    const more = runs.length - flags.limit;
    if (more > 0) lines.push(palette.quiet(`${more} older: --limit ${runs.length}`));
    output.write(`${lines.join('\n')}\n`);
    return EXIT_STATUS.done;
  }
}
