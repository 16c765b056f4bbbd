/** Completion scripts of static words. Pure: the words come from the tables of commands and flags. */
export type Shell = 'bash' | 'zsh' | 'fish';

export interface CommandWords {
  readonly name: string;
  /** Flags with their dashes, and words below the command. */
  readonly words: readonly string[];
}

const BIN = 'openlit-instrument';

/** After the command's own words, files and programs are completed as everywhere. Words hold `[a-z0-9_-]` only. */
export function completionScript(shell: Shell, commands: readonly CommandWords[], launch: readonly string[]): string {
  return shell === 'fish' ? fish(commands, launch) : shell === 'zsh' ? zsh(commands, launch) : bash(commands, launch);
}

function bash(commands: readonly CommandWords[], launch: readonly string[]): string {
  const cases = commands.map(({ name, words }) => `    ${name}) words="${words.join(' ')}" ;;`);
  const first = commands.map(({ name }) => name).join(' ');
  return `_openlit_instrument() {
  local current="\${COMP_WORDS[COMP_CWORD]}" words="${launch.join(' ')}"
  case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
  esac
  [ "$COMP_CWORD" -eq 1 ] && words="${first} ${launch.join(' ')}"
  case "$current" in
    -*) COMPREPLY=($(compgen -W "$words" -- "$current")) ;;
    *) COMPREPLY=($(compgen -W "$words" -- "$current") $([ "$COMP_CWORD" -eq 1 ] && compgen -c -- "$current")) ;;
  esac
}
complete -o default -o bashdefault -F _openlit_instrument ${BIN}
`;
}

/** zsh runs the script of bash: one logic to keep right. */
function zsh(commands: readonly CommandWords[], launch: readonly string[]): string {
  return `autoload -U +X compinit bashcompinit\n(( $+functions[compdef] )) || compinit\nbashcompinit\n${bash(commands, launch)}`;
}

function fish(commands: readonly CommandWords[], launch: readonly string[]): string {
  const line = (condition: string, word: string) =>
    word.startsWith('--')
      ? `complete -c ${BIN} -n '${condition}' -l ${word.slice(2)}`
      : `complete -c ${BIN} -n '${condition}' -a ${word}`;
  return `${[
    `complete -c ${BIN} -n __fish_use_subcommand -a '(__fish_complete_command)'`,
    ...commands.map(({ name }) => line('__fish_use_subcommand', name)),
    ...launch.map(word => line('__fish_use_subcommand', word)),
    ...commands.flatMap(({ name, words }) => words.map(word => line(`__fish_seen_subcommand_from ${name}`, word))),
  ].join('\n')}\n`;
}
