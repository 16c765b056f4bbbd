import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { rowAt } from '../../src/store/call-table.js';
import { follow } from '../../src/store/follow.js';
import { type Change, openReader } from '../../src/store/reader.js';
import { call, hex, keep, newFolder, RUN, START, step } from './kept.js';

let folder: string;
beforeEach(() => {
  folder = newFolder();
});
afterEach(() => rmSync(path.dirname(folder), { recursive: true, force: true }));

const LATER = { started: '2026-01-03T00:00:00.000Z', pid: 7, program: 'node' };

describe('reading', () => {
  test('a row has what the line says, and nothing that it does not', async () => {
    keep(folder, [
      call({
        id: 1,
        tokens: [10, 5],
        cost: 0.25,
        session: 's1',
        took: 1500,
        more: { first_chunk: `${START + 200}000000` },
      }),
      call({ id: 2, error: 'rate_limit', parent: 9, more: { role: 'server', partial: ['gap'], same_as: hex(1) } }),
    ]);
    const reader = openReader({ folder });
    await reader.read();
    expect(rowAt(reader.table, 0)).toEqual({
      row: 0,
      kind: 'llm',
      id: hex(1),
      traceId: hex(1, 32),
      run: 0,
      process: 'python3',
      pid: 4242,
      start: START,
      duration: 1.5,
      firstChunk: expect.closeTo(0.2, 5),
      provider: 'openai',
      model: 'gpt-4o-mini',
      operation: 'chat',
      session: 's1',
      inputTokens: 10,
      outputTokens: 5,
      cost: { amount: 0.25, currency: 'USD' },
      finish: 'stop',
      partial: false,
      server: false,
      again: false,
      content: false,
      stream: true,
    });
    const second = rowAt(reader.table, 1);
    expect(second).toMatchObject({ error: 'rate_limit', parentId: hex(9), partial: true, server: true, again: true });
    for (const absent of ['inputTokens', 'outputTokens', 'cost', 'firstChunk', 'session', 'finish', 'name'])
      expect(second).not.toHaveProperty(absent);
  });

  test('steps and MCP calls are rows too', async () => {
    keep(folder, [
      step(1, 'invoke_agent helper', { status: 'error' }),
      call({ id: 2, attributes: { 'mcp.method.name': 'tools/call', 'gen_ai.tool.name': 'weather' } }),
    ]);
    const reader = openReader({ folder });
    await reader.read();
    expect(rowAt(reader.table, 0)).toMatchObject({ kind: 'span', name: 'invoke_agent helper', error: 'error' });
    expect(rowAt(reader.table, 1)).toMatchObject({ kind: 'mcp', provider: 'mcp', model: 'tools/call weather' });
    expect(reader.runs[0]).toMatchObject({ calls: 1, spans: 1 });
  });

  test('runs, the newest read first, with what is known of each', async () => {
    keep(folder, [call({ id: 1, took: 2000 }), call({ id: 2, more: { same_as: hex(1) } })]);
    keep(folder, [call({ id: 3 })], LATER);
    const reader = openReader({ folder });
    const changes: Change[] = [];
    await reader.read(change => changes.push(change));
    expect(changes).toEqual([
      { from: 0, to: 1, runs: [0] },
      { from: 1, to: 3, runs: [1] },
    ]);
    expect(reader.runs).toMatchObject([
      { program: 'node', pid: 7, started: Date.parse(LATER.started), calls: 1 },
      { program: 'python3', pid: 99, way: 'run', key: '2026-01-02T030405.678Z-99', last: START + 2000, calls: 1 },
    ]);
  });

  test('the files of a run that grew large are one run', async () => {
    const first = keep(folder, [call({ id: 1 })]);
    writeFileSync(
      first.replace('.ndjson', '.1.ndjson'),
      `${JSON.stringify({ version: 1, run: RUN })}\n${JSON.stringify(call({ id: 2 }))}\n`,
    );
    const reader = openReader({ folder });
    await reader.read();
    expect(reader.runs).toHaveLength(1);
    expect(reader.runs[0]!.calls).toBe(2);
  });

  test('no folder, other files and broken lines are no error', async () => {
    const reader = openReader({ folder });
    expect(await reader.read()).toEqual({ from: 0, to: 0, runs: [] });
    const not = ['{"half', '[]', 'null', '7', '{"id":"zz","trace_id":"1"}', '{"attributes":null}', ''];
    keep(folder, [call({ id: 1 }), ...not.map(line => `${line}\n`), call({ id: 2 })]);
    writeFileSync(path.join(folder, 'notes.txt'), 'mine');
    await reader.read();
    expect(reader.runs).toMatchObject([{ calls: 2, broken: not.length }]);
    expect([rowAt(reader.table, 0).id, rowAt(reader.table, 1).id]).toEqual([hex(1), hex(2)]);
  });

  test('a last line that is cut is waited for', async () => {
    const line = JSON.stringify(call({ id: 2, model: 'größer' }));
    const bytes = Buffer.from(`${line}\n`);
    const file = keep(folder, [call({ id: 1 })]);
    const reader = openReader({ folder });
    for (const [from, to] of [
      [0, 30],
      [30, bytes.indexOf('ß') + 1],
      [bytes.indexOf('ß') + 1, bytes.length - 1],
    ] as const) {
      appendFileSync(file, bytes.subarray(from, to));
      await reader.read();
      expect(reader.table.length).toBe(1);
    }
    appendFileSync(file, '\n');
    expect(await reader.read()).toEqual({ from: 1, to: 2, runs: [0] });
    expect(rowAt(reader.table, 1).model).toBe('größer');
    expect(reader.runs[0]!.broken).toBe(0);
  });

  test('a line of many megabytes is read, and comes back whole', async () => {
    const text = 'ä'.repeat(3_000_000);
    keep(folder, [call({ id: 1, more: { output_text: text } }), call({ id: 2 })]);
    const reader = openReader({ folder });
    await reader.read();
    expect(reader.table.length).toBe(2);
    expect(((await reader.line(0)) as { output_text: string }).output_text).toBe(text);
  });

  test('many calls: rows, numbers and lines stay together while the columns grow', async () => {
    keep(
      folder,
      Array.from({ length: 5000 }, (_, id) => call({ id: id + 1, model: `m${id % 7}`, tokens: [id, 2 * id] })),
    );
    const reader = openReader({ folder });
    await reader.read();
    for (const row of [0, 1023, 1024, 2500, 4999]) {
      expect(rowAt(reader.table, row)).toMatchObject({ id: hex(row + 1), model: `m${row % 7}`, outputTokens: 2 * row });
      expect((await reader.line(row))?.id).toBe(hex(row + 1));
    }
    const seen: number[] = [];
    for await (const [row, bytes] of reader.bytes([4999, 3, 700])) {
      expect(JSON.parse(bytes.toString()).id).toBe(hex(row + 1));
      seen.push(row);
    }
    expect(seen).toEqual([3, 700, 4999]);
  });

  test('a run that was removed is gone, and its lines are absent', async () => {
    const file = keep(folder, [call({ id: 1 })]);
    keep(folder, [call({ id: 2 })], LATER);
    const reader = openReader({ folder });
    await reader.read();
    rmSync(file);
    expect(await reader.read()).toEqual({ from: 2, to: 2, runs: [1] });
    expect(reader.runs.map(({ gone }) => gone)).toEqual([false, true]);
    expect(await reader.line(1)).toBeUndefined();
    expect((await reader.line(0))?.id).toBe(hex(2));
  });

  test('two reads at once add each call once', async () => {
    keep(folder, [call({ id: 1 }), call({ id: 2 })]);
    const reader = openReader({ folder });
    await Promise.all([reader.read(), reader.read(), reader.read()]);
    expect(reader.table.length).toBe(2);
  });

  test('only the runs that are asked for', async () => {
    keep(folder, [call({ id: 1 })]);
    keep(folder, [call({ id: 2 })], LATER);
    const reader = openReader({ folder, only: ({ started }) => started > START });
    await reader.read();
    expect(reader.runs.map(({ program }) => program)).toEqual(['node']);
  });
});

describe('reading while somebody looks on', () => {
  const MANY = 6000;
  const many = () => Array.from({ length: MANY }, (_, id) => call({ id: id + 1, at: id, model: 'm'.repeat(200) }));

  test('the end of a long file comes first, each call once, and each piece is told and waited for', async () => {
    const file = keep(folder, many());
    appendFileSync(file, '{"half');
    const seen: number[] = [];
    const changes: Change[] = [];
    const reader = openReader({
      folder,
      watched: () => {
        seen.push(reader.table.length);
        return undefined;
      },
    });
    await reader.read(change => changes.push(change));
    // The newest call is in the first piece, and the first one in none before the last.
    const places = Array.from({ length: reader.table.length }, (_, row) =>
      Number.parseInt(rowAt(reader.table, row).id, 16),
    );
    expect(places.indexOf(MANY)).toBeLessThan(seen[0]!);
    expect(places.indexOf(1)).toBeGreaterThanOrEqual(seen[0]!);
    expect(places.toSorted((a, b) => a - b)).toEqual(Array.from({ length: MANY }, (_, index) => index + 1));
    expect(seen.length).toBeGreaterThan(2);
    expect(changes.map(({ from }) => from)).toEqual([0, ...seen.slice(0, -1)]);
    expect(changes.at(-1)!.to).toBe(MANY);
    expect(reader.runs).toMatchObject([{ program: 'python3', calls: MANY, broken: 0 }]);
    for (const row of [0, seen[0]!, MANY - 1]) expect((await reader.line(row))?.id).toBe(rowAt(reader.table, row).id);

    appendFileSync(file, `\n${JSON.stringify(call({ id: MANY + 1 }))}\n`);
    await reader.read();
    expect(rowAt(reader.table, MANY).id).toBe(hex(MANY + 1));
    expect(reader.runs).toMatchObject([{ calls: MANY + 1, broken: 1 }]);
  });

  test('a long file that ends in one long line is read from its start', async () => {
    keep(folder, [...many(), call({ id: MANY + 1, more: { output_text: 'x'.repeat(3_000_000) } })]);
    const reader = openReader({ folder, watched: () => undefined });
    await reader.read();
    expect(reader.table.length).toBe(MANY + 1);
    expect(reader.runs).toMatchObject([{ calls: MANY + 1, broken: 0 }]);
  });

  test('a read that fails half-way is no end: nothing is left out the next time', async () => {
    keep(folder, many());
    let fails = true;
    const reader = openReader({
      folder,
      watched: () => {
        if (fails) throw new Error('gone');
        return undefined;
      },
    });
    await expect(reader.read()).rejects.toThrow('gone');
    fails = false;
    await reader.read();
    const ids = new Set(Array.from({ length: reader.table.length }, (_, row) => rowAt(reader.table, row).id));
    expect(ids.size).toBe(MANY);
  });
});

describe('following', () => {
  test('a folder that comes later, new runs, what is added and what goes', async () => {
    const reader = openReader({ folder });
    const waiting: { enough: () => boolean; done: () => void }[] = [];
    const changes: Change[] = [];
    const until = (enough: () => boolean) => new Promise<void>(done => waiting.push({ enough, done }));
    const stop = follow(
      reader,
      change => {
        changes.push(change);
        for (const { enough, done } of waiting) if (enough()) done();
      },
      error => {
        throw error;
      },
    );
    try {
      const rows = (count: number) => until(() => reader.table.length === count);
      let next = rows(1);
      const file = keep(folder, [call({ id: 1 })]);
      await next;
      next = rows(2);
      appendFileSync(file, `${JSON.stringify(call({ id: 2 }))}\n{"half`);
      await next;
      next = rows(3);
      keep(folder, [call({ id: 3 })], LATER);
      await next;
      const gone = until(() => reader.runs[0]!.gone);
      rmSync(file);
      await gone;
      expect(changes.map(({ from, to }) => to - from)).toEqual([1, 1, 1, 0]);
      expect(changes.at(-1)!.runs).toEqual([0]);
    } finally {
      stop();
    }
  });
});
