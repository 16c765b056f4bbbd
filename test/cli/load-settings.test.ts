/** Wrong settings never stop a launch, and never show more than was wanted; our own commands name all of them at once. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { splitWords } from '../../src/cli/argv.js';
import { loadLaunchSettings, loadSettings } from '../../src/cli/load-settings.js';
import { formatProblem, type Problem } from '../../src/errors.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'settings-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function put(text: string): string {
  const file = path.join(folder, 'openlit.yml');
  writeFileSync(file, text);
  return file;
}

function flagsOf(...typed: string[]) {
  const words = splitWords([...typed, 'x']);
  return words.kind === 'launch' ? words.flags : [];
}

const launch = (...typed: string[]) => loadLaunchSettings(flagsOf(...typed), {});
const own = (...typed: string[]) =>
  loadSettings(flagsOf(...typed), {}).then(
    () => undefined,
    (error: Problem) => error,
  );

const THREE =
  'aplication_name: x\nendpoint: http://h:1\ntraces:\n  sampling_rate: 3\ncontent:\n  capture: span\n  max_lenght: 5\n';

test('three errors are three lines, each with its line; what is right is used', async () => {
  const file = put(THREE);
  const { settings, notes } = await launch('--config', file);
  expect(notes.slice(0, 3)).toEqual([
    `${file}:1: unknown key aplication_name: did you mean application_name?`,
    `${file}:4: traces.sampling_rate is 3: allowed: a number from 0 to 1`,
    `${file}:7: unknown key content.max_lenght: did you mean content.max_length?`,
  ]);
  expect(settings).toMatchObject({ otlp: { endpoint: 'http://h:1' }, disabled: false, captureContent: 'off' });
  expect(notes[3]).toContain('messages are not recorded');
  const problem = await own('--config', file);
  expect(formatProblem(problem!).split('\n')).toHaveLength(4);
  expect(problem!.exit).toBe(2);
});

test.each([
  ['b: [\nc: 2\n', 1],
  ['application_name: x\n  endpoint: http://h\n', 2],
  ['a: 1\napplication_name: "x\nendpoint: y\n', 2],
])('%j cannot be read: the line at fault, and the program runs bare', async (text, line) => {
  const file = put(text);
  const { settings, notes } = await launch('--config', file);
  expect(notes[0]).toContain(`${file}:${line}: `);
  expect(notes.at(-1)).toBe('the program runs un-instrumented until this is fixed');
  expect(settings.disabled).toBe(true);
});

test.each(['filters:\n  exclude_endpoint: [a]\n', 'instrumentation:\n  enabled: perhaps\n'])(
  'what may keep calls out is not ignored: %j',
  async text => {
    expect((await launch('--config', put(text))).settings.disabled).toBe(true);
  },
);

test('a pattern that is none is named at the start; without it no message is recorded', async () => {
  const { settings, notes } = await launch('--redact-pattern', '(', '--redact-pattern', 'a+', '--capture-content');
  expect(notes[0]).toBe('--redact-pattern "(" is not a regular expression: Unterminated group');
  expect(settings).toMatchObject({ captureContent: 'off', redactPatterns: ['a+'], disabled: false });
  expect((await own('--redact-pattern', '('))!.exit).toBe(2);
});

test.each([
  ['--pricing-file', 'the pricing file'],
  ['--headers-file', 'the headers file'],
])('%s that is not there', async (flag, what) => {
  const file = path.join(folder, 'none');
  const { settings, notes } = await launch(flag, file);
  expect(notes[0]).toBe(`${what} ${file} cannot be read: no such file`);
  expect(settings).toMatchObject({ disabled: false });
  expect(settings.pricingFile).toBeUndefined();
  expect((await own(flag, file))!.message).toContain(what);
});

test('an inherited exporter that beats an explicit endpoint is named', async () => {
  const { notes } = await loadLaunchSettings(flagsOf('--endpoint', 'http://h:1'), { OTEL_TRACES_EXPORTER: 'none' });
  expect(notes).toEqual([
    'OTEL_TRACES_EXPORTER=none is set, so no span is sent to --endpoint; --traces-exporter otlp sends them',
  ]);
  const { notes: none } = await loadLaunchSettings(flagsOf('--endpoint', 'http://h:1', '--traces-exporter', 'otlp'), {
    OTEL_TRACES_EXPORTER: 'none',
  });
  expect(none).toEqual([]);
});
