/**
 * One launch, from our flags to the program. The order is: settings, program, plan, then exec, or a child under the local
 * view. An unknown flag ends with status 2 before anything starts; whatever else goes wrong with us, wrong settings
 * included, the program runs as if we were not there.
 */
import { accessSync, constants, readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { redactCredentials } from '../calls/redact.js';
import { redactRecord } from '../calls/redact-value.js';
import { loadLaunchSettings } from '../cli/load-settings.js';
import { keepStreamsUntouched, say, write } from '../cli/say.js';
import { type GivenFlag, isOn, type LaunchFlagId } from '../config/flags.js';
import { hasDestination, type Loaded } from '../config/load.js';
import type { Settings } from '../config/settings.js';
import { parseText } from '../config/values.js';
import { VARIABLES } from '../config/variables.js';
import { EXIT_STATUS, Problem } from '../errors.js';
import type { Hooks } from '../injectors/injector.js';
import { execProgram, lookAtProcess, type ProcessStart, wordsAsBytes } from '../machine/exec/exec.js';
import { restartUndisturbed, takeBack } from '../machine/exec/restart.js';
import { which } from '../machine/exec/which.js';
import { PACKAGE_FOLDER } from '../machine/package-folder.js';
import { attaches, injects } from '../plan/answer.js';
import { describeLaunch, formatLaunch, type LaunchDescription } from '../plan/describe.js';
import { detect } from '../plan/detect.js';
import { barePlan, isSeenInPart, type LaunchPlan, mayProbe } from '../plan/launch.js';
import { planFor } from '../plan/plan-for.js';
import type { ObservedChild } from './launched/child.js';
import { budgetOf, hasView, openLocalView } from './local-run.js';
import type { LocalView } from './local-view/local-view.js';
import { notRunnable, refusedByKernel, shellNote } from './not-runnable.js';

export { reportProblem } from '../cli/report-problem.js';

export const HOOKS: Hooks = {
  python: path.join(PACKAGE_FOLDER, 'dist', 'bootstrap', 'python'),
  node: path.join(PACKAGE_FOLDER, 'dist', 'bootstrap', 'node', 'hook.cjs'),
};

export interface Launch {
  readonly flags: readonly GivenFlag[];
  readonly words: readonly string[];
}

/** Becomes the program, or returns the launcher's exit status. @throws Problem for wrong use of ours */
export async function launch({ flags, words }: Launch): Promise<number> {
  const start = lookAtProcess();
  takeBack(VARIABLES.setAside);
  keepStreamsUntouched();
  const dryRun = isOn(flags, 'dryRun');
  if (isOn(flags, 'json') && !dryRun) throw needsDryRun();
  if (!dryRun && isSwitchedOff(process.env)) return await runBare(words, start);
  const loaded = await loadLaunchSettings(flags);
  const found = which(words[0]!, process.env['PATH']);
  if (!found.ok) throw notRunnable(words, found);
  const plan = loaded.settings.disabled
    ? barePlan(words, found.path, 'switched off')
    : await makePlan(words, found.path, loaded);
  const child = needsParent(plan, loaded.settings, flags);
  if (dryRun) return printPlan(plan, child, loaded, isOn(flags, 'json'));
  if (child) restartUndisturbed(VARIABLES.setAside, start);
  if (process.env[VARIABLES.debug] === '1') write(2, `${formatLaunch(describePlan(plan, child, loaded))}\n`);
  const notes = [...loaded.notes, plan.note, shellNote(words, found.path), child ? undefined : withoutEffect(flags)];
  if (budgetOf(flags) !== undefined && !child) say(notChecked(plan));
  if (!loaded.settings.quiet) for (const note of notes) if (note !== undefined) say(note);
  const beside = child ? undefined : observeFromOutside(plan, loaded);
  await prepare(plan, loaded.settings);
  if (child) return await runAsChild(plan, loaded, flags, start);
  return await become(found.path, words, { ...(await tapEnvironment(plan, loaded)), ...(await beside) }, start);
}

/** Starts the observer beside the program, and waits for its probes. Nothing where no probes are wanted. */
async function observeFromOutside(plan: LaunchPlan, loaded: Loaded): Promise<Readonly<Record<string, string>>> {
  if (!attaches(plan) || !hasDestination(loaded.settings)) return {};
  const { env, notes } = await (await import('./launched/beside.js')).observeBeside(plan, loaded);
  if (!loaded.settings.quiet) for (const note of notes) say(note);
  return env;
}

/** The plan's, and what leads the taps to the observer where any is hooked and no view is there already. */
async function tapEnvironment(plan: LaunchPlan, loaded: Loaded): Promise<Readonly<Record<string, string>>> {
  if (plan.runtimes.length === 0 || !hasDestination(loaded.settings)) return plan.env;
  try {
    const { tapOfEndpoint } = await import('./tap-variable.js');
    const { tap, word } = tapOfEndpoint(loaded, process.env);
    if (word !== undefined && !loaded.settings.quiet) say(`an earlier launch: ${word}`);
    return { ...plan.env, [VARIABLES.tap]: tap };
  } catch (error) {
    say(`${plan.program.argv[0]} runs un-instrumented: ${(error as Error).message}`);
    return plan.env;
  }
}

const VIEW_FLAGS: ReadonlySet<string> = new Set<LaunchFlagId>(['live', 'verbose', 'summaryJson', 'failOver', 'ui']);

/** Flags of the local view where there is none. */
function withoutEffect(flags: readonly GivenFlag[]): string | undefined {
  // `--fail-over` has a word of its own.
  const idle = flags.filter(({ row }) => VIEW_FLAGS.has(row.id) && row.id !== 'failOver').map(({ typed }) => typed);
  return idle.length === 0 ? undefined : `${idle.join(' and ')} has no effect in this launch`;
}

/** The kill switch is looked at before any file is read. */
function isSwitchedOff(env: NodeJS.ProcessEnv): boolean {
  const parsed = parseText({ kind: 'switch' }, env[VARIABLES.disabled] ?? '');
  return parsed.ok && parsed.value === true;
}

async function makePlan(words: readonly string[], file: string, { settings, sources }: Loaded): Promise<LaunchPlan> {
  try {
    const program = detect(words, file, process.env);
    const target = { kind: 'launch', program, settings, sources, env: process.env, hooks: HOOKS, readable } as const;
    const plan = planFor(target);
    // What the machine allows is read where the answer hangs on it.
    if (settings.noAttach || (injects(plan) && !program.wrapper && !isSeenInPart(program))) return plan;
    const { attachRights } = await import('../discovery/rights.js');
    const { blindFor, isAttached } = await import('./launched/program.js');
    const rights = attachRights();
    // A hook that sees a part is better than probes that see nothing.
    const impossible = isSeenInPart(program) && mayProbe(rights) ? blindFor(program) : undefined;
    const answer = impossible === undefined ? rights : { ...rights, impossible };
    return planFor({ ...target, rights: answer, attached: isAttached(process.env) });
  } catch (error) {
    // A fault of ours must not keep the program from running.
    const reason = `runs un-instrumented: ${(error as Error).message}`;
    return { ...barePlan(words, file, reason), note: reason };
  }
}

export function packageVersion(): string {
  const text = readFileSync(path.join(PACKAGE_FOLDER, 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

export function readable(file: string): boolean {
  try {
    accessSync(file, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * A parent stays where somebody watches: without an endpoint, with `--live`, `--verbose`, `--summary-json` or `--fail-over`, and on a
 * terminal, for the line that says what was sent. Everywhere else the launcher becomes the program.
 */
function needsParent(plan: LaunchPlan, settings: Settings, flags: readonly GivenFlag[]): boolean {
  if (plan.way === 'none' || hasView(process.env)) return false;
  if (!hasDestination(settings)) return true;
  if (flags.some(({ row, value }) => VIEW_FLAGS.has(row.id) && value !== false)) return true;
  return !settings.quiet && settings.tracesExporter !== 'console' && process.getBuiltinModule('node:tty').isatty(2);
}

/** A check that is silently not made would pass for ever. */
function notChecked({ way }: LaunchPlan): string {
  const why =
    way === 'none' ? 'this program is not observed' : 'this launch is inside another one, which sees its calls';
  return `--fail-over is not checked: ${why}`;
}

function printPlan(plan: LaunchPlan, child: boolean, loaded: Loaded, json: boolean): number {
  const description = describePlan(plan, child, loaded);
  write(1, `${json ? JSON.stringify(description, null, 2) : formatLaunch(description)}\n`);
  for (const note of loaded.notes) say(note);
  return EXIT_STATUS.done;
}

/** Without credentials: people pass keys among a program's words, and keep some in variables that are no secrets of ours. */
function describePlan(plan: LaunchPlan, child: boolean, { file, settings }: Loaded): LaunchDescription {
  const start = child ? 'child' : 'exec';
  return redactRecord(describeLaunch(plan, process.env, { start, configuration: file, settings }), redactCredentials);
}

async function runAsChild(
  plan: LaunchPlan,
  loaded: Loaded,
  flags: readonly GivenFlag[],
  start: ProcessStart,
): Promise<number> {
  const { argv: words, path: file } = plan.program;
  const view = await openLocalView(words, flags, loaded, packageVersion()).catch((error: Error) => error);
  if (view instanceof Error && hasDestination(loaded.settings)) {
    const note = loaded.settings.quiet ? undefined : withoutEffect(flags);
    if (note !== undefined) say(note);
    const env = { ...(await tapEnvironment(plan, loaded)), ...(await observeFromOutside(plan, loaded)) };
    return await become(file, words, env, start);
  }
  if (view instanceof Error) {
    say(
      `${words[0]} runs un-instrumented: there is no local view, because ${view.message}; to observe it: --endpoint URL`,
    );
    if (budgetOf(flags) !== undefined) say('--fail-over is not checked: the calls are not seen');
    return await become(file, words, {}, start);
  }
  // Asked for by name: the address is printed under --quiet too.
  const page = isOn(flags, 'ui') ? await (await import('./ui.js')).openPageBeside(say) : undefined;
  const outside = await observeChildOf(plan, loaded, view);
  const finish = async () => {
    await outside?.finish();
    await view.finish();
  };
  let status: number;
  try {
    const env = { ...process.env, ...plan.env, ...outside?.env, [VARIABLES.tap]: view.tap };
    status = await runToEnd(file, words, env, start, { finish, around: outside?.around });
    await finish();
    await page?.finish();
  } finally {
    await finish();
    await page?.close();
  }
  // The program's own failure says more than what it cost.
  return status === EXIT_STATUS.done && view.overBudget ? EXIT_STATUS.overBudget : status;
}

async function observeChildOf(plan: LaunchPlan, loaded: Loaded, view: LocalView): Promise<ObservedChild | undefined> {
  if (!attaches(plan)) return undefined;
  return (await import('./launched/child.js')).observeChild(plan, { loaded, view, version: packageVersion() });
}

/** Python's SDK is copied at the first launch with an interpreter. */
async function prepare({ runtimes, program }: LaunchPlan, { quiet }: Settings): Promise<void> {
  if (!runtimes.includes('python') || program.python === undefined) return;
  const { preparePython } = await import('./prepare-python.js');
  const note = await preparePython({ python: program.python, bootstrap: HOOKS.python, quiet });
  if (note !== undefined && !quiet) say(note);
}

async function runBare(words: readonly string[], start: ProcessStart): Promise<number> {
  const found = which(words[0]!, process.env['PATH']);
  if (!found.ok) throw notRunnable(words, found);
  return await become(found.path, words, {}, start);
}

/** The launcher becomes the program; where that is impossible it stays as a silent parent. */
async function become(
  file: string,
  words: readonly string[],
  env: Readonly<Record<string, string>>,
  start: ProcessStart,
): Promise<number> {
  const failure = execProgram(file, wordsAsBytes(words), env, start);
  if (failure.kind === 'refused') throw refusedByKernel(words[0]!, file, failure.errno);
  return await runToEnd(file, words, { ...process.env, ...env }, start);
}

async function runToEnd(
  file: string,
  words: readonly string[],
  env: NodeJS.ProcessEnv,
  start: ProcessStart,
  { finish, around }: { finish?: () => Promise<void>; around?: ObservedChild['around'] | undefined } = {},
): Promise<number> {
  const { dieLike, spawnProgram } = await import('../machine/exec/spawn.js');
  const ending = await spawnProgram(file, words, env, start.inherited, around);
  if (ending.failure) throw refusedByKernel(words[0]!, file, os.constants.errno[ending.failure.code as 'ENOENT'] ?? 0);
  if (ending.signal === undefined) return ending.status ?? EXIT_STATUS.failed;
  const number = os.constants.signals[ending.signal];
  await finish?.();
  dieLike(ending.signal, number);
  return EXIT_STATUS.signalBase + number;
}

function needsDryRun(): Problem {
  return new Problem({
    code: 'JSON_WITHOUT_DRY_RUN',
    message: '--json belongs to --dry-run',
    reason: 'a launched program has its own output',
    fixes: ['openlit-instrument --dry-run --json PROGRAM'],
    exit: EXIT_STATUS.usage,
  });
}
