/** Calls as a table for spreadsheets (RFC 4180). Steps are left out: they have no figures. */
import { rowAt } from '../../store/call-table.js';
import { conversationOf, partText } from '../../store/conversation.js';
import { isSpanLine, type StoredCall } from '../../store/kept-lines.js';
import type { Reader } from '../../store/reader.js';
import { linesOf } from './lines.js';

type Cell = string | number | undefined;

/** Title and value; the values that people wrote are last. */
const COLUMNS: readonly (readonly [
  title: string,
  cell: (line: StoredCall, row: ReturnType<typeof rowAt>, run: string) => Cell,
])[] = [
  ['started', (_line, { start }) => (start === undefined ? undefined : new Date(start).toISOString())],
  ['run', (_line, _row, run) => run],
  ['id', ({ id }) => id],
  ['trace_id', ({ trace_id: trace }) => trace],
  ['parent_id', ({ parent_id: parent }) => parent],
  ['process', (_line, { process }) => process],
  ['pid', (_line, { pid }) => pid],
  ['role', ({ role }) => role ?? 'client'],
  ['provider', (_line, { provider }) => provider],
  ['model', (_line, { model }) => model],
  ['operation', (_line, { operation }) => operation],
  ['session', (_line, { session }) => session],
  ['seconds', (_line, { duration }) => rounded(duration)],
  ['seconds_to_first_chunk', (_line, { firstChunk }) => rounded(firstChunk)],
  ['input_tokens', (_line, { inputTokens }) => inputTokens],
  ['output_tokens', (_line, { outputTokens }) => outputTokens],
  ['cache_read_input_tokens', (_line, { cacheReadTokens }) => cacheReadTokens],
  ['reasoning_output_tokens', (_line, { reasoningTokens }) => reasoningTokens],
  ['cost', ({ cost }) => cost?.amount],
  ['currency', ({ cost }) => cost?.currency],
  ['finish_reasons', (_line, { finish }) => finish],
  ['error', (_line, { error }) => error],
  ['partial', ({ partial }) => partial.join(' ')],
  ['same_as', ({ same_as: same }) => same],
  ['error_message', ({ error_message: message }) => message],
  ['last_message', line => lastMessage(line)],
  ['answer', ({ output_text: text }) => text],
];

export async function* csvOf(reader: Reader, rows: readonly number[]): AsyncGenerator<string> {
  yield lineOf(COLUMNS.map(([title]) => title));
  for await (const { row, line } of linesOf(reader, rows)) {
    if (isSpanLine(line)) continue;
    const facts = rowAt(reader.table, row);
    const run = reader.runs[facts.run]?.id ?? '';
    yield lineOf(COLUMNS.map(([, cell]) => cell(line, facts, run)));
  }
}

/** Columns of seconds are kept in less than the microseconds that a double could show. */
const rounded = (seconds: number | undefined) => (seconds === undefined ? undefined : Math.round(seconds * 1e6) / 1e6);

function lastMessage(line: StoredCall): string | undefined {
  const message = conversationOf(line).input.at(-1);
  return message?.parts.map(partText).join('\n');
}

const lineOf = (cells: readonly Cell[]) => `${cells.map(cellText).join(',')}\r\n`;

function cellText(cell: Cell): string {
  if (cell === undefined) return '';
  if (typeof cell === 'number') return String(cell);
  // A spreadsheet runs what begins so as a formula, and models and prompts come from anywhere.
  const text = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
