/** Kept calls: a run as a table or a tree, one call whole, sums, two compared, exports. */
import { Flags } from '@oclif/core';
import { OwnCommand } from '../cli/own-command.js';
import { EXIT_STATUS, Problem } from '../errors.js';
import { openOutput } from '../report/output.js';
import { createPalette } from '../report/palette.js';
import { EXPORTS, type ExportFormat } from '../runs/kept/export.js';
import { FILTER_FLAGS } from '../runs/kept/filter-flags.js';
import { show } from '../runs/kept/show.js';
import { SUMMED_BY, type SummedBy } from '../runs/kept/summed-by.js';
import { writeOutput } from '../runs/kept/write-output.js';

export default class Show extends OwnCommand {
  static override readonly summary = 'show the calls of a run, one in full, two compared; exports';
  static override readonly description =
    'RUN and CALL are ids from `runs` and `show`, or the beginning of one; `last` (the default) is the newest run, `all` are all runs. Messages are there if they were kept: --capture-content.';
  static override readonly usage = [
    'show [RUN|CALL|last|all]',
    'show --diff A B',
    'show [RUN|all] --by day|program|model|session',
  ];
  static override readonly examples = [
    '<%= config.bin %> show',
    '<%= config.bin %> show 6aae490f',
    '<%= config.bin %> show all --errors --since 7d',
    '<%= config.bin %> show --by day',
    '<%= config.bin %> show --diff 6aae490f 98c5c8fa',
    '<%= config.bin %> show last --export csv --output calls.csv',
  ];
  static override readonly flags = {
    by: Flags.string({
      summary: 'sums of calls, tokens and cost; of all runs unless one is named',
      options: [...SUMMED_BY],
    }),
    diff: Flags.boolean({ summary: 'compare two calls or two runs' }),
    export: Flags.string({ summary: 'the calls for other programs', options: [...EXPORTS] }),
    output: Flags.string({ char: 'o', summary: 'write to this file, readable by you alone', helpValue: 'FILE' }),
    force: Flags.boolean({ summary: 'overwrite the file of --output' }),
    json: Flags.boolean({ summary: 'one JSON line for each call; one document with --by and --diff' }),
    ...FILTER_FLAGS,
  };

  override async work(): Promise<number> {
    const typed = this.readWords();
    const { flags } = await this.parse(Show, [...typed.flags]);
    if (flags.force && flags.output === undefined) throw forceAlone();
    const output = openOutput(1);
    const toFile = flags.output !== undefined;
    const pieces = await show({
      words: typed.words,
      filter: flags,
      by: flags.by as SummedBy | undefined,
      diff: flags.diff,
      format: flags.export as ExportFormat | undefined,
      json: flags.json,
      screen: {
        palette: createPalette(output.colour && !toFile),
        limit: toFile ? undefined : output.columns(),
        now: Date.now(),
      },
      version: this.config.version,
    });
    await writeOutput(pieces, flags.output, flags.force);
    return EXIT_STATUS.done;
  }
}

const forceAlone = () =>
  new Problem({
    code: 'FORCE_ALONE',
    message: '--force belongs to --output',
    fixes: ['openlit-instrument show --export csv --output calls.csv --force'],
    exit: EXIT_STATUS.usage,
  });
