/** The end of a run: a line that says it all, and a table per model. */
import { ABSENT, count, money, seconds } from './numbers.js';
import type { Palette } from './palette.js';
import { type Cell, type Column, renderTable } from './table.js';
import { clean, hang, qualified, width, wrap } from './text.js';
import type { GroupSummary, Money, Totals } from './totals.js';

/** `--summary-json`; fields are added, never renamed. Seconds; tokens and cost are null or absent when unknown. */
export interface RunSummary {
  readonly version: 1;
  /** How the calls were observed. */
  readonly way: 'run' | 'attach';
  /** Of an `attach`: the word itself. */
  readonly program: string;
  /** The short name that `show` takes; null where no call was kept. */
  readonly run: string | null;
  /** ISO 8601. */
  readonly started: string;
  readonly ended: string;
  readonly calls: number;
  readonly errors: number;
  readonly input_tokens: number | null;
  readonly output_tokens: number | null;
  readonly cost: Money;
  readonly calls_without_tokens: number;
  readonly calls_without_cost: number;
  /** How often a call was seen at another place too: as client and as server. It counts once. */
  readonly calls_seen_again: number;
  readonly models: readonly GroupSummary[];
}

export interface SummaryFacts {
  readonly way: 'run' | 'attach';
  readonly program: string;
  readonly started: Date;
  readonly ended: Date;
  /** Of the kept run. */
  readonly run: string | undefined;
}

export function summarize(totals: Totals, facts: SummaryFacts): RunSummary {
  const { all } = totals;
  return {
    version: 1,
    way: facts.way,
    program: facts.program,
    run: all.calls === 0 ? null : (facts.run ?? null),
    started: facts.started.toISOString(),
    ended: facts.ended.toISOString(),
    calls: all.calls,
    errors: all.errors,
    input_tokens: all.inputTokens,
    output_tokens: all.outputTokens,
    cost: { ...all.cost },
    calls_without_tokens: all.withoutTokens,
    calls_without_cost: all.withoutCost,
    calls_seen_again: totals.seenAgain,
    models: totals.summaries(),
  };
}

/** `$0.0012`, `$1.20 + €0.34`, `-`. */
export function costText(cost: Money): string {
  const parts = Object.entries(cost).map(([currency, amount]) => money(amount, currency));
  return parts.length > 0 ? parts.join(' + ') : ABSENT;
}

export function plural(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}

/** `7 calls · 1 error · 212→78 tokens · $0.000089`: the last line under `attach`, the first one of the summary. */
export function totalsText(totals: Totals, palette: Palette): string {
  const { calls, errors, inputTokens, outputTokens, cost } = totals.all;
  const parts = [palette.strong(plural(calls, 'call'))];
  if (errors > 0) parts.push(palette.bad(plural(errors, 'error')));
  if (inputTokens !== null || outputTokens !== null) {
    parts.push(`${count(inputTokens ?? undefined)}→${count(outputTokens ?? undefined)} tokens`);
  }
  if (Object.keys(cost).length > 0) parts.push(costText(cost));
  return parts.join(palette.quiet(' · '));
}

/** Each with the order in which it gives way where the room is short. */
const NUMBERS: readonly (Column & { readonly leaves?: number })[] = [
  { title: 'calls', align: 'right' },
  { title: 'err', align: 'right', leaves: 4 },
  { title: 'in', align: 'right', leaves: 6 },
  { title: 'out', align: 'right', leaves: 6 },
  { title: 'cost', align: 'right' },
  { title: 'p50', align: 'right', leaves: 5 },
  { title: 'p95', align: 'right', leaves: 3 },
  { title: 'first p50', align: 'right', leaves: 2 },
  { title: 'first p95', align: 'right', leaves: 1 },
];
const LEAST_MODEL = 12;
const LEGEND =
  'p50, p95: half and 95 % of the calls took at most this long; first: time to the first chunk of a stream';

/** Terminals from this width on show provider and model in columns of their own. */
const WIDE_FROM = 100;
/** Columns of the shared one. */
const SHARED = 26;

function shared({ provider, model }: GroupSummary): string {
  return qualified(provider === null ? undefined : clean(provider), model === null ? undefined : clean(model), SHARED);
}

function row(group: GroupSummary, palette: Palette, wide: boolean): (Cell | string)[] {
  return [
    ...(wide
      ? [
          { text: group.provider ?? ABSENT, style: palette.accent },
          { text: group.model ?? ABSENT, style: palette.strong },
        ]
      : [{ text: shared(group), style: palette.strong }]),
    String(group.calls),
    group.errors > 0 ? { text: String(group.errors), style: palette.bad } : { text: '0', style: palette.quiet },
    count(group.input_tokens ?? undefined),
    count(group.output_tokens ?? undefined),
    costText(group.cost),
    seconds(group.duration?.p50),
    seconds(group.duration?.p95),
    { text: seconds(group.first_chunk?.p50), style: palette.quiet },
    { text: seconds(group.first_chunk?.p95), style: palette.quiet },
  ];
}

/** What the sums leave out, said once. */
function gaps(totals: Totals): string[] {
  const { withoutTokens, withoutCost, streamsWithoutTokens } = totals.all;
  const lines: string[] = [];
  if (withoutTokens > 0) {
    lines.push(`${plural(withoutTokens, 'call')} reported no tokens (not included)`);
  }
  if (streamsWithoutTokens > 0)
    lines.push(
      'streams of the OpenAI form report tokens with "stream_options": {"include_usage": true} in the request',
    );
  if (withoutCost > withoutTokens)
    lines.push(`no price is known for ${plural(withoutCost - withoutTokens, 'call')} (not included)`);
  if (totals.seenAgain > 0)
    lines.push(`${plural(totals.seenAgain, 'call')} seen at both ends (a gateway and its client), counted once`);
  return lines;
}

/** Lines of the summary. */
export function summaryLines(
  totals: Totals,
  palette: Palette,
  facts: { elapsed: number; columns: number | undefined; hint?: string | undefined },
): string[] {
  const head = `${palette.quiet('openlit-instrument:')} ${totalsText(totals, palette)}${palette.quiet(` in ${seconds(facts.elapsed)}`)}`;
  if (totals.all.calls === 0) {
    const none = `${palette.quiet('openlit-instrument:')} no LLM call was seen in ${seconds(facts.elapsed)}`;
    return facts.hint === undefined ? [none] : [none, palette.quiet(`  try: ${facts.hint}`)];
  }
  const wide = facts.columns === undefined || facts.columns >= WIDE_FROM;
  const names: readonly Column[] = wide
    ? [
        { title: 'provider', least: 8 },
        { title: 'model', least: LEAST_MODEL },
      ]
    : [{ title: 'model', least: LEAST_MODEL }];
  const rows = totals.summaries().map(group => row(group, palette, wide));
  const numbers = fittingNumbers(rows, names.length, facts.columns);
  const kept = (cells: (Cell | string)[]) => [
    ...cells.slice(0, names.length),
    ...numbers.map(at => cells[names.length + at]!),
  ];
  const timed = rows.some(cells => numbers.some(at => isTimed(NUMBERS[at]!.title, cells[names.length + at]!)));
  return [
    ...hang(head, facts.columns, '  '),
    ...renderTable([...names, ...numbers.map(at => NUMBERS[at]!)], rows.map(kept), palette, facts.columns),
    ...[...gaps(totals), ...(timed ? [LEGEND] : [])]
      .flatMap(text => wrap(text, facts.columns))
      .map(text => palette.quiet(text)),
  ];
}

const isTimed = (title: string, cell: Cell | string) =>
  /p50|p95/.test(title) && (typeof cell === 'string' ? cell : cell.text) !== ABSENT;

/** Numbers are never cut: where they do not fit beside a short name, those that matter least are left out. */
function fittingNumbers(rows: readonly (Cell | string)[][], names: number, columns: number | undefined): number[] {
  const textOf = (cell: Cell | string) => (typeof cell === 'string' ? cell : cell.text);
  const widths = NUMBERS.map(({ title }, at) =>
    Math.max(width(title), ...rows.map(cells => width(textOf(cells[names + at]!)))),
  );
  let kept = NUMBERS.map((_, at) => at);
  const needed = () => LEAST_MODEL * names + kept.reduce((sum, at) => sum + widths[at]! + 1, 0);
  for (let leaves = 1; leaves <= NUMBERS.length && columns !== undefined && needed() > columns; leaves++) {
    kept = kept.filter(at => NUMBERS[at]!.leaves !== leaves);
  }
  return kept;
}
