/**
 * The explicit form of a launch. `bin/run.js` takes the same way without oclif; this class lets `run` appear in the help
 * and keeps it working when oclif is asked first. The program's words never go through oclif's parser.
 */
import { Command, Flags } from '@oclif/core';
import { splitWords } from '../cli/argv.js';
import RootHelp from '../cli/help.js';
import { FLAGS, type FlagRow } from '../config/flags.js';
import { launch, reportProblem } from '../runs/launch.js';

/** Declared for the manifest, where a flag that changes by accident shows up; the parsing is `argv.ts`. */
function declare(row: FlagRow) {
  const aliases = row.flags.slice(1).flatMap(name => [name, name.replaceAll('-', '_')]);
  const common = { summary: row.summary, helpGroup: row.group, aliases };
  return row.kind === 'switch'
    ? Flags.boolean(common)
    : Flags.string({ ...common, ...(row.choices ? { options: [...row.choices] } : {}) });
}

export default class Run extends Command {
  static override readonly summary = 'run a program, observed (the word run may be left out)';
  static override readonly usage = ['[run] [OPTIONS] [--] PROGRAM [ARGUMENTS]'];
  static override readonly description =
    'Everything from PROGRAM on is passed to it unchanged; -- ends the options early. Options are accepted with underscores too.';
  static override readonly examples = [
    '<%= config.bin %> python app.py',
    '<%= config.bin %> run --endpoint http://localhost:4318 -- node server.js',
  ];
  static override readonly strict = false;
  static override readonly flags = Object.fromEntries(FLAGS.map(row => [row.flags[0], declare(row)]));

  override async run(): Promise<void> {
    try {
      const words = splitWords(['run', ...this.argv]);
      if (words.kind !== 'launch') return await new RootHelp(this.config).showHelp(['run']);
      process.exitCode = await launch({ flags: words.flags, words: words.program });
    } catch (error) {
      process.exitCode = reportProblem(error);
    }
  }
}
