/**
 * What the user typed -> our words and the program's words. Pure, but for one look at a name. Everything up to the first word that is no flag (or up
 * to `--`) is ours; from there on all belongs to the program, byte for byte. oclif's parser never sees the program's
 * words, because it reorders and rejects them.
 */
import { existsSync } from 'node:fs';
import { type FlagRow, findFlag, flagNames, type GivenFlag } from '../config/flags.js';
import { maskAddresses } from '../config/mask.js';
import { nearestName } from '../config/nearest.js';
import { allowedFor, parsePairs, parseText, type Value } from '../config/values.js';
import { EXIT_STATUS, Problem } from '../errors.js';

/** Commands that stand below a word of ours. */
const BELOW: Readonly<Record<string, readonly string[]>> = { agent: ['recover', 'status'], setup: ['python'] };
/** Words that are a command by themselves, too. */
const ALONE: ReadonlySet<string> = new Set(['agent']);

/** Our own commands; `test/argv.test.ts` holds this equal to the files of `src/commands/`. */
export const OWN_COMMANDS: ReadonlySet<string> = new Set([
  'agent',
  'attach',
  'completion',
  'config',
  'decode',
  'doctor',
  'init',
  'inject',
  'ps',
  'run',
  'runs',
  'setup',
  'show',
  'operator',
  'ui',
]);

const HELP = new Set(['--help', '-h']);
const VERSION = new Set(['--version', '-v', '-V']);

export type Words =
  /** `programAt`: index of the program in the typed words, so that its bytes can be taken from the kernel's own copy. */
  | {
      readonly kind: 'launch';
      readonly flags: readonly GivenFlag[];
      readonly program: readonly string[];
      readonly programAt: number;
    }
  /** For oclif: one of our commands, or help. */
  | { readonly kind: 'own'; readonly words: readonly string[] }
  | { readonly kind: 'version' };

/** @throws Problem with status 2 for wrong use of our own flags. */
export function splitWords(typed: readonly string[]): Words {
  const [first] = typed;
  if (first === undefined || HELP.has(first)) return { kind: 'own', words: ['--help'] };
  if (VERSION.has(first)) return { kind: 'version' };
  if (first === 'help') return { kind: 'own', words: helpWords(typed.slice(1)) };
  if (first !== 'run' && OWN_COMMANDS.has(first)) return { kind: 'own', words: checkBelow(typed) };
  return splitLaunch(typed, first === 'run' ? 1 : 0);
}

/** `help`, `help attach`, `help setup python`. @throws Problem for what is no command */
function helpWords([name, ...below]: readonly string[]): string[] {
  if (name === undefined || name === 'help') return ['--help'];
  if (OWN_COMMANDS.has(name))
    return [name, ...(BELOW[name]?.includes(below[0] ?? '') ? below.slice(0, 1) : []), '--help'];
  throw unknownCommand(name, [...OWN_COMMANDS], 'openlit-instrument --help');
}

/** oclif would name what it does not find by an id that nobody typed. */
function checkBelow(typed: readonly string[]): readonly string[] {
  const [name = '', below] = typed;
  const known = BELOW[name];
  if (known === undefined || known.includes(below ?? '')) return typed;
  if (below === undefined || below.startsWith('-')) return ALONE.has(name) ? typed : [name, known[0]!, '--help'];
  throw unknownCommand(
    `${name} ${below}`,
    known.map(each => `${name} ${each}`),
    `openlit-instrument ${name} --help`,
  );
}

function unknownCommand(typed: string, known: readonly string[], ...fixes: string[]): Problem {
  const nearest = nearestName(typed, known);
  const only = known.length === 1 ? `there is only ${known[0]}` : undefined;
  const reason = nearest === undefined ? only : `did you mean ${nearest}?`;
  return usage('UNKNOWN_COMMAND', `there is no command ${typed}`, reason, ...fixes);
}

function splitLaunch(typed: readonly string[], start: number): Words {
  const flags: GivenFlag[] = [];
  let at = start;
  while (at < typed.length) {
    const word = typed[at]!;
    if (word === '--') {
      at += 1;
      break;
    }
    if (word === '-' || !word.startsWith('-')) break;
    if (HELP.has(word)) return { kind: 'own', words: ['run', '--help'] };
    if (VERSION.has(word)) return { kind: 'version' };
    const { flag, used } = readFlag(word, typed[at + 1]);
    flags.push(flag);
    at += used;
  }
  if (at >= typed.length) throw noProgram();
  return { kind: 'launch', flags, program: typed.slice(at), programAt: at };
}

/** One flag of ours, with its value in the same word (`--name=value`) or in the next. */
function readFlag(word: string, next: string | undefined): { flag: GivenFlag; used: 1 | 2 } {
  const equals = word.indexOf('=');
  const typed = equals < 0 ? word : word.slice(0, equals);
  const attached = equals < 0 ? undefined : word.slice(equals + 1);
  const name = typed.startsWith('--') ? typed.slice(2) : '';
  const row = findFlag(name);
  if (!row) return readNegated(typed, name, attached);
  if (attached !== undefined) return { flag: { row, typed, value: typedValue(row, typed, attached) }, used: 1 };
  if (row.kind === 'switch') return { flag: { row, typed, value: true }, used: 1 };
  if (row.bare !== undefined && !isBareValue(name, next)) {
    if (next !== undefined && parseText(row, next).ok && !existsSync(next)) throw valueApart(typed, next);
    return { flag: { row, typed, value: row.bare }, used: 1 };
  }
  if (next === undefined || next === '--') {
    throw usage(
      'MISSING_VALUE',
      `${typed} needs a value`,
      `allowed: ${allowedFor(row)}`,
      `${typed} ${row.sample ?? 'VALUE'}`,
    );
  }
  if (next.startsWith('--') && findFlag(next.slice(2).split('=')[0]!) !== undefined) {
    throw usage(
      'MISSING_VALUE',
      `${typed} needs a value`,
      `${next} is a flag`,
      `${typed}=${next}   # where that is the value`,
    );
  }
  return { flag: { row, typed, value: typedValue(row, typed, next) }, used: 2 };
}

/** `true` and `yes` are programs too: a person has to say which is meant. */
function valueApart(typed: string, next: string): Problem {
  return usage(
    'VALUE_APART',
    `${next} may be the value of ${typed} or the program`,
    undefined,
    `openlit-instrument ${typed}=${next} PROGRAM`,
    `openlit-instrument ${typed} -- ${next}   # to run the program ${next}`,
  );
}

/**
 * Whether the word after a flag that may stand alone (`--capture-content`) is its value: one of the choices. What lies here
 * under that name may be the program.
 */
function isBareValue(name: string, word: string | undefined): boolean {
  const row = findFlag(name);
  if (row === undefined || word === undefined) return false;
  const lower = word.toLowerCase();
  return (row.choices?.includes(lower) || row.synonyms?.[lower] !== undefined) && !existsSync(word);
}

/** `--no-X` for a flag that can be true or false. */
function readNegated(typed: string, name: string, attached: string | undefined): { flag: GivenFlag; used: 1 } {
  const row = /^no[-_]/.test(name) && attached === undefined ? findFlag(name.slice(3)) : undefined;
  if (row?.kind === 'switch') return { flag: { row, typed, value: false }, used: 1 };
  if (row?.bare !== undefined) return { flag: { row, typed, value: row.choices?.[0] ?? '' }, used: 1 };
  throw unknownFlag(typed);
}

function typedValue(row: FlagRow, typed: string, text: string): Value {
  if (row.id === 'headers') {
    // Never repeat a header in an error: it is a credential.
    const pairs = parsePairs(text.trim());
    if (pairs) return pairs;
    throw usage('BAD_VALUE', `${typed} has a value that cannot be read`, `allowed: ${allowedFor(row)}`);
  }
  const parsed = parseText(row, text);
  if (parsed.ok) return parsed.value;
  const shown = row.secret ? 'a value' : `the value ${JSON.stringify(maskAddresses(text))}`;
  const near = row.choices === undefined ? undefined : nearestName(text, row.choices);
  const reason = `${near === undefined ? '' : `did you mean ${near}? `}allowed: ${parsed.allowed}`;
  throw usage('BAD_VALUE', `${typed} does not accept ${shown}`, reason);
}

/** Flags of `attach` that people type before a program, and what they want then. */
const OF_ATTACH: Readonly<Record<string, readonly [reason: string, ...fixes: string[]]>> = {
  '--pid': ['it is a flag of attach', 'openlit-instrument attach --pid PID'],
  '--name': ['it is a flag of attach', 'openlit-instrument attach --name GLOB'],
  '--port': ['it is a flag of attach', 'openlit-instrument attach --port PORT'],
  '--all': ['it is a flag of attach', 'openlit-instrument attach --all'],
  '--format': [
    "it is a flag of attach: in a launch, stdout is the program's",
    'openlit-instrument --summary-json FILE PROGRAM   # the sums, for programs',
    'openlit-instrument show last --json   # afterwards: each call',
  ],
};

function unknownFlag(typed: string): Problem {
  const ofAttach = Object.hasOwn(OF_ATTACH, typed) ? OF_ATTACH[typed] : undefined;
  if (ofAttach !== undefined) return usage('UNKNOWN_FLAG', `unknown flag ${typed}`, ...ofAttach);
  const nearest = typed.startsWith('--') ? nearestName(typed.slice(2).replaceAll('_', '-'), flagNames()) : undefined;
  return new Problem({
    code: 'UNKNOWN_FLAG',
    message: `unknown flag ${typed}`,
    reason: nearest ? `did you mean --${nearest}?` : 'flags before the program belong to openlit-instrument',
    fixes: [
      `put it after the program if it belongs to it: openlit-instrument PROGRAM ${typed}`,
      'openlit-instrument --help',
    ],
    exit: EXIT_STATUS.usage,
  });
}

function noProgram(): Problem {
  return usage(
    'NO_PROGRAM',
    'no program to run',
    undefined,
    'openlit-instrument python app.py',
    'openlit-instrument --help',
  );
}

function usage(code: string, message: string, reason: string | undefined, ...fixes: string[]): Problem {
  return new Problem({ code, message, ...(reason === undefined ? {} : { reason }), fixes, exit: EXIT_STATUS.usage });
}
