/**
 * The history of the agent on disk: one JSON line a record, synced before `append` returns. A kill may cut the last line:
 * what a line was cut of was not done yet, so the line is dropped.
 */
import { closeSync, fsyncSync, ftruncateSync, openSync } from 'node:fs';
import { forget, type History, type HistoryRecord } from '../../agent/history.js';
import { Problem } from '../../errors.js';
import { readIfThere, replaceFile, writeAll } from './durable.js';

export interface Journal {
  readonly records: History;
  /** @throws NodeJS.ErrnoException where it cannot be written: then the deed must not be done */
  append(record: HistoryRecord): void;
  /** Leaves out what holds nothing any more (`forget`), where that is worth a new file. */
  compact(kept: ReadonlySet<string>, before: number): void;
  close(): void;
}

/** Lines below which nothing is left out. */
const WORTH = 1_000;

/** @throws Problem where a line in the middle makes no sense: what was done cannot be told then, and nothing is guessed */
export function openJournal(file: string): Journal {
  const text = readIfThere(file) ?? '';
  const end = text.lastIndexOf('\n') + 1;
  let records: HistoryRecord[] = text
    .slice(0, end)
    .split('\n')
    .flatMap((line, index) => (line === '' ? [] : [parse(file, line, index + 1)]));
  const open = (): number => openSync(file, 'a', 0o600);
  let fd = open();
  let size = Buffer.byteLength(text.slice(0, end));
  if (end < text.length) ftruncateSync(fd, size);
  return {
    get records() {
      return records;
    },
    append(record) {
      const line = `${JSON.stringify(record)}\n`;
      try {
        writeAll(fd, line);
        fsyncSync(fd);
      } catch (error) {
        // Half a line in the middle would make the file unreadable.
        ftruncateSync(fd, size);
        throw error;
      }
      size += Buffer.byteLength(line);
      records.push(record);
    },
    compact(kept, before) {
      if (records.length < WORTH) return;
      const rest = forget(records, kept, before);
      if (rest.length > records.length / 2) return;
      const shorter = rest.map(record => `${JSON.stringify(record)}\n`).join('');
      replaceFile(file, shorter);
      closeSync(fd);
      fd = open();
      size = Buffer.byteLength(shorter);
      records = rest;
    },
    close: () => closeSync(fd),
  };
}

function parse(file: string, line: string, number: number): HistoryRecord {
  try {
    const record = JSON.parse(line) as HistoryRecord;
    if (['started', 'ended', 'recovered'].includes(record.kind)) return record;
  } catch {
    // Said below.
  }
  throw new Problem({
    code: 'AGENT_HISTORY',
    message: `${file}:${number} cannot be read`,
    reason: 'it says what the agent did, so that nothing is done twice',
    fixes: [`mv ${file} ${file}.broken   (it then forgets what it did: switch what it injected off first)`],
  });
}
