import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { summaryOf } from '../../src/cli/summary-flag.js';
import { Totals } from '../../src/report/totals.js';
import { lookAt } from '../../src/runs/kept-run.js';
import { writeSummary } from '../../src/runs/summary-file.js';
import { runId } from '../../src/store/kept-lines.js';
import { reportedCall } from '../support/reported-calls.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'kept-run-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const FACTS = { way: 'attach', program: 'attach', started: new Date(0), run: runId('x') } as const;

test('a summary says which kept run has its calls; without calls there is none', () => {
  const file = path.join(folder, 'summary.json');
  const totals = new Totals();
  expect(writeSummary(file, totals, FACTS)).toBeUndefined();
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ version: 1, way: 'attach', calls: 0, run: null });
  totals.add(reportedCall());
  writeSummary(file, totals, FACTS);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ calls: 1, run: FACTS.run, models: [{ calls: 1 }] });
  writeSummary(file, totals, { ...FACTS, run: undefined });
  expect(JSON.parse(readFileSync(file, 'utf8')).run).toBeNull();
});

test('a summary that cannot be written is a reason and no error', () => {
  writeFileSync(path.join(folder, 'file'), '');
  expect(writeSummary(path.join(folder, 'file', 'x'), new Totals(), FACTS)).toMatch(
    /^the summary was not written: ENOTDIR at /,
  );
  expect(readdirSync(folder)).toEqual(['file']);
});

test('under sudo the calls lie with root', () => {
  expect(lookAt({ SUDO_UID: '1000' }, 0)).toBe(
    'each call: sudo openlit-instrument show last · in the browser: sudo openlit-instrument ui',
  );
  expect(lookAt({}, 0)).not.toContain('sudo');
  expect(lookAt({ SUDO_UID: '1000' }, 1000)).not.toContain('sudo');
});

test('attach sums up calls, and no exchanges', () => {
  expect(summaryOf({ 'summary-json': 'x', format: 'json' })).toBe('x');
  expect(summaryOf({ format: 'exchanges' })).toBeUndefined();
  expect(() => summaryOf({ 'summary-json': 'x', format: 'exchanges' })).toThrow(
    expect.objectContaining({ code: 'SUMMARY_OF_EXCHANGES', exit: 2 }),
  );
});
