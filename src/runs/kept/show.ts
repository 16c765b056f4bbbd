/** `show`, from its words to lines: what is meant, which calls of it, and in which form. */
import { say } from '../../cli/say.js';
import { EXIT_STATUS, Problem } from '../../errors.js';
import { selectRows } from '../../store/filter.js';
import type { Reader } from '../../store/reader.js';
import { searchText } from '../../store/search.js';
import type { Grouping } from '../../store/sums.js';
import { type ExportFormat, exportOf, ndjsonOf } from './export.js';
import { type FilterFlags, filterOf, isFiltered } from './filter-flags.js';
import { readFor, readKept } from './read-kept.js';
import {
  callComparisonScreen,
  callScreen,
  compareRows,
  comparisonOf,
  runComparisonScreen,
  runScreen,
  type Screen,
  sumsDocument,
  sumsScreen,
} from './screens.js';
import { findTarget, type KeptTarget } from './targets.js';

export interface ShowRequest {
  /** What is shown; two for a comparison. */
  readonly words: readonly string[];
  readonly filter: FilterFlags;
  readonly by?: Grouping | undefined;
  readonly diff: boolean;
  readonly format?: ExportFormat | undefined;
  readonly json: boolean;
  readonly screen: Screen;
  /** Ours. */
  readonly version: string;
}

/** The pieces of what is printed. @throws Problem for words that mean nothing, or nothing together */
export async function show(request: ShowRequest): Promise<AsyncIterable<string>> {
  const { words, by, diff, format, json, screen } = request;
  checkWords(request);
  // Sums are asked of everything; anything else of what ran last.
  const [word = by === undefined ? 'last' : 'all', other] = words;
  const reader = diff ? await readKept() : await readFor(word);
  const target = findTarget(reader, word);
  if (diff) return await compare(reader, [target, findTarget(reader, other!)], [word, other!], request);
  const rows = await rowsOf(reader, target, request, by === undefined);
  if (format !== undefined) return exportOf(format, reader, rows, request.version);
  if (by !== undefined) {
    const sums = json ? [document(sumsDocument(reader, rows, by))] : asLines(sumsScreen(reader, rows, by, screen));
    return pieces(sums);
  }
  if (json) return ndjsonOf(reader, rows);
  if (target.kind === 'call') {
    const lines = await callScreen(reader, target.row, screen);
    if (lines === undefined) throw gone(word);
    return pieces(asLines(lines));
  }
  if (rows.length === 0) {
    const elsewhere = target.kind === 'run' ? ' in this run; to look in all runs: openlit-instrument show all …' : '';
    say(`no call matches${elsewhere}`);
    return pieces([]);
  }
  return pieces(asLines(runScreen(reader, rows, target.kind === 'run' ? target.run : undefined, screen)));
}

/** @param steps also agents and tools, where nothing is filtered: a tree of what is left of it would say the wrong thing */
async function rowsOf(reader: Reader, target: KeptTarget, { filter }: ShowRequest, steps: boolean): Promise<number[]> {
  if (target.kind === 'call') return [target.row];
  const filtered = isFiltered(filter);
  const rows = selectRows(reader.table, {
    ...filterOf(filter, Date.now()),
    ...(target.kind === 'run' ? { runs: [target.run.index] } : {}),
    ...(steps && !filtered ? { kinds: ['llm', 'mcp', 'span'], again: true } : {}),
  });
  return filter.text === undefined ? rows : await searchText(reader, rows, filter.text);
}

async function compare(
  reader: Reader,
  [a, b]: readonly [KeptTarget, KeptTarget],
  names: readonly [string, string],
  request: ShowRequest,
): Promise<AsyncIterable<string>> {
  const { json, screen } = request;
  if (a.kind === 'call' && b.kind === 'call') {
    const comparison = await comparisonOf(reader, a.row, b.row);
    if (comparison === undefined) throw gone(names.join(' or '));
    if (json) return pieces([document(comparison)]);
    return pieces(asLines(callComparisonScreen(reader, [a.row, b.row], comparison, screen)));
  }
  if (a.kind === 'call' || b.kind === 'call')
    throw usage('--diff compares two calls or two runs', `${names[0]} and ${names[1]} are one of each`);
  const comparison = await compareRows(
    reader,
    await rowsOf(reader, a, request, false),
    await rowsOf(reader, b, request, false),
  );
  return pieces(
    json ? [document(comparison)] : asLines(runComparisonScreen(comparison, [runName(a), runName(b)], screen)),
  );
}

const runName = (target: KeptTarget) => (target.kind === 'run' ? target.run.id : 'all');

function checkWords({ words, diff, by, format }: ShowRequest): void {
  if (diff && words.length !== 2) throw usage('--diff needs two calls or two runs', undefined, 'show --diff A B');
  if (!diff && words.length > 1)
    throw usage(
      `${words.length} words, and one is shown`,
      'to compare two: --diff',
      `show --diff ${words.slice(0, 2).join(' ')}`,
    );
  const ways = [diff ? '--diff' : '', by === undefined ? '' : '--by', format === undefined ? '' : '--export'].filter(
    Boolean,
  );
  if (ways.length > 1) throw usage(`${ways.join(' and ')} cannot be used together`);
}

function usage(message: string, reason?: string, fix?: string): Problem {
  return new Problem({
    code: 'SHOW_WORDS',
    message,
    ...(reason === undefined ? {} : { reason }),
    fixes: [fix === undefined ? 'openlit-instrument show --help' : `openlit-instrument ${fix}`],
    exit: EXIT_STATUS.usage,
  });
}

const gone = (word: string) =>
  new Problem({
    code: 'GONE',
    message: `${word} can no longer be read`,
    reason: 'its file was removed or changed, or it is a step',
  });

const document = (value: object) => `${JSON.stringify(value, null, 2)}\n`;
const asLines = (lines: readonly string[]) => lines.map(line => `${line}\n`);

async function* pieces(texts: readonly string[]): AsyncGenerator<string> {
  yield* texts;
}
