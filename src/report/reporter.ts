/**
 * What a person sees of a run: a line for each call while it happens, the running totals where the terminal is ours, the
 * summary at the end. Everything goes to one output, normally stderr.
 */
import type { Role } from '../wire/exchange.js';
import { callHeader, callLine } from './call-line.js';
import type { Output } from './output.js';
import { createPalette, type Palette } from './palette.js';
import type { ReportedCall } from './reported-call.js';
import { summaryLines, totalsText } from './summary.js';
import { clean, hang, width, wrap } from './text.js';
import { Totals } from './totals.js';

export interface ReporterOptions {
  readonly output: Output;
  /** A line for each call while it happens. */
  readonly live: boolean;
  /** Nothing is printed at all; the totals are still kept. */
  readonly quiet?: boolean;
  /**
   * The terminal is ours alone (`attach`): the last line shows running totals. Under a launch the program writes to the
   * same terminal, and a line that is taken back would take the program's words with it.
   */
  readonly runningTotals?: boolean;
  /** Another program writes here too: the lines of calls have a mark, and each of ours begins a line of its own. */
  readonly shared?: boolean;
  /** Sums and a table at the end; default true. */
  readonly summary?: boolean;
  /** What to type when no call was seen. */
  readonly hint?: string;
  /** What to type next, below the summary of a run with calls: for a person at a terminal, asked at the end. */
  readonly next?: () => string | undefined;
  /** Print messages below the line, where a call has them. */
  readonly verbose?: boolean;
  /** Asked before lines are printed; while it says no, they are kept and printed later. */
  readonly mayPrint?: () => boolean | Promise<boolean>;
  /** Milliseconds, monotonic. */
  readonly now?: () => number;
}

export interface Reporter {
  readonly totals: Totals;
  call(call: ReportedCall): void;
  /** A call that was told was seen at another place too: it has its line, and is counted, once. */
  seenAgain(role: Role): void;
  /** A line of ours between the calls. */
  note(text: string): void;
  /** A line as it is, at once: above the running totals, where there are some. */
  line(text: string): void;
  /** The same, with colours of our own in it. */
  styled(text: string): void;
  /** Prints what was kept, whatever reads the terminal now. */
  settle(): Promise<void>;
  /** Looks again whether what was kept may be printed. */
  retry(): void;
  /** Prints what was kept, and the summary; nothing where nobody watches and no call was seen. */
  finish(): Promise<void>;
}

/** Lines that are kept while the terminal is not free; what is beyond is in the summary only. */
const MOST_KEPT = 1000;

const NAME = 'openlit-instrument:';

/** At the left of what stands between the lines of a program. */
const MARK = '▎ ';

const ERASE_LINE = '\r\u001b[2K';

export function createReporter(options: ReporterOptions): Reporter {
  const { output, quiet = false, verbose = false, now = () => performance.now() } = options;
  const palette = createPalette(output.colour);
  const totals = new Totals();
  const started = now();
  const sticky = options.runningTotals === true && output.terminal && !quiet;
  let kept: (() => string[])[] = [];
  let dropped = 0;
  let headed = false;
  /** Lines say who asked and who answered once there are both. */
  const roles = new Set<Role>();
  let stickyShown = false;
  let finished = false;
  let asking: Promise<void> | undefined;

  const shared = options.shared === true;
  const mark = shared ? palette.accent(MARK) : '';
  const fresh = () => (shared ? (output.freshLine?.() ?? '') : '');

  function print(lines: readonly string[]): void {
    const erase = stickyShown ? ERASE_LINE : fresh();
    const text = lines.map(line => `${line}\n`).join('');
    // A line that wraps could not be taken back whole.
    const running = ` ${totalsText(totals, palette)}`;
    stickyShown = sticky && !finished && width(running) < (output.columns() ?? 0);
    output.write(erase + text + (stickyShown ? running : ''));
  }

  function printKept(): void {
    const lines = kept.flatMap(render => render());
    kept = [];
    if (dropped > 0) lines.push(palette.quiet(`… and ${dropped} more calls`));
    dropped = 0;
    if (lines.length > 0) print(lines);
  }

  /** One question at a time: calls that arrive meanwhile are printed with its answer. */
  function flush(): void {
    if (!options.mayPrint) {
      printKept();
      return;
    }
    asking ??= Promise.resolve(options.mayPrint())
      .catch(() => true)
      .then(free => {
        asking = undefined;
        if (free) printKept();
      });
  }

  function keep(render: () => string[]): void {
    if (kept.length < MOST_KEPT) kept.push(render);
    else dropped++;
    flush();
  }

  return {
    totals,
    call(call) {
      totals.add(call);
      if (call.role !== undefined) roles.add(call.role);
      if (quiet || !options.live) return;
      keep(() => {
        const all = output.columns();
        const room = all === undefined || !shared ? all : Math.max(1, all - width(MARK));
        const lines = headed ? [] : [callHeader(room, palette)];
        headed = true;
        lines.push(callLine(call, room, palette, roles.size > 1));
        if (verbose) lines.push(...contentLines(call, room, palette));
        return lines.map(line => mark + line);
      });
    },
    seenAgain(role) {
      totals.seenAgain++;
      roles.add(role);
    },
    note(text) {
      if (quiet) return;
      keep(() => {
        const [first = '', ...rest] = hang(`${NAME} ${clean(text)}`, output.columns(), '  ');
        return [first.replace(NAME, palette.quiet(NAME)), ...rest];
      });
    },
    retry() {
      if (kept.length > 0) flush();
    },
    async settle() {
      await asking;
      printKept();
    },
    line: text => print(hang(clean(text), output.columns(), '  ')),
    styled: text => print([text]),
    async finish() {
      await asking;
      finished = true;
      // A program without LLM calls is none of our business where nobody watches.
      if (quiet || (totals.all.calls === 0 && !options.live)) return;
      printKept();
      if (options.summary === false) return;
      const elapsed = (now() - started) / 1000;
      const lines = summaryLines(totals, palette, { elapsed, columns: output.columns(), hint: options.hint });
      const next = output.terminal && totals.all.calls > 0 ? options.next?.() : undefined;
      if (next !== undefined) lines.push(...wrap(next, output.columns()).map(palette.quiet));
      output.write(`${stickyShown ? ERASE_LINE : fresh()}${lines.join('\n')}\n`);
      stickyShown = false;
    },
  };
}

/** Messages keep their line breaks, and nothing else that a terminal would act on. */
function contentLines(call: ReportedCall, columns: number | undefined, palette: Palette): string[] {
  const room = columns === undefined ? undefined : Math.max(20, columns - 4);
  const block = (mark: string, text: string | undefined) =>
    (text ?? '')
      .split(/\r?\n/)
      .flatMap(line => wrap(clean(line), room))
      .filter(line => line !== '')
      .map((line, index) => `${palette.quiet(`  ${index === 0 ? mark : ' '} `)}${line}`);
  return [...block('>', call.content?.input), ...block('<', call.content?.output), ...block('✗', call.content?.error)];
}
