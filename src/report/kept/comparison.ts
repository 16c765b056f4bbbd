/** `show --diff`: what two calls, or two runs, have that differs. */
import type { CallComparison, Difference, TextPart } from '../../store/compare.js';
import type { AskedComparison, PromptChange } from '../../store/compare-runs.js';
import { ABSENT, money, seconds } from '../numbers.js';
import type { Palette } from '../palette.js';
import { type Cell, renderTable } from '../table.js';
import { cleanText, fill } from '../text.js';
import { shortId } from './calls-table.js';

export interface ComparisonOptions {
  readonly palette: Palette;
  readonly limit: number | undefined;
  /** What the two are called. */
  readonly names: readonly [string, string];
}

export function renderComparison(comparison: CallComparison, options: ComparisonOptions): string[] {
  const { facts, tools, input, output, prompt } = comparison;
  const { palette } = options;
  const lines = renderFigures(comparison.figures, options);
  const title = (text: string) => lines.push(...(lines.length > 0 ? [''] : []), palette.strong(text));
  if (facts.length > 0) {
    title('parameters and facts');
    for (const fact of facts) lines.push(...changeLines(fact.name.replace(/^gen_ai\./, ''), fact, options));
  }
  if (tools.length > 0) {
    title('tools offered');
    for (const tool of tools) lines.push(...toolLines(tool, options));
  }
  if (prompt !== undefined) {
    title('prompt');
    const { a, b } = prompt;
    const growth = signed(b.characters - a.characters);
    const text = `${a.messages} → ${b.messages} messages, ${a.characters} → ${b.characters} characters (${growth})`;
    lines.push(...fill(text, options.limit));
  }
  if (input !== undefined) lines.push(...textLines(input, options));
  if (output !== undefined) {
    title('answer');
    lines.push(...textLines(output, options));
  }
  if (input === undefined && output === undefined)
    lines.push(
      '',
      ...fill('Messages are compared where both calls were kept with --capture-content.', options.limit).map(
        palette.quiet,
      ),
    );
  return lines;
}

/** What was asked in two runs: each change once, with how many calls have it. */
export function renderAsked(asked: AskedComparison, options: ComparisonOptions): string[] {
  const { pairs, withMessages, differentAnswers, changes } = asked;
  const { palette, limit } = options;
  const quiet = (text: string) => fill(text, limit).map(palette.quiet);
  const lines = changes.flatMap(change => [...changeOfPrompt(change, pairs, options), '']);
  if (withMessages === 0) return [...lines, ...quiet('Prompts are compared where both runs had --capture-content.')];
  if (!changes.some(({ prompt }) => prompt !== undefined))
    lines.push(...quiet(`the same prompts in ${withMessages} pairs of calls`));
  lines.push(...quiet(`${differentAnswers} of ${withMessages} answers differ`));
  return lines;
}

function changeOfPrompt(
  { calls, example: { a, b }, prompt, tools, parameters }: PromptChange,
  pairs: number,
  options: ComparisonOptions,
): string[] {
  const { palette, limit } = options;
  const what = [prompt && 'prompt', tools.length > 0 && 'tools', parameters.length > 0 && 'parameters'].filter(Boolean);
  const title = `${what.join(', ')} changed in ${calls} of ${pairs} calls`;
  return [
    ...fill(title, limit).map(line => palette.strong(line)),
    ...fill(`such as: openlit-instrument show --diff ${shortId(a)} ${shortId(b)}`, limit).map(palette.quiet),
    ...(prompt === undefined ? [] : textLines(prompt, options)),
    ...tools.flatMap(tool => toolLines(tool, options)),
    ...parameters.flatMap(fact => changeLines(fact.name.replace(/^gen_ai\./, ''), fact, options)),
  ];
}

/** Figures side by side, with what was added; equal ones are left out. */
export function renderFigures(
  figures: readonly Difference<number>[],
  { palette, limit, names }: ComparisonOptions,
): string[] {
  if (figures.length === 0) return [palette.quiet('The same tokens, cost and time.')];
  const columns = [
    { title: '', least: 6 },
    { title: names[0], align: 'right', least: 6 },
    { title: names[1], align: 'right', least: 6 },
    { title: 'CHANGE', align: 'right' },
  ] as const;
  const rows = figures.map(({ name, a, b }): Cell[] => [
    { text: name, style: palette.quiet },
    { text: figure(name, a) },
    { text: figure(name, b) },
    changeCell(name, a, b, palette),
  ]);
  return renderTable(columns, rows, palette, limit);
}

function figure(name: string, value: number | undefined): string {
  if (value === undefined) return ABSENT;
  const [, currency] = /^cost (.+)$/.exec(name) ?? [];
  if (currency !== undefined) return money(value, currency);
  return name.startsWith('seconds') ? seconds(value) : String(value);
}

function changeCell(name: string, a: number | undefined, b: number | undefined, palette: Palette): Cell {
  if (a === undefined || b === undefined) return { text: ABSENT, style: palette.quiet };
  const change = b - a;
  const amount = figure(name, Math.abs(change));
  const share = a > 0 ? ` ${change < 0 ? '-' : '+'}${Math.round((Math.abs(change) / a) * 100)}%` : '';
  return { text: `${change < 0 ? '-' : '+'}${amount}${share}`, style: change > 0 ? palette.warning : palette.good };
}

const signed = (value: number) => (value < 0 ? String(value) : `+${value}`);

function changeLines(name: string, { a, b }: Difference<unknown>, { palette, limit }: ComparisonOptions): string[] {
  const text = (value: unknown) =>
    value === undefined ? '(absent)' : typeof value === 'string' ? value : JSON.stringify(value);
  return fill(`${name}: ${cleanText(text(a))} → ${cleanText(text(b))}`, limit).map((line, index) =>
    index === 0 ? line.replace(name, palette.quiet(name)) : line,
  );
}

function toolLines({ name, a, b }: Difference<string>, { palette, limit }: ComparisonOptions): string[] {
  const [text, style] =
    a === undefined
      ? [`+ ${name}`, palette.good]
      : b === undefined
        ? [`- ${name}`, palette.bad]
        : [`~ ${name} (defined otherwise)`, palette.warning];
  return fill(cleanText(text), limit).map(each => style(each));
}

/** Lines that both have, around a change. */
const CONTEXT = 2;

function textLines(parts: readonly TextPart[], { palette, limit }: ComparisonOptions): string[] {
  if (parts.every(part => part.in === 'both')) return [palette.quiet('the same text')];
  return parts.flatMap((part, index) => {
    const all = part.text.replace(/\n$/, '').split('\n');
    const [mark, style] =
      part.in === 'a' ? ['- ', palette.bad] : part.in === 'b' ? ['+ ', palette.good] : ['  ', palette.quiet];
    const shown = part.in === 'both' ? contextOf(all, index === 0, index === parts.length - 1) : all;
    return shown.flatMap(text => fill(cleanText(text), limit && limit - 2).map(line => style(mark + line)));
  });
}

function contextOf(lines: readonly string[], first: boolean, last: boolean): string[] {
  const before = first ? 0 : CONTEXT;
  const after = last ? 0 : CONTEXT;
  const hidden = lines.length - before - after;
  if (hidden <= 1) return [...lines];
  return [...lines.slice(0, before), `… ${hidden} lines that both have`, ...lines.slice(lines.length - after)];
}
