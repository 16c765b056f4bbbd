/**
 * The words of our own commands, read by the rules that a launch has: a value stands in the same word or in the next one,
 * names take hyphens or underscores, and every error says what was meant. What comes out is what oclif's parser accepts.
 */
import { findFlag, flagNames } from '../config/flags.js';
import { nearestName } from '../config/nearest.js';
import { parseText } from '../config/values.js';
import { EXIT_STATUS, Problem } from '../errors.js';

/** What is read of a flag that was declared for oclif. */
interface DeclaredFlag {
  readonly type: 'boolean' | 'option';
  readonly aliases?: readonly string[] | undefined;
  readonly char?: string | undefined;
  readonly options?: readonly string[] | undefined;
  readonly allowNo?: boolean | undefined;
  readonly helpValue?: string | readonly string[] | undefined;
  /** Of whole numbers. */
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

export interface OwnWords {
  /** `--name`, `--no-name` or `--name=value`, all known and well-formed. */
  readonly flags: readonly string[];
  /** What is no flag, in its order. */
  readonly words: readonly string[];
}

/**
 * @param stopAtWord everything from the first word that is no flag on is a program's, byte for byte
 * @throws Problem (status 2)
 */
export function readOwnWords(
  command: string,
  typed: readonly string[],
  declared: object,
  stopAtWord = false,
): OwnWords {
  const flags: string[] = [];
  const words: string[] = [];
  const known = namesOf(declared as Readonly<Record<string, DeclaredFlag>>);
  for (let at = 0; at < typed.length; at++) {
    const word = typed[at]!;
    if (word === '--') return { flags, words: [...words, ...typed.slice(at + 1)] };
    if (word === '-' || !word.startsWith('-')) {
      if (stopAtWord) return { flags, words: typed.slice(at) };
      words.push(word);
      continue;
    }
    const equals = word.indexOf('=');
    const name = equals < 0 ? word : word.slice(0, equals);
    const attached = equals < 0 ? undefined : word.slice(equals + 1);
    const found = known.get(name.replaceAll('_', '-'));
    if (!found) throw unknownFlag(command, name, [...known.keys()]);
    const { flag, canonical } = found;
    if (flag.type === 'boolean') {
      flags.push(attached === undefined ? canonical : switchWord(command, name, canonical, attached));
      continue;
    }
    const next = typed[at + 1];
    const row = findFlag(canonical.slice(2));
    const bare = row?.bare;
    if (attached !== undefined) flags.push(valueWord(command, name, canonical, flag, attached));
    else if (row && bare !== undefined && !(next !== undefined && parseText(row, next).ok))
      flags.push(`${canonical}=${bare}`);
    else {
      flags.push(valueWord(command, name, canonical, flag, needed(command, name, flag, next, known)));
      at++;
    }
  }
  return { flags, words };
}

/** For commands that take no words. @throws Problem (status 2) */
export function refuseWords(command: string, words: readonly string[]): void {
  const [word] = words;
  if (word === undefined) return;
  throw usage('UNKNOWN_WORD', `${command} takes no ${JSON.stringify(word)}`, undefined, helpOf(command));
}

function namesOf(declared: Readonly<Record<string, DeclaredFlag>>) {
  const known = new Map<string, { flag: DeclaredFlag; canonical: string }>();
  for (const [name, flag] of Object.entries(declared)) {
    const found = { flag, canonical: `--${name}` };
    for (const each of [name, ...(flag.aliases ?? [])]) known.set(`--${each.replaceAll('_', '-')}`, found);
    if (flag.char) known.set(`-${flag.char}`, found);
    if (flag.allowNo) known.set(`--no-${name}`, { flag, canonical: `--no-${name}` });
  }
  return known;
}

const TRUE = /^(true|1|yes|on)$/i;
const FALSE = /^(false|0|no|off)$/i;

/** `--json=true`: oclif's switches take no value. What is off by default is left out. */
function switchWord(command: string, typed: string, canonical: string, value: string): string {
  if (TRUE.test(value)) return canonical;
  if (FALSE.test(value))
    return canonical.startsWith('--no-') ? `--${canonical.slice(5)}` : `--no-${canonical.slice(2)}`;
  throw usage(
    'BAD_VALUE',
    `${typed} does not accept ${JSON.stringify(value)}`,
    'allowed: true or false',
    helpOf(command),
  );
}

function needed(
  command: string,
  typed: string,
  flag: DeclaredFlag,
  next: string | undefined,
  known: ReadonlyMap<string, unknown>,
): string {
  const isFlag = next?.startsWith('-') && (next === '--' || known.has(next.split('=')[0]!.replaceAll('_', '-')));
  if (next !== undefined && !isFlag) return next;
  const sample = flag.options?.[0] ?? (typeof flag.helpValue === 'string' ? flag.helpValue : 'VALUE');
  const reason =
    next === undefined || next === '--' ? allowed(flag) : `${next} is a flag; ${typed}=${next} if it is the value`;
  throw usage('MISSING_VALUE', `${typed} needs a value`, reason, `openlit-instrument ${command} ${typed} ${sample}`);
}

function valueWord(command: string, typed: string, canonical: string, flag: DeclaredFlag, value: string): string {
  const number = flag.min !== undefined || flag.max !== undefined;
  const { min = 0, max = Number.MAX_SAFE_INTEGER, options } = flag;
  const good = number
    ? /^\d{1,15}$/.test(value) && Number(value) >= min && Number(value) <= max
    : value.trim() !== '' && (options === undefined || options.includes(value));
  if (good) return `${canonical}=${value}`;
  const near = options === undefined ? undefined : nearestName(value, options);
  const reason = near === undefined ? allowed(flag) : `did you mean ${near}? ${allowed(flag)}`;
  throw usage('BAD_VALUE', `${typed} does not accept ${JSON.stringify(value)}`, reason, helpOf(command));
}

function allowed({ min, max, options }: DeclaredFlag): string {
  if (options !== undefined) return `allowed: ${options.join(', ')}`;
  if (min === undefined && max === undefined) return 'allowed: some text';
  return max === undefined
    ? `allowed: a whole number of at least ${min}`
    : `allowed: a whole number from ${min} to ${max}`;
}

function unknownFlag(command: string, typed: string, known: readonly string[]): Problem {
  const name = typed.replaceAll('_', '-');
  const nearest = nearestName(
    name.slice(2),
    known.filter(each => each.startsWith('--')).map(each => each.slice(2)),
  );
  const ofLaunch = name.startsWith('--') && flagNames().includes(name.slice(2));
  const reason = ofLaunch
    ? `it is a flag of a launch: openlit-instrument ${typed} PROGRAM`
    : nearest !== undefined && name.startsWith('--')
      ? `did you mean --${nearest}?`
      : undefined;
  return usage('UNKNOWN_FLAG', `${command} has no flag ${typed}`, reason, helpOf(command));
}

const helpOf = (command: string) => `openlit-instrument ${command} --help`;

function usage(code: string, message: string, reason: string | undefined, ...fixes: string[]): Problem {
  return new Problem({ code, message, ...(reason === undefined ? {} : { reason }), fixes, exit: EXIT_STATUS.usage });
}
