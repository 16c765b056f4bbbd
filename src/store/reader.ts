/**
 * Kept runs read into typed columns: 130 bytes a call stay in memory, and a call's own line is read from its file when it is
 * asked for. Nothing is locked and nothing is written; a broken line is counted, never an error.
 */
import { open } from 'node:fs/promises';
import path from 'node:path';
import { type CallTable, createCallTable, type GrowingTable } from './call-table.js';
import { FLAG, KIND } from './columns.js';
import { type RunFacts, runId, type StoredLine } from './kept-lines.js';
import { lineBytes } from './line-bytes.js';
import { type LineSink, nextLine, readLines } from './read-lines.js';
import { listRunFiles, type RunFileName, runsFolder } from './runs-folder.js';

/** One run; its figures change while it is read. */
export interface Run {
  readonly index: number;
  /** What a person types: `r4k2zx`. */
  readonly id: string;
  /** The name of its first file without the ending: start and process id. */
  readonly key: string;
  /** Absent where the first line is broken. */
  readonly program?: string;
  readonly way?: 'run' | 'attach';
  readonly pid: number;
  /** Unix milliseconds. */
  readonly started: number;
  /** The end of its last call so far, Unix milliseconds; absent without calls. */
  readonly last?: number;
  readonly calls: number;
  readonly spans: number;
  /** Lines that could not be read. */
  readonly broken: number;
  /** Bytes. */
  readonly size: number;
  /** Its files were removed: lines of it can no longer be read. */
  readonly gone: boolean;
}

/** What a look has added. */
export interface Change {
  /** Rows `from` (included) to `to` (not included) are new. */
  readonly from: number;
  readonly to: number;
  /** Runs that are new, have grown or are gone, by index. */
  readonly runs: readonly number[];
}

export interface ReaderOptions {
  /** Default: the folder of this user's cache. */
  readonly folder?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Which runs are read; default: all. */
  readonly only?: (run: { readonly key: string; readonly started: number }) => boolean;
  /**
   * Somebody looks on while it is read: the end of a long file is read first, because the newest calls are there, and between
   * two pieces this is asked and waited for.
   */
  readonly watched?: () => Promise<void> | undefined;
}

export interface Reader {
  readonly folder: string;
  readonly table: CallTable;
  readonly runs: readonly Run[];
  /**
   * Reads what is there and was not read yet; calls of one run may come in several changes.
   * @param onChange after each run, and where somebody looks on each piece of it, so that a screen can show the first before the last is read
   */
  read(onChange?: (change: Change) => void): Promise<Change>;
  /** The kept line of a row; undefined where its file is gone or was changed. */
  line(row: number): Promise<StoredLine | undefined>;
  /** The lines of many rows as bytes, in the order of their files; those that are gone are left out. */
  bytes(rows: readonly number[]): AsyncGenerator<readonly [row: number, bytes: Buffer]>;
}

type Changing<T> = { -readonly [K in keyof T]: T[K] };

interface OpenFile {
  readonly path: string;
  readonly run: Changing<Run>;
  /** Behind the last whole line that was read. */
  offset: number;
  gone: boolean;
}

export function openReader({ folder: given, env, only = () => true, watched }: ReaderOptions = {}): Reader {
  const folder = given ?? runsFolder(env);
  const table = createCallTable();
  const runs: Changing<Run>[] = [];
  const byKey = new Map<string, Changing<Run>>();
  const files: OpenFile[] = [];
  const byName = new Map<string, number>();
  let reading: Promise<unknown> = Promise.resolve();

  function runOf({ run: key, pid, started }: RunFileName): Changing<Run> {
    const known = byKey.get(key);
    if (known !== undefined) return known;
    const index = runs.length;
    const id = runId(key);
    const run = {
      index,
      id,
      key,
      pid,
      started: Date.parse(started),
      calls: 0,
      spans: 0,
      broken: 0,
      size: 0,
      gone: false,
    };
    runs.push(run);
    byKey.set(key, run);
    return run;
  }

  async function readFile(name: RunFileName, onChange: (change: Change) => void): Promise<void> {
    let index = byName.get(name.name);
    if (index === undefined) {
      const run = runOf(name);
      index = files.push({ path: path.join(folder, name.name), run, offset: 0, gone: false }) - 1;
      byName.set(name.name, index);
    }
    const file = files[index]!;
    let from = table.length;
    const told = () => {
      onChange({ from, to: table.length, runs: [file.run.index] });
      from = table.length;
    };
    const look = watched && {
      piece: () => {
        told();
        return watched();
      },
    };
    const added = await readOn(file, index, table, look);
    if (added && look === undefined) told();
  }

  async function readAll(onChange: (change: Change) => void): Promise<Change> {
    const from = table.length;
    const changed = new Set<number>();
    const names = await listRunFiles(folder);
    for (const run of markGone(files, new Set(names.map(({ name }) => name)))) changed.add(run);
    // The newest first: it is what most people look for.
    for (const name of names.reverse()) {
      if (!only({ key: name.run, started: Date.parse(name.started) })) continue;
      await readFile(name, change => {
        for (const run of change.runs) changed.add(run);
        onChange(change);
      });
    }
    return { from, to: table.length, runs: [...changed] };
  }

  return {
    folder,
    table,
    runs,
    read(onChange = () => {}) {
      // One after another: two that read the same file would add its calls twice.
      const next = reading.then(() => readAll(onChange));
      reading = next.catch(() => {});
      return next;
    },
    bytes: rows => lineBytes(table.columns, rows, index => files[index]?.path),
    async line(row) {
      if (!(row >= 0 && row < table.length)) return undefined;
      for await (const [, bytes] of this.bytes([row])) return parsed(bytes);
      return undefined;
    },
  };
}

/** Runs of which no file is left, by index. */
function markGone(files: readonly OpenFile[], names: ReadonlySet<string>): number[] {
  const gone: number[] = [];
  for (const file of files) {
    if (file.gone || names.has(path.basename(file.path))) continue;
    file.gone = true;
    if (files.some(other => other.run === file.run && !other.gone)) continue;
    file.run.gone = true;
    gone.push(file.run.index);
  }
  return gone;
}

/** Bytes at the end of a file that are read first: the calls that a screen shows, even with messages in them. */
const END = 1024 * 1024;

/**
 * @param look somebody looks on
 * @returns true where something was added
 */
async function readOn(
  file: OpenFile,
  index: number,
  table: GrowingTable,
  look?: Required<Pick<LineSink, 'piece'>>,
): Promise<boolean> {
  const handle = await open(file.path, 'r').catch(() => undefined);
  // Removed since the folder was listed, or not ours to read.
  if (handle === undefined) return false;
  try {
    const { size } = await handle.stat();
    if (size === file.offset) return false;
    const before = file.offset;
    const sink: LineSink = {
      line: (bytes, offset) => takeLine(file, index, table, bytes, offset),
      tooLong: () => {
        file.run.broken++;
      },
      ...look,
    };
    const end = look !== undefined && size - before > 2 * END ? await nextLine(handle, size - END) : undefined;
    const behind = await readLines(handle, end ?? before, sink);
    if (end !== undefined) await readLines(handle, before, sink, end);
    file.offset = behind;
    file.run.size += file.offset - before;
    return file.offset > before;
  } finally {
    await handle.close();
  }
}

function takeLine(file: OpenFile, index: number, table: GrowingTable, bytes: Buffer, offset: number): void {
  const { run } = file;
  const line = parsed(bytes) as (StoredLine & { run?: RunFacts }) | undefined;
  if (line?.run !== undefined && offset === 0) return takeHead(run, line.run);
  const row = line == null ? undefined : table.add(line, { run: run.index, file: index, offset, length: bytes.length });
  if (row === undefined) {
    run.broken++;
    return;
  }
  const { columns } = table;
  const end = columns.start[row]! + (columns.duration[row]! || 0) * 1000;
  if (!Number.isNaN(end) && !(run.last !== undefined && run.last >= end)) run.last = end;
  if (columns.kind[row] === KIND.span) run.spans++;
  else if ((columns.flags[row]! & FLAG.again) === 0) run.calls++;
}

function takeHead(run: Changing<Run>, { program, way }: RunFacts): void {
  if (typeof program === 'string') run.program = program;
  if (way === 'run' || way === 'attach') run.way = way;
}

function parsed(bytes: Buffer): StoredLine | undefined {
  try {
    return JSON.parse(bytes.toString('utf8')) as StoredLine;
  } catch {
    return undefined;
  }
}
