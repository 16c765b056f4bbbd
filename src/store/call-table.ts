/** Calls and steps as rows of typed columns, and one row as an object. */
import { ATTRIBUTE, SAID_ATTRIBUTES } from '../calls/genai-attributes.js';
import { type ColumnStore, type Columns, createColumns, FLAG, KIND } from './columns.js';
import { isSpanLine, type StoredCall, type StoredLine, type StoredSpan } from './kept-lines.js';
import { createStrings, type Strings } from './strings.js';

export interface CallTable {
  readonly columns: Columns;
  readonly length: number;
  readonly strings: Strings;
}

/** Where a line lies. */
export interface LinePlace {
  readonly run: number;
  readonly file: number;
  readonly offset: number;
  readonly length: number;
}

export interface GrowingTable extends CallTable {
  /** The row of this line; undefined where it is no call and no step: nothing is added then. */
  add(line: StoredLine, place: LinePlace): number | undefined;
}

/** One row, with what is absent left out. */
export interface CallRow {
  readonly row: number;
  readonly kind: 'llm' | 'mcp' | 'span';
  readonly id: string;
  readonly traceId: string;
  readonly parentId?: string;
  /** Index into the reader's runs. */
  readonly run: number;
  /** Of a step. */
  readonly name?: string;
  readonly process?: string;
  readonly pid?: number;
  /** Unix milliseconds. */
  readonly start?: number;
  /** Seconds. */
  readonly duration?: number;
  readonly firstChunk?: number;
  readonly provider?: string;
  /** As requested, else as answered; for MCP the method and its target. */
  readonly model?: string;
  readonly operation?: string;
  readonly session?: string;
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  readonly cacheReadTokens?: number;
  readonly reasoningTokens?: number;
  readonly cost?: { readonly amount: number; readonly currency: string };
  /** `error.type`. */
  readonly error?: string;
  /** Joined by commas. */
  readonly finish?: string;
  readonly partial: boolean;
  readonly server: boolean;
  /** The same call, seen at another place: sums leave it out. */
  readonly again: boolean;
  /** Messages were kept. */
  readonly content: boolean;
  readonly stream: boolean;
}

export function createCallTable(): GrowingTable {
  const store = createColumns();
  const strings = createStrings();
  return {
    get columns() {
      return store.columns;
    },
    get length() {
      return store.length;
    },
    strings,
    add: (line, place) => addLine(store, strings, line, place),
  };
}

function addLine(store: ColumnStore, strings: Strings, line: StoredLine, place: LinePlace): number | undefined {
  if (line === null || typeof line !== 'object' || typeof line.attributes !== 'object' || line.attributes === null)
    return undefined;
  const row = store.append();
  const { columns, ids } = store;
  // A row that was forgotten may have left something here.
  const known =
    setId(ids.id, row, 8, line.id) &&
    setId(ids.trace, row, 16, line.trace_id) &&
    setId(ids.parent, row, 8, line.parent_id ?? NO_PARENT);
  if (!known) {
    store.removeLast();
    return undefined;
  }
  columns.run[row] = place.run;
  columns.file[row] = place.file;
  columns.offset[row] = place.offset;
  columns.length[row] = place.length;
  columns.pid[row] = line.pid ?? -1;
  columns.process[row] = strings.number(textOf(line.process));
  setTimes(columns, row, line);
  const { attributes } = line;
  columns.error[row] = strings.number(textOf(attributes[ATTRIBUTE.errorType]) ?? failed(line));
  columns.operation[row] = strings.number(textOf(attributes[ATTRIBUTE.operationName]));
  columns.session[row] = strings.number(textOf(attributes[ATTRIBUTE.conversationId]));
  if (isSpanLine(line)) setSpan(columns, strings, row, line);
  else setCall(columns, strings, row, line);
  return row;
}

const NO_PARENT = '0'.repeat(16);

/** False where the text is no id of so many bytes. */
function setId(column: Buffer, row: number, bytes: number, text: unknown): boolean {
  if (typeof text !== 'string' || text.length !== bytes * 2) return false;
  return column.write(text, row * bytes, 'hex') === bytes;
}

function setTimes(columns: Columns, row: number, line: StoredLine): void {
  const { start, end } = line;
  const first = isSpanLine(line) ? undefined : line.first_chunk;
  columns.start[row] = millisecondsOf(start ?? first ?? end);
  columns.duration[row] = secondsBetween(start, end);
  columns.firstChunk[row] = secondsBetween(start, first);
}

/** Digits of the nanoseconds below a millisecond: the whole number is beyond what a double tells apart. */
const BELOW = 6;

const wholeMilliseconds = (nanos: string) => Number(nanos.slice(0, -BELOW));
const restOf = (nanos: string) => Number(nanos.slice(-BELOW)) / 1e6;

function millisecondsOf(nanos: string | undefined): number {
  return typeof nanos === 'string' ? wholeMilliseconds(nanos) + restOf(nanos) : Number.NaN;
}

function secondsBetween(from: string | undefined, to: string | undefined): number {
  if (typeof from !== 'string' || typeof to !== 'string') return Number.NaN;
  return (wholeMilliseconds(to) - wholeMilliseconds(from) + (restOf(to) - restOf(from))) / 1000;
}

function setCall(columns: Columns, strings: Strings, row: number, line: StoredCall): void {
  const attributes = line.attributes ?? {};
  const method = textOf(attributes[ATTRIBUTE.mcpMethodName]);
  const mcp = method !== undefined;
  columns.kind[row] = mcp ? KIND.mcp : KIND.llm;
  columns.name[row] = 0;
  columns.model[row] = strings.number(mcp ? mcpTarget(method, attributes) : modelOf(attributes));
  columns.provider[row] = strings.number(
    mcp ? 'mcp' : (textOf(attributes[ATTRIBUTE.providerName]) ?? textOf(attributes[ATTRIBUTE.serverAddress])),
  );
  columns.inputTokens[row] = countOf(attributes[ATTRIBUTE.usageInputTokens]);
  columns.outputTokens[row] = countOf(attributes[ATTRIBUTE.usageOutputTokens]);
  columns.cacheReadTokens[row] = countOf(attributes[ATTRIBUTE.usageCacheReadInputTokens]);
  columns.reasoningTokens[row] = countOf(attributes[ATTRIBUTE.usageReasoningOutputTokens]);
  const { cost } = line;
  columns.cost[row] = typeof cost?.amount === 'number' ? cost.amount : Number.NaN;
  columns.currency[row] = strings.number(textOf(cost?.currency));
  const finish = attributes[ATTRIBUTE.responseFinishReasons];
  columns.finish[row] = strings.number(Array.isArray(finish) && finish.length > 0 ? finish.join(',') : undefined);
  columns.flags[row] =
    (Array.isArray(line.partial) && line.partial.length > 0 ? FLAG.partial : 0) |
    (line.role === 'server' ? FLAG.server : 0) |
    (line.same_as === undefined ? 0 : FLAG.again) |
    (hasContent(line) ? FLAG.content : 0) |
    (line.first_chunk === undefined && attributes[ATTRIBUTE.requestStream] !== true ? 0 : FLAG.stream);
}

function setSpan(columns: Columns, strings: Strings, row: number, line: StoredSpan): void {
  columns.kind[row] = KIND.span;
  columns.name[row] = strings.number(textOf(line.name));
  columns.model[row] = strings.number(modelOf(line.attributes));
  columns.provider[row] = strings.number(textOf(line.attributes[ATTRIBUTE.providerName]));
  for (const name of ['inputTokens', 'outputTokens', 'cacheReadTokens', 'reasoningTokens'] as const) {
    columns[name][row] = -1;
  }
  columns.cost[row] = Number.NaN;
  columns.currency[row] = 0;
  columns.finish[row] = 0;
  columns.flags[row] = 0;
}

const textOf = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);
const countOf = (value: unknown) => (typeof value === 'number' && value >= 0 && value < 2 ** 31 ? value : -1);
const failed = (line: StoredLine) => (isSpanLine(line) && line.status === 'error' ? 'error' : undefined);

function modelOf(attributes: Readonly<Record<string, unknown>>): string | undefined {
  return textOf(attributes[ATTRIBUTE.requestModel]) ?? textOf(attributes[ATTRIBUTE.responseModel]);
}

function mcpTarget(method: string, attributes: Readonly<Record<string, unknown>>): string {
  const target = textOf(attributes[ATTRIBUTE.toolName]) ?? textOf(attributes[ATTRIBUTE.promptName]);
  return target === undefined ? method : `${method} ${target}`;
}

/** Whether messages of this call were kept. */
export function hasContent({ attributes, output_text: text }: StoredCall): boolean {
  return text !== undefined || SAID_ATTRIBUTES.some(name => attributes?.[name] !== undefined);
}

const KINDS = ['llm', 'mcp', 'span'] as const;

/** Hexadecimal id of a row, from `id`, `parent` or `trace`; undefined where it is absent. */
export function idOf({ columns }: CallTable, name: 'id' | 'parent' | 'trace', row: number): string | undefined {
  const bytes = name === 'trace' ? 16 : 8;
  const column = columns[name];
  const text = Buffer.from(column.buffer, column.byteOffset + row * bytes, bytes).toString('hex');
  return /^0+$/.test(text) ? undefined : text;
}

/** One row as an object. */
export function rowAt(table: CallTable, row: number): CallRow {
  const { columns, strings } = table;
  const flags = columns.flags[row]!;
  const text = (name: 'model' | 'provider' | 'operation' | 'process' | 'session' | 'error' | 'finish' | 'name') =>
    strings.text(columns[name][row]!);
  const amount = known(columns.cost[row]!);
  return {
    row,
    kind: KINDS[columns.kind[row]!] ?? 'llm',
    id: idOf(table, 'id', row) ?? NO_PARENT,
    traceId: idOf(table, 'trace', row) ?? NO_PARENT + NO_PARENT,
    run: columns.run[row]!,
    partial: (flags & FLAG.partial) !== 0,
    server: (flags & FLAG.server) !== 0,
    again: (flags & FLAG.again) !== 0,
    content: (flags & FLAG.content) !== 0,
    stream: (flags & FLAG.stream) !== 0,
    ...present({
      parentId: idOf(table, 'parent', row),
      name: text('name'),
      process: text('process'),
      pid: counted(columns.pid[row]!),
      start: known(columns.start[row]!),
      duration: known(columns.duration[row]!),
      firstChunk: known(columns.firstChunk[row]!),
      provider: text('provider'),
      model: text('model'),
      operation: text('operation'),
      session: text('session'),
      inputTokens: counted(columns.inputTokens[row]!),
      outputTokens: counted(columns.outputTokens[row]!),
      cacheReadTokens: counted(columns.cacheReadTokens[row]!),
      reasoningTokens: counted(columns.reasoningTokens[row]!),
      cost: amount === undefined ? undefined : { amount, currency: strings.text(columns.currency[row]!) ?? 'USD' },
      error: text('error'),
      finish: text('finish'),
    }),
  };
}

const known = (value: number) => (Number.isNaN(value) ? undefined : value);
const counted = (value: number) => (value < 0 ? undefined : value);

function present<T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}
