/** Prints a completion script. Static words only: completing starts nothing of ours, so it costs no start-up time. */
import { Args } from '@oclif/core';
import { OWN_COMMANDS } from '../cli/argv.js';
import { type CompletedFlag, completionScript, type Shell } from '../cli/completion.js';
import { OwnCommand } from '../cli/own-command.js';
import { write } from '../cli/say.js';
import { FLAGS, findFlag } from '../config/flags.js';
import { nearestName } from '../config/nearest.js';
import { EXIT_STATUS, Problem } from '../errors.js';

const SHELLS: readonly Shell[] = ['bash', 'zsh', 'fish'];

export default class Completion extends OwnCommand {
  static override readonly summary = 'print a completion script for bash, zsh or fish';
  static override readonly usage = ['completion bash|zsh|fish'];
  static override readonly examples = [
    'source <(<%= config.bin %> completion bash)',
    'source <(<%= config.bin %> completion zsh)',
    '<%= config.bin %> completion fish | source',
  ];
  static override readonly args = {
    shell: Args.string({ description: 'bash, zsh or fish' }),
  };

  override async work(): Promise<number> {
    const words = this.readWords();
    const [shell] = words.words;
    await this.parse(Completion, [...words.flags]);
    if (!isShell(shell)) throw noShell(shell);
    const launch = FLAGS.flatMap(row =>
      completedFlag(row.flags[0]!, row.kind === 'switch' ? undefined : (row.choices ?? []), row.bare),
    );
    const commands = [...OWN_COMMANDS].sort().map(name => {
      // Topics such as `setup` hold their commands below them.
      const command = this.config.findCommand(name);
      const below = this.config.commands
        .filter(({ id }) => id.startsWith(`${name}:`))
        .map(({ id }) => id.slice(name.length + 1));
      const own = Object.values(command?.flags ?? {}).filter(({ hidden }) => !hidden);
      const flags =
        name === 'run'
          ? launch
          : own.map(flag => {
              const row = findFlag(flag.name);
              const values = flag.type === 'boolean' ? undefined : (flag.options ?? row?.choices ?? []);
              return completedFlag(flag.name, values, row?.bare);
            });
      return { name, words: WORDS[name] ?? below, flags, files: FILES.has(name) };
    });
    write(1, completionScript(shell, commands, launch));
    return EXIT_STATUS.done;
  }
}

/** Words of a command that are always the same. */
const WORDS: Readonly<Record<string, readonly string[]>> = { completion: SHELLS, show: ['last', 'all'] };
/** Commands behind which a file or a program may stand. */
const FILES: ReadonlySet<string> = new Set(['run', 'doctor', 'decode']);

const isShell = (word: string | undefined): word is Shell => (SHELLS as readonly (string | undefined)[]).includes(word);

/** @param values absent: it takes none; empty: any */
function completedFlag(name: string, values: readonly string[] | undefined, bare: string | undefined): CompletedFlag {
  return { name: `--${name}`, ...(values === undefined ? {} : { values }), optional: bare !== undefined };
}

function noShell(typed: string | undefined): Problem {
  const near = typed === undefined ? undefined : nearestName(typed, SHELLS);
  return new Problem({
    code: 'NO_SHELL',
    message: typed === undefined ? 'completion needs the name of your shell' : `there is no completion for ${typed}`,
    reason: `${near === undefined ? '' : `did you mean ${near}? `}allowed: ${SHELLS.join(', ')}`,
    fixes: ['source <(openlit-instrument completion bash)'],
    exit: EXIT_STATUS.usage,
  });
}
