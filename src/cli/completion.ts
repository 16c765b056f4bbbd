/** Completion scripts of static words. Pure: the words come from the tables of commands and flags. */
export type Shell = 'bash' | 'zsh' | 'fish';

export interface CompletedFlag {
  /** With its dashes. */
  readonly name: string;
  /** Absent: it takes no value. Empty: any value, files are offered. */
  readonly values?: readonly string[];
  /** A value stands behind `=` only. */
  readonly optional: boolean;
}

export interface CommandWords {
  readonly name: string;
  /** Words that may follow the command. */
  readonly words: readonly string[];
  readonly flags: readonly CompletedFlag[];
  /** Files may follow. */
  readonly files?: boolean;
}

const BIN = 'openlit-instrument';

/**
 * Our words are offered up to the program's name; behind it stands what its shell completes without us. Words hold
 * `[a-z0-9_/-]` only.
 */
export function completionScript(
  shell: Shell,
  commands: readonly CommandWords[],
  launch: readonly CompletedFlag[],
): string {
  return shell === 'fish' ? fish(commands, launch) : shell === 'zsh' ? zsh(commands, launch) : bash(commands, launch);
}

const namesOf = (flags: readonly CompletedFlag[]) => flags.map(({ name }) => name);

/** `name) words="…" ;;` for each flag with a closed set of values; `name) any=1 ;;` for the others that take one. */
function valueCases(flags: readonly CompletedFlag[]): string {
  const closed = flags.filter(({ values = [] }) => values.length > 0);
  const open = flags.filter(({ values, optional }) => values?.length === 0 && !optional);
  const lines = closed.map(({ name, values = [] }) => `    ${name}) values="${values.join(' ')}" ;;`);
  if (open.length > 0) lines.push(`    ${namesOf(open).join('|')}) any=1 ;;`);
  return lines.join('\n');
}

function bash(commands: readonly CommandWords[], launch: readonly CompletedFlag[]): string {
  const all = [...launch, ...commands.flatMap(({ flags }) => flags)];
  const flags = [...new Map(all.map(flag => [flag.name, flag])).values()];
  const taking = flags.filter(({ values, optional }) => values !== undefined && !optional);
  const cases = commands
    .filter(({ name }) => name !== 'run' && name !== 'doctor')
    .map(({ name, flags, words }) => `    ${name}) words="${[...words, ...namesOf(flags)].join(' ')}" ;;`);
  const doctor = commands.find(({ name }) => name === 'doctor');
  const first = commands.map(({ name }) => name).join(' ');
  return `_openlit_instrument_value() {
  values="" any=""
  case "$1" in
${valueCases(flags)}
  esac
}
_openlit_instrument() {
  local current="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" words="" values="" any="" at=1
  COMPREPLY=()
  # bash makes a word of its own of the = in --flag=value
  [ "$current" = "=" ] && current=""
  [ "$before" = "=" ] && before="\${COMP_WORDS[COMP_CWORD-2]}"
  case "$before" in --*) _openlit_instrument_value "$before" ;; esac
  if [ -n "$values" ]; then COMPREPLY=($(compgen -W "$values" -- "$current")); return; fi
  [ -n "$any" ] && return
  case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
    run) words="${namesOf(launch).join(' ')}" at=2 ;;
    doctor) words="${namesOf(doctor?.flags ?? []).join(' ')}" at=2 ;;
    *) words="${namesOf(launch).join(' ')}" ;;
  esac
  if [ "$COMP_CWORD" -eq 1 ]; then
    case "$current" in
      "") COMPREPLY=(${first}) ;;
      -*) COMPREPLY=($(compgen -W "$words" -- "$current")) ;;
      *) COMPREPLY=($(compgen -W "${first}" -- "$current") $(compgen -c -- "$current")) ;;
    esac
    return
  fi
  case " ${commands
    .map(({ name }) => name)
    .filter(name => name !== 'run' && name !== 'doctor')
    .join(' ')} " in
    *" \${COMP_WORDS[1]} "*) COMPREPLY=($(compgen -W "$words" -- "$current")); return ;;
  esac
  # Whether the program's name stands before the cursor.
  while [ "$at" -lt "$COMP_CWORD" ]; do
    case "\${COMP_WORDS[at]}" in
      --) at=$((at + 1)); break ;;
      ${namesOf(taking).join('|') || '--'}) [ "\${COMP_WORDS[at+1]}" = "=" ] && at=$((at + 1)); at=$((at + 2)) ;;
      --*) [ "\${COMP_WORDS[at+1]}" = "=" ] && at=$((at + 2)); at=$((at + 1)) ;;
      *) break ;;
    esac
  done
  if [ "$at" -lt "$COMP_CWORD" ]; then
    # bash-completion knows the program's own words; without it, files are offered.
    if declare -F _command_offset >/dev/null; then _command_offset "$at"; fi
    return
  fi
  case "$current" in
    -*) COMPREPLY=($(compgen -W "$words" -- "$current")) ;;
    ?*) COMPREPLY=($(compgen -c -- "$current")) ;;
  esac
}
complete -o default -o bashdefault -F _openlit_instrument ${BIN}
`;
}

/** zsh runs the script of bash: one logic to keep right. */
function zsh(commands: readonly CommandWords[], launch: readonly CompletedFlag[]): string {
  return `autoload -U +X compinit bashcompinit\n(( $+functions[compdef] )) || compinit\nbashcompinit\n${bash(commands, launch)}`;
}

function fish(commands: readonly CommandWords[], launch: readonly CompletedFlag[]): string {
  const flagLine = (condition: string, { name, values }: CompletedFlag) => {
    const value = values === undefined ? '' : values.length === 0 ? ' -r' : ` -x -a '${values.join(' ')}'`;
    return `complete -c ${BIN} -n '${condition}' -l ${name.slice(2)}${value}`;
  };
  const wordLine = (condition: string, word: string) => `complete -c ${BIN} -n '${condition}' -a ${word}`;
  // Programs only where somebody has begun to write one: an empty word would have thousands.
  const begun = '__openlit_instrument_free; and test -n (commandline -ct)';
  const taking = launch.filter(({ values, optional }) => values !== undefined && !optional);
  const closed = commands.filter(({ files, name }) => !files && name !== 'run').map(({ name }) => name);
  return `# Whether a command or the program can still follow: only flags and their values stand before.
function __openlit_instrument_free
  set -l words (commandline -opc)
  set -e words[1]
  set -l value
  for word in $words
    if set -q value[1]
      set -e value
      continue
    end
    switch $word
      case ${namesOf(taking).join(' ') || '--'}
        set value 1
      case '-*'
      case '*'
        return 1
    end
  end
end
${[
  `complete -c ${BIN} -n __openlit_instrument_free -f`,
  `complete -c ${BIN} -n '${begun}' -a '(__fish_complete_command)'`,
  `complete -c ${BIN} -n '__fish_seen_subcommand_from ${closed.join(' ')}' -f`,
  ...commands.map(({ name }) => wordLine('__openlit_instrument_free', name)),
  ...launch.map(flag => flagLine('__openlit_instrument_free', flag)),
  ...commands.flatMap(({ name, words, flags }) => [
    ...words.map(word => wordLine(`__fish_seen_subcommand_from ${name}`, word)),
    ...flags.map(flag => flagLine(`__fish_seen_subcommand_from ${name}`, flag)),
  ]),
].join('\n')}\n`;
}
