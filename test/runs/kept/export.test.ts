import { rmSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type ExportFormat, exportOf } from '../../../src/runs/kept/export.js';
import { findTarget } from '../../../src/runs/kept/targets.js';
import { openReader, type Reader } from '../../../src/store/reader.js';
import { call, hex, keep, newFolder, step } from '../../store/kept.js';

let folder: string;
let reader: Reader;
beforeEach(() => {
  folder = newFolder();
  reader = openReader({ folder });
});
afterEach(() => rmSync(path.dirname(folder), { recursive: true, force: true }));

async function exported(format: ExportFormat): Promise<string> {
  await reader.read();
  const rows = [...Array(reader.table.length).keys()];
  let text = '';
  for await (const piece of exportOf(format, reader, rows, '9.9.9')) text += piece;
  return text;
}

test('csv: cells are quoted where they have to be, and none is a formula', async () => {
  const attributes = {
    'gen_ai.input.messages': JSON.stringify([{ role: 'user', parts: [{ type: 'text', content: 'a "b",\nc' }] }]),
  };
  keep(folder, [
    call({ model: '=HYPERLINK("http://x")', attributes, cost: 0.5, more: { output_text: '-1+2' } }),
    step(2, 'tool'),
  ]);
  const text = await exported('csv');
  expect(text.split('\r\n')).toHaveLength(3); // a head, a call, an end
  expect(text).toContain(`"'=HYPERLINK(""http://x"")"`);
  expect(text).toContain('"a ""b"",\nc"');
  expect(text).toContain(",'-1+2\r\n");
  expect(text).toContain(',0.5,USD,');
});

test('otlp: steps and calls in one trace, a request a thousand; a call without a time is left out', async () => {
  const many = Array.from({ length: 1500 }, (_, index) => call({ id: index + 10, parent: 2 }));
  const { start: _start, end: _end, ...timeless } = call({ id: 5 });
  keep(folder, [
    step(2, 'agent', { status: 'error', error_message: 'why' }),
    call({ id: 3, error: 'oops', more: { role: 'server' } }),
    timeless,
    ...many,
  ]);
  const requests = (await exported('otlp'))
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line));
  const spans = requests.map(({ resourceSpans: [{ scopeSpans }] }) => scopeSpans[0].spans);
  expect(spans.map(each => each.length)).toEqual([1000, 502]);
  expect(spans[0][0]).toMatchObject({ name: 'agent', kind: 1, status: { code: 2, message: 'why' } });
  expect(spans[0][1]).toMatchObject({ name: 'chat gpt-4o-mini', kind: 2, status: { code: 2 }, spanId: hex(3) });
  expect(spans[0][2]).toMatchObject({ parentSpanId: hex(2), traceId: hex(1, 32), kind: 3 });
  expect(requests[0].resourceSpans[0].resource.attributes).toContainEqual({
    key: 'service.name',
    value: { stringValue: 'python3' },
  });
});

test('json and har of nothing are documents too', async () => {
  expect(JSON.parse(await exported('json'))).toEqual([]);
  expect(JSON.parse(await exported('har')).log.entries).toEqual([]);
  expect(await exported('otlp')).toBe('');
});

test('har: what is not known is not made up', async () => {
  keep(folder, [call({ attributes: { 'server.address': '::1', 'server.port': 8080 } }), call({ id: 2 })]);
  const { entries } = JSON.parse(await exported('har')).log;
  expect(entries.map(({ request }: { request: { url: string } }) => request.url)).toEqual([
    'https://[::1]:8080/',
    'https://unknown.invalid/',
  ]);
  expect(entries[0].response.status).toBe(0);
  expect(entries[0].request.headers).toEqual([]);
});

test('what a word means', async () => {
  keep(folder, [call({ id: 0xab00 }), call({ id: 0xab01 })]);
  keep(folder, [call({ id: 0xcd00 })], { started: '2026-05-01T00:00:00.000Z', pid: 5 });
  await reader.read();
  const newest = reader.runs.find(({ pid }) => pid === 5)!;
  expect(findTarget(reader, 'last')).toEqual({ kind: 'run', run: newest });
  expect(findTarget(reader, newest.id)).toEqual({ kind: 'run', run: newest });
  expect(findTarget(reader, newest.key)).toEqual({ kind: 'run', run: newest });
  expect(findTarget(reader, 'all')).toEqual({ kind: 'all' });
  expect(findTarget(reader, hex(0xcd00))).toMatchObject({ kind: 'call' });
  expect(() => findTarget(reader, hex(0xab00).slice(0, 14))).toThrow('is the beginning of 2 ids');
  expect(() => findTarget(reader, 'nothing')).toThrow('no kept run or call has the id nothing');
  expect(() => findTarget(openReader({ folder: '/nowhere' }), 'last')).toThrow('no calls are kept yet');
});
