/** Prints a completion script. Static words only: completing starts nothing of ours, so it costs no start-up time. */
import { Args, Command } from '@oclif/core';
import { OWN_COMMANDS } from '../cli/argv.js';
import { completionScript, type Shell } from '../cli/completion.js';
import { write } from '../cli/say.js';
import { FLAGS } from '../config/flags.js';
import { reportProblem } from '../runs/launch.js';

const SHELLS: readonly Shell[] = ['bash', 'zsh', 'fish'];

export default class Completion extends Command {
  static override readonly summary = 'print a completion script for bash, zsh or fish';
  static override readonly examples = [
    'source <(<%= config.bin %> completion bash)',
    'source <(<%= config.bin %> completion zsh)',
    '<%= config.bin %> completion fish | source',
  ];
  static override readonly args = {
    shell: Args.string({ required: true, options: [...SHELLS], description: 'the shell' }),
  };

  override async run(): Promise<void> {
    try {
      const { args } = await this.parse(Completion);
      const launch = FLAGS.flatMap(({ flags }) => flags.slice(0, 1));
      const commands = [...OWN_COMMANDS].sort().map(name => {
        // Topics such as `setup` hold their commands below them.
        const command = this.config.findCommand(name);
        const below = this.config.commands
          .filter(({ id }) => id.startsWith(`${name}:`))
          .map(({ id }) => id.slice(name.length + 1));
        const own = Object.values(command?.flags ?? {})
          .filter(({ hidden }) => !hidden)
          .map(flag => flag.name);
        const words = name === 'run' ? launch : own;
        return { name, words: [...below, ...words.map(word => `--${word}`)] };
      });
      write(
        1,
        completionScript(
          args.shell as Shell,
          commands,
          launch.map(name => `--${name}`),
        ),
      );
    } catch (error) {
      process.exitCode = reportProblem(error);
    }
  }
}
