/**
 * Observes processes that already run: flags and settings, then `attach/observation.ts`, then what comes out. Decoders,
 * telemetry and screens are loaded by what is asked for: half of the memory of an observer is code.
 */
import { writeSync } from 'node:fs';
import { Flags } from '@oclif/core';
import { observe } from '../attach/observation.js';
import type { ExchangeSink } from '../attach/observation-options.js';
import { letOthersFirst, type Priority } from '../attach/priority.js';
import { Planner } from '../attach/sources/plan.js';
import { chooseTargets, newcomerSources, readPid } from '../cli/attach-targets.js';
import { loadSettings } from '../cli/load-settings.js';
import { OwnCommand } from '../cli/own-command.js';
import { say, write } from '../cli/say.js';
import { givenFlags, SETTING_FLAGS } from '../cli/setting-flags.js';
import { parseSize } from '../cli/size.js';
import { summaryOf } from '../cli/summary-flag.js';
import { hasDestination, type Loaded } from '../config/load.js';
import type { Newcomers } from '../discovery/newcomers.js';
import { leftOut } from '../discovery/targets.js';
import { EXIT_STATUS } from '../errors.js';
import { identify } from '../machine/identity.js';
import { openOutput } from '../report/output.js';
import type { Reporter } from '../report/reporter.js';
import { stdoutBroke } from '../report/stdout.js';
import { accountOf, isLossy } from '../runs/attach/account-of.js';
import type { Ledger } from '../runs/attach/calls.js';
import { exchangeLines } from '../runs/attach/exchange-lines.js';
import { keptFindings } from '../runs/attach/kept-findings.js';
import { createLineWriter } from '../runs/attach/line-writer.js';
import { withoutResource } from '../runs/attach/process-resource.js';
import { keepRun } from '../runs/kept-run.js';

export default class Attach extends OwnCommand {
  static override readonly summary = 'observe the LLM calls of processes that already run';
  static override readonly usage = ['attach [OPTIONS] [PID…]'];
  static override readonly description =
    'Reads the plaintext of TLS and plain HTTP calls with eBPF: nothing is restarted, injected or changed. Ends with the last process, or with Ctrl-C, and removes every probe. On a terminal, without any process named, it lets you choose from what `ps` finds. Calls go to the OTLP endpoint; without one they are shown here.';
  static override readonly examples = [
    '<%= config.bin %> attach --pid 4242',
    '<%= config.bin %> attach --all',
    '<%= config.bin %> attach --name "gunicorn*" --endpoint http://localhost:4318',
    '<%= config.bin %> attach --pid 4242 --format exchanges --bodies > exchanges.ndjson',
    '<%= config.bin %> attach --pid 4242 --explain',
  ];
  static override readonly flags = {
    pid: Flags.integer({
      summary: 'process to observe, with its children; may be repeated',
      multiple: true,
      min: 1,
      helpValue: 'PID',
    }),
    name: Flags.string({
      summary: 'processes whose program has this name (* and ? as in a shell), later ones included; may be repeated',
      multiple: true,
      helpValue: 'GLOB',
    }),
    port: Flags.integer({
      summary: 'processes that listen on this TCP port or are connected to it; may be repeated',
      multiple: true,
      min: 1,
      max: 65_535,
      helpValue: 'PORT',
    }),
    all: Flags.boolean({ summary: 'every process that talks to an LLM, new ones included' }),
    format: Flags.string({
      summary: 'JSON lines on stdout: each HTTP exchange, or each LLM call',
      options: ['exchanges', 'json'],
    }),
    bodies: Flags.boolean({ summary: 'with --format exchanges: bodies too (they may hold secrets)' }),
    'body-limit': Flags.string({ summary: 'bytes kept of one body', default: '16MiB', helpValue: 'SIZE' }),
    record: Flags.string({ summary: 'write what the kernel delivered to a file, for decode', helpValue: 'FILE' }),
    'ring-size': Flags.string({ summary: "the kernel's buffer", default: '16MiB', helpValue: 'SIZE' }),
    'memory-limit': Flags.string({
      summary: 'memory for unfinished exchanges; beyond it the largest is cut',
      default: '512MiB',
      helpValue: 'SIZE',
    }),
    follow: Flags.boolean({
      summary: 'leave children out (default: they are observed too)',
      default: true,
      allowNo: true,
    }),
    force: Flags.boolean({ summary: 'also processes that an SDK observes from inside (their calls count twice)' }),
    explain: Flags.boolean({
      aliases: ['dry-run'],
      summary: 'print where probes would be set and why, attach nothing',
    }),
    config: Flags.string({ summary: 'read this file instead of looking for openlit.yml', helpValue: 'FILE' }),
    live: Flags.boolean({ summary: 'show each call as it happens, also beside an endpoint' }),
    verbose: Flags.boolean({
      summary: 'like --live, with the messages (needs --capture-content) and a full account at the end',
    }),
    ui: Flags.boolean({ summary: 'show the calls in the browser, too' }),
    quiet: Flags.boolean({ summary: 'print nothing but errors' }),
    'summary-json': Flags.string({ summary: 'write a summary of the calls to a file', helpValue: 'FILE' }),
    link: Flags.string({ hidden: true, options: ['multi', 'perf'] }),
    ...SETTING_FLAGS,
  };

  override async work(): Promise<number> {
    const { flags: typed, words } = this.readWords();
    const { flags } = await this.parse(Attach, [...typed]);
    flags.pid = [...(flags.pid ?? []), ...words.map(readPid)];
    const summaryFile = summaryOf(flags);
    const limits = {
      bodies: parseSize(flags['body-limit'], 'body-limit'),
      ring: parseSize(flags['ring-size'], 'ring-size', SMALLEST_RING),
      memory: parseSize(flags['memory-limit'], 'memory-limit', SMALLEST_MEMORY),
    };
    // Settings that cannot be used are known before anything is looked for.
    const loaded = await loadSettings(givenFlags(flags), withoutResource(process.env));
    const pids = await chooseTargets(flags);
    const sources = await newcomerSources(flags);
    if (pids.length + sources.length === 0) return EXIT_STATUS.done;
    if (flags.explain) return await explain(pids, sources);
    const started = new Date();
    const run = { program: 'attach', pid: process.pid, started: started.toISOString(), way: 'attach' } as const;
    const kept = keepRun(loaded.settings, run, line => notice(line));
    const reporter = showsCalls(loaded, flags) ? await openScreen(flags, kept.hint) : undefined;
    const show = reporter?.line ?? ((line: string) => write(2, `${line}\n`));
    // A script may wait for these lines. A program that forks all the time has hundreds of them.
    const announce = (line: string, child: boolean) => (flags.quiet && child) || show(line);
    const notice = flags.quiet ? () => {} : (reporter?.note ?? say);
    for (const note of loaded.notes) notice(note);
    if (flags.verbose && reporter && loaded.settings.captureContent === 'off')
      notice('--verbose shows messages only with --capture-content');
    let stop = () => {};
    const lines = createLineWriter(
      bytes => writeSome(1, bytes),
      error => {
        stdoutBroke(error);
        stop();
      },
    );
    const summary = summaryFile ? (await import('../runs/summary-file.js')).openSummary(summaryFile) : undefined;
    const ledger: Ledger = { all: 0, partial: 0, sent: undefined };
    const sink: ExchangeSink =
      flags.format === 'exchanges'
        ? exchangeLines({ bodies: flags.bodies, bodyLimit: limits.bodies, lines })
        : await (await import('../runs/attach/calls.js')).makeCallSink({
            loaded,
            lines: flags.format === 'json' ? lines : undefined,
            reporter,
            verbose: flags.verbose,
            notice,
            version: this.config.version,
            ledger,
            kept,
            more: summary === undefined ? [] : [summary],
          });
    // Before anything is attached: a signal in between must not leave by the default way.
    let interrupted = false;
    const stopped = new Promise<void>(resolve => {
      stop = () => {
        interrupted = true;
        resolve();
      };
    });
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.once(signal, () => {
        stop();
        setTimeout(() => notice(STILL_ENDING), LONGEST_SILENCE).unref();
      });
    }
    // As early: without a listener, Node answers SIGUSR1 by opening its debugger.
    let account = async (_show: (line: string) => void) => {}; // answers with --quiet too: it was asked for
    process.on('SIGUSR1', () => void account(reporter?.styled ?? (line => write(2, `${line}\n`))));
    // Asked for by name: the address is printed under --quiet too.
    const page = flags.ui ? await (await import('../runs/ui.js')).openPageBeside(reporter?.note ?? say) : undefined;
    const begun = performance.now();
    let priority: Priority | undefined;
    const observation = observe({
      pids,
      ringSize: limits.ring,
      memoryLimit: limits.memory,
      follow: flags.follow,
      find: keptFindings(),
      ...(flags.force ? {} : { leaveOut: leftOut }),
      waits: sources.length > 0,
      sink,
      say: notice,
      attached: announce,
      backlog: share => priority?.look(share),
      leaving: () => {
        priority?.restore();
        import('../report/account.js').catch(() => {}); // while the kernel takes the probes off
      },
      ...(flags.record === undefined ? {} : { record: flags.record }),
      ...(flags.link === undefined ? {} : { link: flags.link as 'multi' | 'perf' }),
    });
    priority = letOthersFirst();
    void stopped.then(observation.stop);
    if (sources.length > 0) {
      const { addNewcomers } = await import('../runs/attach/newcomers.js');
      for (const source of sources) void stopped.then(addNewcomers(source, observation, notice));
    }
    account = async show => {
      const counted = flags.format === 'exchanges' ? undefined : ledger;
      for (const line of await accountOf(observation, counted, begun)) show(line);
    };
    await observation.done;
    const problem = summary?.write({ ...run, started, run: kept.id() });
    if (problem !== undefined) say(problem);
    // On a terminal it is for whoever asks; in a log it is what there is to find later.
    if (!flags.quiet && (flags.verbose || !openOutput(2).terminal || isLossy(observation))) {
      await account(line => write(2, `${line}\n`));
    }
    await (interrupted ? page?.close() : page?.finish());
    return EXIT_STATUS.done;
  }
}

/** Bytes below which a limit would cut every call. */
const SMALLEST_RING = 64 * 1024;
const SMALLEST_MEMORY = 1024 ** 2;

/** Milliseconds that an end may take without a word. */
const LONGEST_SILENCE = 2_000;
const STILL_ENDING =
  'still ending: the reader of standard output, or the endpoint, does not take what is left; Ctrl-C again ends at once';

/** Lines, running totals and the summary on stderr. */
async function openScreen(
  { quiet, verbose, ui }: { quiet: boolean; verbose: boolean; ui: boolean },
  hint: () => string | undefined,
): Promise<Reporter> {
  const { createReporter } = await import('../report/reporter.js');
  const next = ui ? {} : { next: hint };
  return createReporter({ output: openOutput(2), live: true, quiet, verbose, runningTotals: true, ...next });
}

/** Where the probes would go, and why; nothing is attached. */
async function explain(pids: readonly number[], sources: readonly Newcomers[]): Promise<number> {
  const { formatPlan } = await import('../runs/attach/explain.js');
  const planner = new Planner(keptFindings());
  const all = new Set(pids);
  for (const source of sources) for (const { pid } of await source.look(all)) all.add(pid);
  for (const line of sources.map(source => source.start(all.size))) if (line !== undefined) say(line);
  for (const pid of all) write(1, `${formatPlan(identify(pid), planner.plan(pid))}\n`);
  return EXIT_STATUS.done;
}

interface ShowFlags {
  readonly live: boolean;
  readonly verbose: boolean;
  readonly format?: string | undefined;
}

/** Whether calls are shown here: when it was asked for, and when they would go nowhere else. */
function showsCalls({ settings }: Loaded, flags: ShowFlags): boolean {
  if (flags.format === 'exchanges') return false;
  return flags.live || flags.verbose || (flags.format === undefined && !hasDestination(settings));
}

/** `WriteSome` on a descriptor that may be non-blocking, as pipes between Node processes are. */
function writeSome(descriptor: number, bytes: Uint8Array): number {
  try {
    return writeSync(descriptor, bytes);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return 0;
    throw error;
  }
}
