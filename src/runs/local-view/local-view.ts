/**
 * The local view of a launch: a loopback OTLP receiver, a line for each LLM call on stderr, a summary at the end, and the
 * calls kept for later. Loaded only when no endpoint is configured.
 *
 *   const view = await startLocalView(settings, { program: ['python', 'app.py'], live: false, quiet: false });
 *   // start the program with an OTLP endpoint of `view.endpoint`, protocol http/protobuf; wait for its end; then
 *   await view.finish();
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Settings } from '../../config/settings.js';
import { type OtlpExport, startReceiver } from '../../receive/receiver.js';
import { flattenSpans } from '../../receive/values.js';
import { openOutput } from '../../report/output.js';
import { createReporter } from '../../report/reporter.js';
import { summarize } from '../../report/summary.js';
import { openCallStore } from '../../store/call-store.js';
import { isCallSpan, reportedFromSpan } from './from-span.js';
import { createNestingCheck } from './nested.js';
import { createPricer } from './price.js';
import { createTerminalCheck } from './shared-terminal.js';

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
}

export interface LocalView {
  /** Base address for an OTLP exporter; holds a random word that keeps other local users out. */
  readonly endpoint: string;
  /** Takes what is still on its way, prints the summary, writes the files, closes the port. May be called again. */
  finish(): Promise<void>;
}

/** Milliseconds without any request after which nothing more is expected from a program that has ended. */
const QUIET = 30;
/** Milliseconds that the end may take. */
const LAST_WAIT = 1000;

/** @throws Error when the port cannot be opened, Problem when the pricing file cannot be read */
export async function startLocalView(settings: Settings, options: LocalViewOptions): Promise<LocalView> {
  const started = new Date();
  const program = path.basename(options.program[0] ?? 'program');
  const output = openOutput(2);
  const reporter = createReporter({
    output,
    live: options.live || output.terminal,
    hint: `openlit-instrument doctor -- ${program} …`,
    quiet: options.quiet,
    verbose: options.verbose === true,
    ...(output.terminal ? { mayPrint: createTerminalCheck() } : {}),
  });
  // Spans bring the messages here; with `event` they are in log records, which nobody reads at this end.
  if (options.verbose && settings.captureContent !== 'span' && settings.captureContent !== 'both') {
    reporter.note(`--verbose shows messages with --capture-content=span, and it is ${settings.captureContent}`);
  }
  const run = { program, pid: process.pid, started: started.toISOString() };
  const store = openCallStore(run, reason => reporter.note(reason));
  const price = createPricer(settings.pricingFile);
  const isOuter = createNestingCheck();

  function take({ signal, body }: OtlpExport): void {
    if (signal !== 'traces') return;
    for (const span of flattenSpans(body)) {
      if (!isCallSpan(span) || isOuter(span)) continue;
      const call = price(reportedFromSpan(span)!, span);
      reporter.call(call);
      store.add(call, span);
    }
  }

  const receiver = await startReceiver({ onExport: take });

  async function end(): Promise<void> {
    await receiver.idle(QUIET, LAST_WAIT);
    await receiver.close();
    await reporter.finish();
    if (options.summaryFile === undefined) return;
    const summary = summarize(reporter.totals, { program, started, ended: new Date() });
    try {
      writeFileSync(options.summaryFile, `${JSON.stringify(summary, null, 2)}\n`);
    } catch (error) {
      // The program has run: its exit status stays, and the reason is said even under --quiet.
      output.write(
        `openlit-instrument: the summary was not written: ${(error as NodeJS.ErrnoException).code} at ${options.summaryFile}\n`,
      );
    }
  }

  let ending: Promise<void> | undefined;
  return {
    endpoint: receiver.url,
    finish: () => (ending ??= end()),
  };
}
