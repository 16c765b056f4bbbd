/** The columns of kept calls in memory: 130 bytes a row, whatever was said in the call. */

/** Name, kind of array, elements a row. */
const SHAPE = {
  /** Unix milliseconds with fractions; NaN where the time is not known. */
  start: [Float64Array, 1],
  /** Seconds; NaN where not known. */
  duration: [Float32Array, 1],
  /** Seconds from the start to the first output of a streamed call; NaN where there is none. */
  firstChunk: [Float32Array, 1],
  /** Tokens; -1 where nobody reported them. */
  inputTokens: [Int32Array, 1],
  outputTokens: [Int32Array, 1],
  cacheReadTokens: [Int32Array, 1],
  reasoningTokens: [Int32Array, 1],
  /** NaN where not known. */
  cost: [Float64Array, 1],
  // Numbers of `strings`; 0 is absent.
  currency: [Uint32Array, 1],
  model: [Uint32Array, 1],
  provider: [Uint32Array, 1],
  operation: [Uint32Array, 1],
  process: [Uint32Array, 1],
  session: [Uint32Array, 1],
  error: [Uint32Array, 1],
  finish: [Uint32Array, 1],
  /** Of a step; calls have none. */
  name: [Uint32Array, 1],
  pid: [Int32Array, 1],
  kind: [Uint8Array, 1],
  flags: [Uint8Array, 1],
  /** Index into the reader's `runs` and `files`. */
  run: [Uint32Array, 1],
  file: [Uint32Array, 1],
  /** Where the line lies in its file, in bytes. */
  offset: [Float64Array, 1],
  length: [Uint32Array, 1],
  // Bytes of the hexadecimal ids; all 0 is absent.
  id: [Uint8Array, 8],
  parent: [Uint8Array, 8],
  trace: [Uint8Array, 16],
} as const;

type Shape = typeof SHAPE;
export type Columns = { -readonly [Name in keyof Shape]: InstanceType<Shape[Name][0]> };
export type ColumnName = keyof Shape;

/** Values of the column `kind`. */
export const KIND = { llm: 0, mcp: 1, span: 2 } as const;

/** Bits of the column `flags`. */
export const FLAG = {
  /** The record is not whole. */
  partial: 1,
  /** The program answered this call. */
  server: 2,
  /** Seen before at another place: not in sums. */
  again: 4,
  /** Messages were kept. */
  content: 8,
  /** A streamed call. */
  stream: 16,
} as const;

const FIRST_CAPACITY = 1024;
/** Less than doubling: the copy is cheap, and what is not used is memory. */
const GROWTH = 1.5;

export interface ColumnStore {
  /** Replaced when they grow: read them anew after each wait. */
  readonly columns: Columns;
  /** Rows in use. */
  readonly length: number;
  /** The columns of ids, for texts in hexadecimal: to make a view for each id took a third of the time of reading. */
  readonly ids: { readonly [Name in 'id' | 'parent' | 'trace']: Buffer };
  /** A new row; its index. */
  append(): number;
  /** Forgets the row that was appended last. */
  removeLast(): void;
}

export function createColumns(): ColumnStore {
  let capacity = FIRST_CAPACITY;
  let columns = allocate(capacity);
  let ids = idsOf(columns);
  let length = 0;
  return {
    get columns() {
      return columns;
    },
    get length() {
      return length;
    },
    get ids() {
      return ids;
    },
    append() {
      if (length === capacity) {
        capacity = Math.ceil(capacity * GROWTH);
        const larger = allocate(capacity);
        for (const name of Object.keys(SHAPE) as ColumnName[]) larger[name].set(columns[name] as never);
        columns = larger;
        ids = idsOf(columns);
      }
      return length++;
    },
    removeLast() {
      length--;
    },
  };
}

function idsOf({ id, parent, trace }: Columns): ColumnStore['ids'] {
  const view = ({ buffer, byteOffset, byteLength }: Uint8Array) => Buffer.from(buffer, byteOffset, byteLength);
  return { id: view(id), parent: view(parent), trace: view(trace) };
}

function allocate(rows: number): Columns {
  return Object.fromEntries(
    Object.entries(SHAPE).map(([name, [kind, each]]) => [name, new kind(rows * each)]),
  ) as unknown as Columns;
}
