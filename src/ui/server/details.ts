/** What the page shows of one call: itself, its trace, and what changed since the call before it. */
import { type CallRow, type CallTable, rowAt } from '../../store/call-table.js';
import { byStart, rowsOfId, selectRows } from '../../store/filter.js';
import type { Reader } from '../../store/reader.js';
import { searchText } from '../../store/search.js';
import { type Sums, sumRows } from '../../store/sums.js';
import { type TreeNode, traceTrees } from '../../store/trace-tree.js';
import type { CallDetail, Growth, PromptDiff, SessionDetail, TraceNode } from '../api.js';
import { RequestError } from './answers.js';
import { conversationOf, promptOf } from './conversation.js';
import { curlOf } from './curl.js';
import { diffPrompts } from './prompt-diff.js';

const ALL_KINDS = ['llm', 'mcp', 'span'] as const;

/** @throws RequestError where there is no such call */
export function rowOfId(reader: Reader, id: string): number {
  const [row] = rowsOfId(reader.table, id);
  if (row === undefined || id.length !== 16) throw new RequestError(404, `no call ${id.slice(0, 40)} is kept`);
  return row;
}

export async function callDetail(reader: Reader, id: string): Promise<CallDetail> {
  const at = rowOfId(reader, id);
  const line = await reader.line(at);
  const { table } = reader;
  const row = rowAt(table, at);
  const run = reader.runs[row.run];
  const before = previousOf(table, at);
  return {
    row,
    ...(line !== undefined && { line }),
    ...(run !== undefined && { run }),
    ...conversationOf(line),
    traceSize: rowsOfTrace(table, row).length,
    ...(before !== undefined && { previous: rowAt(table, before).id }),
    curl: curlOf(line),
  };
}

/**
 * The trace of a call or step, from the top downwards.
 * @param text looked for in messages, names and errors; only what has it, and what stands above that, is in the answer
 */
export async function traceOf(reader: Reader, id: string, text?: string, signal?: AbortSignal): Promise<TraceNode[]> {
  const { table } = reader;
  const rows = rowsOfTrace(table, rowAt(table, rowOfId(reader, id)));
  const found = text === undefined ? undefined : new Set(await searchText(reader, rows, text, undefined, signal));
  const nodes: TraceNode[] = [];
  /** Adds a node and what is below it; returns all rows of these. */
  const add = ({ row, children }: TreeNode, depth: number): number[] => {
    const at = nodes.length;
    const call = rowAt(table, row);
    nodes.push({ row: call, depth });
    const below = children.flatMap(child => add(child, depth + 1));
    const sums = call.kind === 'span' ? { below: belowOf(sumRows(table, below)) } : {};
    nodes[at] = { row: call, depth, ...sums, ...(found !== undefined && { found: found.has(row) }) };
    if (found !== undefined && nodes.length === at + 1 && !found.has(row)) nodes.pop();
    return [row, ...below];
  };
  for (const root of traceTrees(table, rows)) add(root, 0);
  return nodes;
}

const belowOf = ({ inputTokens, outputTokens, cost }: Sums): NonNullable<TraceNode['below']> => ({
  ...(inputTokens !== undefined && { inputTokens }),
  ...(outputTokens !== undefined && { outputTokens }),
  cost,
});

const rowsOfTrace = (table: CallTable, { traceId }: CallRow) =>
  selectRows(table, { trace: traceId, kinds: ALL_KINDS, again: true });

/** @param other id of the call to compare with; default: the one before it */
export async function promptDiff(reader: Reader, id: string, other?: string): Promise<PromptDiff> {
  const at = rowOfId(reader, id);
  const before = other === undefined ? previousOf(reader.table, at) : rowOfId(reader, other);
  const current = rowAt(reader.table, at);
  const now = promptOf(await reader.line(at));
  const old = before === undefined ? [] : promptOf(await reader.line(before));
  const growth = growthOf(
    reader,
    relatives(reader.table, at).filter(row => row <= at || !isLater(reader.table, row, at)),
  );
  const why =
    now.length === 0
      ? 'The messages of this call were not kept. Run with --capture-content to see what changed.'
      : before === undefined
        ? 'This is the first call of its session.'
        : old.length === 0
          ? 'The messages of the call before it were not kept.'
          : undefined;
  return {
    current,
    ...(before !== undefined && { previous: rowAt(reader.table, before) }),
    ...(why !== undefined && { why }),
    messages: why === undefined ? diffPrompts(old, now) : [],
    growth,
  };
}

export function sessionDetail(reader: Reader, key: string): SessionDetail {
  // Not a filter by text: a key may hold `*`.
  const rows = selectRows(reader.table).filter(
    row => reader.table.strings.text(reader.table.columns.session[row]!) === key,
  );
  if (rows.length === 0) throw new RequestError(404, 'no call of this session is kept');
  return { key, sums: sumRows(reader.table, rows), calls: growthOf(reader, byStart(reader.table, rows)) };
}

function growthOf({ table }: Reader, rows: readonly number[]): Growth[] {
  return rows.map(at => {
    const { id, start, inputTokens, outputTokens, cost, error } = rowAt(table, at);
    return {
      id,
      ...(start !== undefined && { start }),
      ...(inputTokens !== undefined && { inputTokens }),
      ...(outputTokens !== undefined && { outputTokens }),
      ...(cost !== undefined && { cost: cost.amount }),
      ...(error !== undefined && { error }),
    };
  });
}

const isLater = ({ columns: { start } }: CallTable, row: number, than: number) =>
  start[row] === start[than] ? row > than : start[row]! > start[than]!;

/** Calls of the same session in the order of time; without one, those of the same process in its run. */
function relatives(table: CallTable, at: number): number[] {
  const { columns } = table;
  const session = columns.session[at]!;
  const rows = selectRows(table, { kinds: ['llm'] }).filter(row =>
    session !== 0
      ? columns.session[row] === session
      : columns.session[row] === 0 && columns.run[row] === columns.run[at] && columns.pid[row] === columns.pid[at],
  );
  return byStart(table, rows);
}

function previousOf(table: CallTable, at: number): number | undefined {
  const rows = relatives(table, at);
  const place = rows.indexOf(at);
  return place > 0 ? rows[place - 1] : undefined;
}
