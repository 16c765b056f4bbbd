/** What is on disk after a kill: whole lines, and no deed without its beginning. */
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { NOTHING_DESIRED, wish } from '../../../src/agent/desired.js';
import type { HistoryRecord, Started } from '../../../src/agent/history.js';
import type { Action } from '../../../src/agent/reconcile.js';
import { createExecutor } from '../../../src/runs/agent/executor.js';
import { type Journal, openJournal } from '../../../src/runs/agent/journal.js';
import { openMemory } from '../../../src/runs/agent/memory.js';
import { askFor, takeRequests } from '../../../src/runs/agent/requests.js';

const folder = mkdtempSync(path.join(tmpdir(), 'journal-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const newFile = () => path.join(folder, `history-${++files}.ndjson`);

const KEY = 'linux:exe:abcdef';
const started = (at: number, facts: Partial<Started> = {}): Started => ({
  kind: 'started',
  at,
  id: `${at} attach ${KEY}`,
  workload: KEY,
  deed: 'attach',
  incarnation: 'one',
  serves: 'observe 1',
  ...facts,
});
const ended = (at: number, of: number): HistoryRecord => ({
  kind: 'ended',
  at,
  id: `${of} attach ${KEY}`,
  outcome: 'done',
});

describe('journal', () => {
  test('a last line that was cut anywhere is dropped, and what follows is whole', () => {
    const whole = `${JSON.stringify(started(1))}\n`;
    const last = `${JSON.stringify(ended(2, 1))}\n`;
    for (let cut = 0; cut < last.length; cut++) {
      const file = newFile();
      writeFileSync(file, whole + last.slice(0, cut));
      const journal = openJournal(file);
      expect(journal.records).toEqual([started(1)]);
      journal.append(ended(3, 1));
      journal.close();
      const again = openJournal(file);
      expect(again.records).toEqual([started(1), ended(3, 1)]);
      again.close();
    }
  });

  test('a line in the middle that makes no sense is said with file and line: nothing is guessed', () => {
    const file = newFile();
    writeFileSync(file, `${JSON.stringify(started(1))}\n{"kind":"what"}\n${JSON.stringify(ended(2, 1))}\n`);
    expect(() => openJournal(file)).toThrow(`${file}:2 cannot be read`);
  });

  test('compacted, it is as before to those who read it, and what is appended then is kept', () => {
    const file = newFile();
    const journal = openJournal(file);
    for (let at = 1; at < 1200; at += 2) {
      journal.append(started(at));
      journal.append(ended(at + 1, at));
    }
    journal.append(started(5000, { deed: 'inject', id: 'kept' }));
    journal.compact(new Set([KEY]), 4000);
    expect(journal.records).toEqual([started(5000, { deed: 'inject', id: 'kept' })]);
    journal.append(ended(5001, 5));
    journal.close();
    const again = openJournal(file);
    expect(again.records).toHaveLength(2);
    again.close();
  });
});

describe('executor', () => {
  const action: Action = { kind: 'do', record: started(1) };
  const quiet = { began: () => {}, ended: () => {}, unwritten: () => {} };

  test('the beginning is on disk before the deed, the end after it', async () => {
    const file = newFile();
    const journal = openJournal(file);
    const seen: string[] = [];
    const act = async () => {
      seen.push(readFileSync(file, 'utf8'));
      return { outcome: 'done' as const };
    };
    const executor = createExecutor(journal, { act, look: act }, quiet, () => 2);
    executor.carryOut([action]);
    await executor.idle();
    expect(seen).toEqual([`${JSON.stringify(started(1))}\n`]);
    expect(journal.records).toEqual([started(1), ended(2, 1)]);
    expect([...executor.running]).toEqual([]);
    journal.close();
  });

  test('what cannot be written down is not done, and said', async () => {
    const told: string[] = [];
    let acts = 0;
    const full: Journal = {
      records: [],
      append: () => {
        throw new Error('ENOSPC');
      },
      compact: () => {},
      close: () => {},
    };
    const act = async () => {
      acts++;
      return { outcome: 'done' as const };
    };
    const executor = createExecutor(
      full,
      { act, look: act },
      { ...quiet, unwritten: ({ message }) => told.push(message) },
    );
    executor.carryOut([action, action]);
    await executor.idle();
    expect([acts, told]).toEqual([0, ['ENOSPC']]);
  });

  test('an end that cannot be written holds the workload until it can', async () => {
    const records: HistoryRecord[] = [];
    let full = false;
    const journal: Journal = {
      records,
      append: record => {
        if (full) throw new Error('ENOSPC');
        records.push(record);
      },
      compact: () => {},
      close: () => {},
    };
    const act = async () => {
      full = true;
      return { outcome: 'done' as const };
    };
    const executor = createExecutor(journal, { act, look: act }, quiet, () => 2);
    executor.carryOut([action]);
    await executor.idle();
    expect([...executor.running]).toEqual([started(1).id]);
    expect(records).toEqual([started(1)]);
    full = false;
    executor.carryOut([]);
    expect(records).toEqual([started(1), ended(2, 1)]);
    expect([...executor.running]).toEqual([]);
  });

  test('a deed that throws is unclear, not undone', async () => {
    const journal = openJournal(newFile());
    const act = async () => {
      throw new Error('the socket is gone');
    };
    const executor = createExecutor(journal, { act, look: act }, quiet, () => 2);
    executor.carryOut([action]);
    await executor.idle();
    expect(journal.records[1]).toMatchObject({ outcome: 'unclear', reason: 'the socket is gone' });
    journal.close();
  });
});

describe('memory', () => {
  test('wishes, their revisions and the name of the agent outlive it', () => {
    const place = path.join(folder, 'memory');
    const before = openMemory(place);
    const asked = wish(NOTHING_DESIRED, { workload: KEY, feature: 'observe', value: 'on', source: 'file' }, 1);
    before.setDesired(asked);
    before.setKnown(new Map([[KEY, { name: 'app', serviceName: 'app', firstSeen: 1, providers: ['openai'] }]]));
    const after = openMemory(place);
    expect(after.desired).toEqual(asked);
    expect(after.instance).toBe(before.instance);
    expect(after.known.get(KEY)).toMatchObject({ serviceName: 'app', firstSeen: 1 });
  });

  test('a file that is no JSON is said, and not taken for nothing', () => {
    const place = path.join(folder, 'broken');
    openMemory(place);
    appendFileSync(path.join(place, 'desired.json'), '{"wishes": [');
    expect(() => openMemory(place)).toThrow('desired.json cannot be read');
  });

  test('what a person asks for is taken up once, and what makes no sense is left out', () => {
    const place = path.join(folder, 'asked');
    takeRequests(place, () => {
      throw new Error('nobody asked');
    });
    askFor(place, { action: 'recover', workload: KEY });
    askFor(place, { action: 'recover', workload: KEY });
    writeFileSync(path.join(place, 'requests', 'x.json'), '{');
    const taken: string[] = [];
    takeRequests(place, ({ workload }) => taken.push(workload));
    takeRequests(place, ({ workload }) => taken.push(workload));
    expect(taken).toEqual([KEY]);
  });
});
