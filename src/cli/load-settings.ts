/** The settings of one call: flags, environment and the file that belongs to the working directory. */
import { readFileSync } from 'node:fs';
import { findFile, workingDirectory } from '../config/find-file.js';
import { findFlag, type GivenFlag, type LaunchFlagId } from '../config/flags.js';
import { type FileLayer, type Loaded, mergeSettings } from '../config/load.js';
import type { Settings } from '../config/settings.js';
import { parseHeaderLines } from '../config/values.js';
import { EXIT_STATUS, fileReason, Problem } from '../errors.js';

/** For our own commands. @throws Problem (status 2) for what cannot be used; every error of a file at once */
export async function loadSettings(flags: readonly GivenFlag[], env = process.env): Promise<Loaded> {
  const { loaded, problems } = await checkSettings(flags, env);
  const [first] = problems;
  if (first === undefined) return loaded;
  if (problems.length === 1) throw first;
  throw new Problem({
    code: 'SETTINGS',
    message: 'some settings cannot be used',
    details: problems.flatMap(linesOf),
    exit: EXIT_STATUS.usage,
  });
}

/**
 * For a launch, which wrong settings never stop: what is wrong is left out, with a note. Where that could show more than the
 * user wanted, nothing is shown: without a readable file, or with errors in `instrumentation` or `filters`, the program
 * runs un-instrumented; with any other error in the file, or in a redaction pattern, messages are not recorded.
 */
export async function loadLaunchSettings(flags: readonly GivenFlag[], env = process.env): Promise<Loaded> {
  const { loaded, problems, disables, silences } = await checkSettings(flags, env);
  if (problems.length === 0) return loaded;
  const { settings } = loaded;
  const recorded = settings.captureContent !== 'off';
  const changed: Settings = {
    ...settings,
    disabled: settings.disabled || disables,
    captureContent: silences ? 'off' : settings.captureContent,
  };
  const effect = disables
    ? 'the program runs un-instrumented until this is fixed'
    : silences && recorded
      ? 'what is wrong is left out, and messages are not recorded until it is fixed'
      : 'what is wrong is left out';
  const notes = [...problems.flatMap(linesOf), effect, ...loaded.notes];
  return { ...loaded, settings: changed, notes };
}

/** A problem as notes. */
const linesOf = ({ message, reason, details }: Problem): string[] =>
  details.length > 0 ? [...details] : [reason === undefined ? message : `${message}: ${reason}`];

interface Checked {
  readonly loaded: Loaded;
  readonly problems: readonly Problem[];
  /** What is wrong may be what switches us off, or keeps calls out. */
  readonly disables: boolean;
  /** What is wrong may be what keeps messages, or parts of them, out. */
  readonly silences: boolean;
}

export async function checkSettings(flags: readonly GivenFlag[], env = process.env): Promise<Checked> {
  const folder = workingDirectory();
  const chosen = textOf(flags, 'config');
  const wanted = chosen ?? (folder === undefined ? undefined : findFile(folder));
  const problems: Problem[] = [];
  let file: FileLayer | undefined;
  let disables = false;
  let silences = false;
  if (wanted !== undefined) {
    // cosmiconfig, yaml and zod are loaded only when there is something to read.
    const { checkFile } = await import('../config/file.js');
    const checked = checkFile(folder ?? '/', chosen, env);
    file = checked;
    if (checked !== undefined && checked.errors.length > 0) {
      const { fileProblem } = await import('../config/file-errors.js');
      problems.push(fileProblem(checked.file, checked.errors));
      disables = checked.errors.some(({ whole, key }) => whole || /^(instrumentation|filters)\b/.test(key ?? ''));
      silences = true;
    }
  }
  const loaded = mergeSettings(withHeadersFile(flags, problems), env, file);
  const { redactPatterns, pricingFile } = loaded.settings;
  // Of a variable, whoever reads it says what is wrong (telemetry/settings.ts): it may be meant for others.
  const ours = (id: 'redactPatterns' | 'pricingFile') => loaded.sources.get(id)?.from !== 'environment';
  const wrongPatterns = ours('redactPatterns') ? redactPatterns.flatMap(pattern => patternProblem(pattern) ?? []) : [];
  const wrongPrices = pricingFile !== undefined && ours('pricingFile') ? pricingProblem(pricingFile) : undefined;
  problems.push(...wrongPatterns, ...(wrongPrices === undefined ? [] : [wrongPrices]));
  const { pricingFile: _prices, ...others } = loaded.settings;
  const settings: Settings = {
    ...(wrongPrices === undefined ? loaded.settings : others),
    redactPatterns: wrongPatterns.length === 0 ? redactPatterns : redactPatterns.filter(isPattern),
  };
  return { loaded: { ...loaded, settings }, problems, disables, silences: silences || wrongPatterns.length > 0 };
}

const isPattern = (pattern: string) => patternProblem(pattern) === undefined;

function patternProblem(pattern: string): Problem | undefined {
  try {
    new RegExp(pattern, 'gu'); // as it is used (calls/redact.ts)
    return undefined;
  } catch (error) {
    // "Invalid regular expression: /(/: Unterminated group"
    const reason = (error as Error).message.split(': ').at(-1) ?? 'unknown error';
    return wrong('REDACT_PATTERN', `--redact-pattern ${JSON.stringify(pattern)} is not a regular expression`, reason);
  }
}

/** An address is read by the SDK alone. */
function pricingProblem(file: string): Problem | undefined {
  if (/^https?:/i.test(file)) return undefined;
  try {
    readFileSync(file);
    return undefined;
  } catch (error) {
    return wrong('PRICING_FILE', `the pricing file ${file} cannot be read`, fileReason(error));
  }
}

/** `--headers-file` is `--headers` with the value kept out of the command line. */
function withHeadersFile(flags: readonly GivenFlag[], problems: Problem[]): readonly GivenFlag[] {
  const file = textOf(flags, 'headersFile');
  if (file === undefined) return flags;
  let pairs: Record<string, string> | undefined;
  let reason = 'allowed: one KEY=VALUE a line, # for comments';
  try {
    pairs = parseHeaderLines(readFileSync(file, 'utf8'));
  } catch (error) {
    reason = fileReason(error);
  }
  if (pairs) return [...flags, { row: findFlag('headers')!, value: pairs, typed: '--headers-file' }];
  problems.push(wrong('HEADERS_FILE', `the headers file ${file} cannot be read`, reason));
  return flags;
}

function wrong(code: string, message: string, reason: string): Problem {
  return new Problem({ code, message, reason, exit: EXIT_STATUS.usage });
}

/** The last value of a launch flag that takes text. */
function textOf(flags: readonly GivenFlag[], id: LaunchFlagId): string | undefined {
  return flags.findLast(({ row }) => row.id === id)?.value as string | undefined;
}
