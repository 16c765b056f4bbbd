import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { OWN_COMMANDS, splitWords, type Words } from '../../src/cli/argv.js';
import { FLAGS } from '../../src/config/flags.js';
import type { Problem } from '../../src/errors.js';

const program = (words: Words) => (words.kind === 'launch' ? words.program : words);
const flags = (words: Words) =>
  words.kind === 'launch' ? Object.fromEntries(words.flags.map(({ row, value }) => [row.id, value])) : words;

function refused(typed: string[]): Problem {
  try {
    splitWords(typed);
  } catch (error) {
    return error as Problem;
  }
  throw new Error(`accepted: ${typed.join(' ')}`);
}

describe("the program's words are left alone", () => {
  test.each<[string, string[]]>([
    ['a module and its help', ['python', '-m', 'x', '--help']],
    ['a version flag', ['node', '--version']],
    ['repeated words', ['echo', 'a', 'b', 'a']],
    ['two dashes of the program', ['echo', 'a', '--', 'b', '--']],
    ['empty words, spaces, newlines', ['x', '', ' ', '\n', 'a b']],
    ['unicode', ['x', 'héllo', '日本語', '🙂']],
    ['flags named like ours', ['node', 'x.js', '--service-name', 'inner', '--endpoint=y']],
    ['a lone dash', ['cat', '-']],
    ['one of our words as an argument', ['python', 'attach', 'run', 'help']],
    ['100 kB', ['x', 'y'.repeat(100_000)]],
  ])('%s', (_name, words) => {
    for (const typed of [words, ['--', ...words], ['run', ...words], ['run', '--', ...words]]) {
      expect(program(splitWords(typed))).toEqual(words);
    }
    expect(program(splitWords(['--service-name', 'svc', ...words]))).toEqual(words);
    expect(program(splitWords(['--quiet', '--', ...words]))).toEqual(words);
  });

  test.each([...OWN_COMMANDS, 'help', '--help', '-v', '--service-name'])('a program called %s behind --', name => {
    expect(program(splitWords(['--', name, '--pid', '1']))).toEqual([name, '--pid', '1']);
    expect(program(splitWords(['run', '--', name]))).toEqual([name]);
  });

  test('its place among the typed words is known', () => {
    expect(splitWords(['--quiet', '--', 'echo', 'a'])).toMatchObject({ programAt: 2 });
    expect(splitWords(['run', 'echo'])).toMatchObject({ programAt: 1 });
  });
});

describe('our own words', () => {
  test('a command of ours goes to oclif whole', () => {
    expect(splitWords(['attach', '--pid', '12', '--json'])).toEqual({
      kind: 'own',
      words: ['attach', '--pid', '12', '--json'],
    });
  });

  test.each<[string[], string[]]>([
    [[], ['--help']],
    [['--help'], ['--help']],
    [['-h'], ['--help']],
    [['help'], ['--help']],
    [
      ['help', 'attach'],
      ['attach', '--help'],
    ],
    [
      ['run', '--help'],
      ['run', '--help'],
    ],
    [
      ['--quiet', '--help', 'python'],
      ['run', '--help'],
    ],
  ])('%j is help', (typed, words) => {
    expect(splitWords(typed)).toEqual({ kind: 'own', words });
  });

  test.each([['--version'], ['-v'], ['-V']])('%s', word => {
    expect(splitWords([word])).toEqual({ kind: 'version' });
  });

  test('the list of our commands is the folder of commands', () => {
    const folder = path.resolve(import.meta.dirname, '../../src/commands');
    const names = readdirSync(folder, { withFileTypes: true }).map(entry => entry.name.replace(/\.ts$/, ''));
    expect(names.filter(name => !OWN_COMMANDS.has(name))).toEqual([]);
    expect([...OWN_COMMANDS].filter(name => !names.includes(name))).toEqual([]);
  });
});

describe('our flags', () => {
  test('values in the same word, in the next word, with = inside', () => {
    expect(flags(splitWords(['--service-name', 'a', '--environment=b=c', 'x']))).toEqual({
      serviceName: 'a',
      environment: 'b=c',
    });
  });

  test('each flag is known with hyphens and with underscores', () => {
    for (const row of FLAGS) {
      for (const name of row.flags) {
        const amounts = { count: '3', fraction: '0.5', size: '1MB', age: '1d', money: '1' };
        const values = { switch: 'true', url: 'http://h:1', pairs: 'a=b', json: '{}', ...amounts };
        const value = values[row.kind as 'json'];
        const text = value ?? row.choices?.[0] ?? 'x';
        for (const spelling of [name, name.replaceAll('-', '_')]) {
          const words = splitWords([`--${spelling}=${text}`, 'prog']);
          expect(words.kind === 'launch' && words.flags[0]?.row.id).toBe(row.id);
        }
      }
    }
  });

  test("every flag of OpenLIT's Python launcher is accepted", () => {
    const typed = [
      ...[
        '--environment',
        'e',
        '--application_name',
        'a',
        '--otlp_endpoint',
        'http://h:1',
        '--otlp_headers',
        '{"k": "v"}',
      ],
      ...[
        '--disable_batch',
        '--capture_message_content',
        '--disabled_instrumentors',
        'a,b',
        '--controller_mode',
        'agent_observability',
      ],
      ...[
        '--disable_metrics',
        '--disable_events',
        '--pricing_json',
        'p.json',
        '--collect_gpu_stats',
        '--collect_system_metrics',
      ],
      ...['--capture_db_parameters', '--max_content_length', '5', '--custom_span_attributes', '{"a": 1}'],
      ...['--custom_metrics_attributes', '{}', '--service_name', 's'],
    ];
    expect(flags(splitWords([...typed, 'python', 'app.py']))).toEqual({
      environment: 'e',
      serviceName: 's',
      endpoint: 'http://h:1',
      headers: { k: 'v' },
      disableBatch: true,
      captureContent: 'span',
      disabledInstrumentors: ['a', 'b'],
      controllerMode: 'agent_observability',
      disableMetrics: true,
      disableEvents: true,
      pricingFile: 'p.json',
      collectGpuStats: true,
      collectSystemMetrics: true,
      captureDbParameters: true,
      maxContentLength: 5,
      customSpanAttributes: '{"a": 1}',
      customMetricsAttributes: '{}',
    });
  });

  test.each<[string, string]>([
    ['--capture-content', 'span'],
    ['--capture-content=both', 'both'],
    ['--capture-content=false', 'off'],
    ['--capture_message_content=true', 'span'],
    ['--no-capture-message-content', 'off'],
    ['--no_capture_message_content', 'off'],
  ])('%s', (word, value) => {
    expect(flags(splitWords([word, 'x']))).toEqual({ captureContent: value });
  });

  test('a switch takes no word of the program', () => {
    expect(program(splitWords(['--quiet', 'true']))).toEqual(['true']);
    expect(flags(splitWords(['--disable-batch=false', 'x']))).toEqual({ disableBatch: false });
    expect(flags(splitWords(['--no-live', 'x']))).toEqual({ live: false });
  });
});

describe('wrong use is refused with status 2', () => {
  test('an unknown flag, with the nearest one and the way out', () => {
    const problem = refused(['--sevice-name', 'x', 'python']);
    expect(problem).toMatchObject({ code: 'UNKNOWN_FLAG', exit: 2 });
    expect(problem.reason).toBe('did you mean --service-name?');
    expect(problem.fixes.join()).toContain('after the program');
  });

  test('a flag of attach, with what is meant', () => {
    expect(refused(['--pid', '4242'])).toMatchObject({
      reason: 'it is a flag of attach',
      fixes: ['openlit-instrument attach --pid PID'],
    });
    expect(refused(['--format', 'json', 'python', 'app.py']).fixes.join()).toMatch(
      /--summary-json FILE.*show last --json/,
    );
  });

  test.each([[['-m', 'x']], [['--']], [['--no-service-name', 'x']], [['---', 'x']], [['--xyzzy=SECRET', 'x']]])(
    '%j',
    typed => {
      const problem = refused(typed);
      expect(problem.exit).toBe(2);
      expect(JSON.stringify(problem) + problem.message + problem.reason).not.toContain('SECRET');
    },
  );

  test('no abbreviations: an inner flag must never be taken for ours by accident', () => {
    expect(refused(['--traces-exp', 'otlp', 'x']).reason).toContain('--traces-exporter');
  });

  test.each<[string[], string]>([
    [['--service-name'], '--service-name needs a value'],
    [['--service-name', '--', 'x'], '--service-name needs a value'],
    [['--quiet'], 'no program to run'],
    [['run'], 'no program to run'],
    [['--sampling-rate', '2', 'x'], '--sampling-rate does not accept the value "2"'],
    [['--endpoint', 'localhost:4318', 'x'], '--endpoint does not accept the value "localhost:4318"'],
    [['--protocol=http', 'x'], '--protocol does not accept the value "http"'],
    [['--quiet=maybe', 'x'], '--quiet does not accept the value "maybe"'],
  ])('%j: %s', (typed, message) => {
    expect(refused(typed)).toMatchObject({ message, exit: 2 });
  });

  test.each(['off', 'span', 'event', 'both', 'span_only'])('%s after --capture-content is its value', value => {
    const words = splitWords(['--capture-content', value, 'python', 'app.py']);
    expect(program(words)).toEqual(['python', 'app.py']);
    expect(flags(words)).toEqual(flags(splitWords([`--capture-content=${value}`, 'x'])));
    expect(program(splitWords(['--capture-content', '--', value]))).toEqual([value]);
  });

  test.each(['true', 'false', 'yes'])('%s may be a program: what is meant has to be said', value => {
    const problem = refused(['--capture-content', value, 'python', 'app.py']);
    expect(problem).toMatchObject({ code: 'VALUE_APART', exit: 2 });
    expect(problem.fixes[0]).toBe(`openlit-instrument --capture-content=${value} PROGRAM`);
  });

  test('a flag is no value of the flag before it', () => {
    expect(refused(['--service-name', '--live', 'python'])).toMatchObject({
      code: 'MISSING_VALUE',
      reason: '--live is a flag',
    });
    expect(flags(splitWords(['--service-name=--live', 'x']))).toEqual({ serviceName: '--live' });
  });

  test('a choice that is nearly right, an address without its beginning', () => {
    expect(refused(['--protocol', 'gprc', 'x']).reason).toMatch(/^did you mean grpc\?/);
    expect(refused(['--endpoint', 'localhost:4318', 'x']).reason).toContain('did you mean http://localhost:4318?');
  });

  test.each<[string[], string]>([
    [['help', 'atach'], 'did you mean attach?'],
    [['setup', 'foo'], 'there is only setup python'],
  ])('%j is no command', (typed, reason) => {
    expect(refused(typed)).toMatchObject({ code: 'UNKNOWN_COMMAND', reason, exit: 2 });
  });

  test('a program here that is called like a value', () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'argv-'));
    const before = process.cwd();
    try {
      writeFileSync(path.join(folder, 'span'), '');
      process.chdir(folder);
      expect(program(splitWords(['--capture-content', 'span']))).toEqual(['span']);
    } finally {
      process.chdir(before);
      rmSync(folder, { recursive: true });
    }
  });

  test('a header that cannot be read is not repeated', () => {
    const problem = refused(['--headers', 'authorization SECRET', 'x']);
    expect(problem.message + problem.reason + problem.fixes.join()).not.toContain('SECRET');
  });
});
