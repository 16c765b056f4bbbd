/**
 * The local view of a launch: the launcher is the observer of the program's taps, shows a line for each call on stderr, a
 * summary at the end, and keeps the calls for later. With an endpoint it sends them too. Loaded only where somebody watches.
 */
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { createCostCalculator } from '../../calls/cost.js';
import { loadPrices } from '../../calls/load-prices.js';
import { createPipeline, type Pipeline } from '../../calls/pipeline.js';
import type { TargetSettings } from '../../calls/recorded-call.js';
import { hasDestination, type Loaded } from '../../config/load.js';
import { callScreen } from '../../report/call-screen.js';
import { openOutput } from '../../report/output.js';
import { createReporter } from '../../report/reporter.js';
import { telemetrySettings } from '../../telemetry/resolved-settings.js';
import { keepRun } from '../kept-run.js';
import { launchDocument } from '../observer/document.js';
import { listenAt } from '../observer/listen.js';
import { privateFolder } from '../observer/place.js';
import { createTapServer } from '../observer/tap-server.js';
import { targetOfTap } from '../observer/target-of.js';
import { prometheusPage } from '../prometheus-page.js';
import { writeSummary } from '../summary-file.js';
import { namedByUs, tapOfView } from '../tap-variable.js';
import { checkBudget } from './budget.js';
import { type Destination, openDestination } from './destination.js';
import { createTerminalCheck } from './shared-terminal.js';
import { typedAgain } from './typed-again.js';

export interface LocalViewOptions {
  /** The program's words; only the name of the program is kept or shown. */
  readonly program: readonly string[];
  /** Show calls while they happen even when stderr is no terminal. */
  readonly live: boolean;
  readonly quiet: boolean;
  /** Print the messages below each call, where content is on. */
  readonly verbose?: boolean;
  /** Write the summary here as JSON. */
  readonly summaryFile?: string | undefined;
  /** US dollars that the calls may cost. */
  readonly budget?: number | undefined;
  /** The calls are on a page already, whose address was printed. */
  readonly page: boolean;
  /** Our version. */
  readonly version: string;
}

export interface LocalView {
  /** Value of the variable that leads the program's taps here. */
  readonly tap: string;
  /** Where calls that no tap hands over go. */
  readonly pipeline: Pipeline;
  readonly telemetry: TargetSettings;
  note(line: string): void;
  /** Takes what is still on its way, prints the summary, writes the files, closes the socket. May be called again. */
  finish(): Promise<void>;
  /** After `finish`: the calls cost more than they may. */
  readonly overBudget: boolean;
}

/** Milliseconds that the program's taps may take to close after its end: children may outlive it. */
const LAST_WAIT = 1_000;
/** Milliseconds between two looks whether they have. */
const LOOK = 10;

/** @throws Error when there is no place for the socket, Problem when the pricing file cannot be read */
export async function startLocalView(loaded: Loaded, options: LocalViewOptions): Promise<LocalView> {
  const { settings } = loaded;
  const started = new Date();
  const program = path.basename(options.program[0] ?? 'program');
  const output = openOutput(2);
  const verbose = options.verbose === true;
  const terminal = output.terminal ? createTerminalCheck() : undefined;
  const sends = hasDestination(settings);
  const reporter = createReporter({
    output,
    shared: true,
    // With an endpoint the lines are there for whoever asks for them.
    live: options.live || (output.terminal && !sends),
    summary: options.live || !sends,
    hint: `openlit-instrument doctor ${typedAgain(options.program)}`,
    quiet: options.quiet,
    verbose,
    next: () => (options.page ? undefined : kept.hint()),
    ...(terminal === undefined ? {} : { mayPrint: terminal.mayPrint }),
  });
  if (verbose && settings.captureContent === 'off') {
    reporter.note('--verbose shows messages only with --capture-content');
  }
  const run = { program, pid: process.pid, started: started.toISOString(), way: 'run' as const };
  const kept = keepRun(settings, run, reason => reporter.note(reason));
  const telemetry = telemetrySettings(settings, process.env);
  for (const warning of telemetry.warnings) reporter.note(warning);
  const { pricingFile } = telemetry;
  const destination: Destination | undefined = sends
    ? await openDestination(settings, telemetry, options.version, line => reporter.note(line))
    : undefined;
  const pipeline = createPipeline({
    consumers: [
      callScreen(reporter, verbose),
      ...kept.consumers,
      ...(destination?.consumers ?? []),
      ...(await prometheusPage(telemetry, line => reporter.note(line))),
    ],
    costOf: createCostCalculator({ loadPrices, ...(pricingFile === undefined ? {} : { pricingFile }) }),
    notice: line => reporter.note(line),
  });
  const { env, named } = launchDocument(settings, namedByUs(loaded), process.env);
  const server = createTapServer({
    pipeline,
    targetOf: targetOfTap({ env, named, settings: telemetry, version: options.version }),
    notice: line => reporter.note(line),
    onExchange() {
      terminal?.began();
      reporter.retry();
    },
  });
  const socket = path.join(privateFolder(process.env), `${randomBytes(10).toString('hex')}.sock`);
  const removeName = await listenAt(server, socket);

  async function end(): Promise<void> {
    removeName();
    // What the program has handed over is read to its end, however long that takes; a child that outlives it says nothing.
    for (let waited = 0; server.taps > 0 && (waited < LAST_WAIT || server.quiet < LAST_WAIT); waited += LOOK) {
      await new Promise(resolve => setTimeout(resolve, LOOK));
    }
    server.close();
    if (server.lost.exchanges > 0) {
      reporter.note(`${server.lost.exchanges} calls came faster than they were taken, and are lost`);
    }
    await pipeline.finish();
    if (destination !== undefined && !options.quiet && (output.terminal || options.live)) {
      // Behind what the exporters had to say.
      reporter.note(destination.closingLine());
      await reporter.settle();
    }
    checkCost();
    if (options.summaryFile === undefined) return;
    const facts = { way: 'run', program, started, run: kept.id() } as const;
    const problem = writeSummary(options.summaryFile, reporter.totals, facts);
    if (problem !== undefined) output.write(`openlit-instrument: ${problem}\n`);
  }

  function checkCost(): void {
    if (options.budget === undefined) return;
    const { exceeded, notes } = checkBudget(reporter.totals, options.budget);
    overBudget = exceeded;
    // Asked for by name: said under --quiet too, because the exit status alone does not say why.
    for (const note of notes) output.write(`openlit-instrument: ${note}\n`);
  }

  let overBudget = false;
  let ending: Promise<void> | undefined;
  return {
    tap: tapOfView(socket, settings),
    pipeline: watched(pipeline, () => {
      terminal?.began();
      reporter.retry();
    }),
    telemetry,
    note: line => reporter.note(line),
    finish: () => (ending ??= end()),
    get overBudget() {
      return overBudget;
    },
  };
}

/** Says that an exchange has begun. */
function watched(pipeline: Pipeline, began: () => void): Pipeline {
  return {
    ...pipeline,
    open(of) {
      const observed = pipeline.open(of);
      const openFor: typeof observed.openFor = parent => {
        const open = observed.openFor(parent);
        return (...exchange) => {
          began();
          return open(...exchange);
        };
      };
      return { ...observed, openFor };
    },
  };
}
