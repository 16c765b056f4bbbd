import { rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { rowAt } from '../../src/store/call-table.js';
import { byStart, type CallFilter, rowsOfId, selectRows } from '../../src/store/filter.js';
import { openReader, type Reader } from '../../src/store/reader.js';
import { searchText } from '../../src/store/search.js';
import { groupRows, sumRows } from '../../src/store/sums.js';
import { type TreeNode, traceTrees } from '../../src/store/trace-tree.js';
import { call, hex, keep, newFolder, START, step } from './kept.js';

const folder = newFolder();
let reader: Reader;

const DAY = 86_400_000;
const messages = (text: string) => ({
  'gen_ai.input.messages': JSON.stringify([{ role: 'user', parts: [{ type: 'text', content: text }] }]),
});

beforeAll(async () => {
  keep(folder, [
    call({
      id: 0xa1,
      at: 3000,
      took: 500,
      tokens: [10, 5],
      cost: 0.01,
      session: 's1',
      attributes: messages('Größe "eins"\n'),
    }),
    call({ id: 0xa2, at: 1000, took: 2500, tokens: [20, 7], cost: 0.5, session: 's1', model: 'gpt-4o' }),
    call({ id: 0xb1, at: 2000, error: 'rate_limit_exceeded', provider: 'anthropic', model: 'claude-x', took: 9000 }),
    call({ id: 0xb2, at: 2000, more: { same_as: hex(0xa1) }, tokens: [10, 5], cost: 0.01 }),
    call({ id: 0xb3, at: DAY, took: 100, more: { process: 'node', cost: { amount: 2, currency: 'EUR' } } }),
    step(0xc1, 'invoke_agent helper', { parent: 0xdd }),
    step(0xc2, 'execute_tool weather', { parent: 0xc1, at: 10, attributes: { 'gen_ai.tool.name': 'weather' } }),
    call({ id: 0xc3, at: 5, parent: 0xc1, trace: 1, model: 'nested' }),
  ]);
  reader = openReader({ folder });
  await reader.read();
});

afterAll(() => rmSync(path.dirname(folder), { recursive: true, force: true }));

const idsOf = (rows: readonly number[]) => rows.map(row => rowAt(reader.table, row).id.replace(/^0+/, ''));
const select = (filter: CallFilter) => idsOf(selectRows(reader.table, filter));

describe('filters', () => {
  test.each<[filter: CallFilter, ids: string[]]>([
    [{}, ['a1', 'a2', 'b1', 'b3', 'c3']],
    [{ again: true }, ['a1', 'a2', 'b1', 'b2', 'b3', 'c3']],
    [{ model: 'GPT-4o' }, ['a2']],
    [{ model: 'gpt*' }, ['a1', 'a2', 'b3']],
    [{ model: 'gpt.4o' }, []],
    [{ model: 'unknown' }, []],
    [{ provider: 'anthropic' }, ['b1']],
    [{ process: 'node' }, ['b3']],
    [{ session: 's1' }, ['a1', 'a2']],
    [{ error: true }, ['b1']],
    [{ error: false, slower: 1 }, ['a2', 'c3']],
    [{ error: 'rate*' }, ['b1']],
    [{ slower: 2.5 }, ['a2', 'b1']],
    [{ dearer: 0.5 }, ['a2', 'b3']],
    [{ since: START + DAY }, ['b3']],
    [{ until: START + 1000 }, ['c3']],
    [{ runs: [0], model: 'nested' }, ['c3']],
    [{ runs: [5] }, []],
    [{ pid: 4242, dearer: 1 }, ['b3']],
    [{ pid: 1 }, []],
    [{ kinds: ['span'] }, ['c1', 'c2']],
    [{ trace: hex(1, 32), kinds: ['span', 'llm'], model: 'nested' }, ['c3']],
    [{ trace: hex(2, 32) }, []],
    [{ trace: 'no id' }, []],
  ])('%j', (filter, ids) => expect(select(filter)).toEqual(ids));

  test('rows that were added since', () => {
    expect(idsOf(selectRows(reader.table, {}, 4))).toEqual(['b3', 'c3']);
  });

  test('by time', () => {
    expect(idsOf(byStart(reader.table, selectRows(reader.table)))).toEqual(['c3', 'a2', 'b1', 'a1', 'b3']);
  });

  test('ids by their beginning', () => {
    expect(idsOf(rowsOfId(reader.table, hex(0xa1)))).toEqual(['a1']);
    expect(idsOf(rowsOfId(reader.table, hex(0xa1).slice(0, 15)))).toEqual(['a1', 'a2']);
    expect(idsOf(rowsOfId(reader.table, hex(0xa1).slice(0, 14)))).toHaveLength(8);
    expect(rowsOfId(reader.table, 'A'.repeat(16))).toEqual([]);
    expect(rowsOfId(reader.table, 'xyz')).toEqual([]);
  });
});

describe('text', () => {
  const search = async (text: string) => idsOf(await searchText(reader, selectRows(reader.table), text));
  test('in messages, whatever had to be escaped in it; upper and lower case are one', async () => {
    for (const text of ['größe', 'GRÖSSE "eins'.replace('SS', 'ß'), '"eins"\n'])
      expect(await search(text)).toEqual(['a1']);
  });
  test('the words of the form are no text', async () => {
    for (const word of ['parts', 'role', 'gen_ai', 'trace_id']) expect(await search(word)).toEqual([]);
  });
  test('models and errors too', async () => {
    expect(await search('claude')).toEqual(['b1']);
    expect(await search('rate_limit')).toEqual(['b1']);
  });
});

describe('sums', () => {
  test('absent is not 0, currencies are not added, calls seen again and steps do not count', () => {
    const sums = sumRows(reader.table, selectRows(reader.table, { again: true, kinds: ['llm', 'mcp', 'span'] }));
    expect(sums).toEqual({
      calls: 5,
      errors: 1,
      partial: 0,
      inputTokens: 30,
      outputTokens: 12,
      cost: { USD: 0.51, EUR: 2 },
      withoutTokens: 2,
      withoutCost: 1,
      duration: { p50: 0.75, p95: expect.closeTo(2.275, 6) },
      first: START + 5,
      last: START + DAY,
    });
    expect(sumRows(reader.table, [])).toEqual({
      calls: 0,
      errors: 0,
      partial: 0,
      cost: {},
      withoutTokens: 0,
      withoutCost: 0,
    });
  });

  test.each([
    ['model', ['gpt-4o-mini 2', 'gpt-4o 1', 'claude-x 1', 'nested 1']],
    ['session', ['undefined 3', 's1 2']],
    ['program', ['node 1', 'python3 4']],
    ['provider', ['openai 4', 'anthropic 1']],
    ['run', ['2026-01-02T030405.678Z-99 5']],
  ] as const)('by %s, the dearest first', (by, expected) => {
    const groups = groupRows(reader.table, selectRows(reader.table), by, reader.runs);
    expect(groups.map(({ key, sums }) => `${key} ${sums.calls}`)).toEqual(expected);
  });

  test('by local day, in their order', () => {
    const groups = groupRows(reader.table, selectRows(reader.table), 'day', reader.runs);
    const local = (milliseconds: number) => new Date(milliseconds).toLocaleDateString('sv-SE');
    expect(groups.map(({ key, sums }) => [key, sums.calls])).toEqual([
      [local(START), 4],
      [local(START + DAY), 1],
    ]);
  });
});

describe('trees', () => {
  const shape = ({ row, children }: TreeNode): unknown => {
    const [id] = idsOf([row]);
    return children.length === 0 ? id : [id, ...children.map(shape)];
  };

  test('children below their parents by time; one whose parent is not there is a root', () => {
    const rows = selectRows(reader.table, { trace: hex(1, 32), kinds: ['llm', 'span'] });
    expect(traceTrees(reader.table, rows).map(shape)).toEqual([['c1', 'c3', 'c2'], 'a2', 'b1', 'a1', 'b3']);
  });

  test('rows that are each other’s parents are all shown', async () => {
    const other = newFolder();
    keep(other, [
      step(1, 'a', { parent: 2 }),
      step(2, 'b', { parent: 1 }),
      step(3, 'c', { parent: 1 }),
      step(4, 'd', { parent: 4 }),
    ]);
    const looped = openReader({ folder: other });
    await looped.read();
    const trees = traceTrees(looped.table, [0, 1, 2, 3]);
    const count = ({ children }: TreeNode): number => 1 + children.reduce((sum, child) => sum + count(child), 0);
    expect(trees.reduce((sum, tree) => sum + count(tree), 0)).toBe(4);
    rmSync(path.dirname(other), { recursive: true, force: true });
  });
});
