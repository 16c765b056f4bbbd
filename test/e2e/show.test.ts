/** Kept calls of real programs: a run, one call in full, a tree, sums, comparisons, exports. */
import { appendFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { type KeptRuns, keptRuns } from '../support/kept-runs.js';
import { LAUNCH, run } from '../support/launcher.js';
import { startOtlpReceiver } from '../support/otlp-receiver.js';
import { anyPython, environment } from '../support/python-environments.js';
import { PROGRAMS } from '../support/python-observed.js';
import { noTerminal, onTerminal, plainLines } from '../support/terminal.js';

// Real programs on a machine that may be busy.
jest.setTimeout(120_000);

let kept: KeptRuns;
/** Ids of the runs without and with messages. */
let bare: string;
let full: string;
/** Calls of the run with messages, as `show --json` has them. */
let calls: { id: string; attributes: Record<string, unknown>; cost?: object; output_text?: string }[];

const linesOf = (text: string) => text.trimEnd().split('\n');
const show = async (...words: string[]) => {
  const { stdout, stderr, status } = await kept.ours('show', ...words);
  expect([stderr, status]).toEqual(['', 0]);
  return stdout;
};

beforeAll(async () => {
  kept = await keptRuns();
  await kept.example();
  await kept.example('--capture-content');
  const runs = JSON.parse((await kept.ours('runs', '--json')).stdout);
  [full, bare] = [runs[0].id, runs[1].id];
  calls = linesOf(await show('--json')).map(line => JSON.parse(line));
});
afterAll(() => kept?.close());

describe('a run', () => {
  test('the last one: its calls in their order, and their sums', async () => {
    const [title, head, ...rows] = linesOf(await show());
    expect(title).toMatch(new RegExp(`^run ${full}: node, \\d\\d:\\d\\d:\\d\\d$`));
    expect(head).toMatch(/^CALL +TIME +PROCESS +MODEL +TOTAL +FIRST +IN→OUT +COST +END$/);
    expect(rows.slice(0, 5).map(row => row.split(/ {2,}/).at(-1))).toEqual([
      'stop',
      'stop',
      'tool_calls',
      'stop',
      '✗ model_not_found',
    ]);
    expect(rows[1]).toMatch(/openai\/gpt-4o-mini +[\d.]+s +0\.\d\ds +\d+→\d+ +\$0\.\d+ +stop$/);
    expect(rows[5]).toMatch(/^5 calls · 1 error · 183→47 tokens · \$0\.\d+$/);
  });

  test.each([40, 56, 79, 118, 200])('no line is wider than a terminal of %i columns', async columns => {
    if (noTerminal) return;
    for (const words of [
      ['show', bare],
      ['show', calls[3]!.id],
      ['show', '--by', 'model'],
      ['show', '--diff', bare, full],
    ]) {
      const { output } = await onTerminal(columns, [...LAUNCH, ...words], { env: kept.env() });
      const lines = plainLines(output.trimEnd());
      expect(lines.length).toBeGreaterThan(2);
      for (const line of lines) expect([line, line.length <= columns]).toEqual([line, true]);
    }
  });

  test('--json is what was kept', async () => {
    const file = kept.files().sort().at(-1)!;
    const [, ...lines] = linesOf(readFileSync(path.join(kept.cache, 'runs', file), 'utf8'));
    expect(calls).toEqual(lines.map(line => JSON.parse(line)));
    expect(calls).toHaveLength(5);
  });

  test.each<[flags: string[], found: string[]]>([
    [['--errors'], ['gpt-nope']],
    [['--model', 'gpt-4o*', '--text', 'TITAN'], ['gpt-4o-mini']],
    [['--provider', 'anthropic'], []],
    [['--process', 'node', '--slower', '0.2s'], ['gpt-4o-mini']],
    [['--dearer', '100'], []],
    [
      ['--since', '1h', '--text', 'get_weather'],
      ['gpt-4o-mini', 'gpt-4o-mini'],
    ],
    [['--until', '2020-01-01'], []],
  ])('%j', async (flags, models) => {
    const { stdout } = await kept.ours('show', full, '--json', ...flags);
    const found = stdout === '' ? [] : linesOf(stdout).map(line => JSON.parse(line).attributes['gen_ai.request.model']);
    expect(found).toEqual(models);
  });

  test('of all runs', async () => {
    expect(linesOf(await show('all', '--json', '--errors'))).toHaveLength(2);
    const { stdout, stderr, status } = await kept.ours('show', '--model', 'none');
    expect([stdout, status]).toEqual(['', 0]);
    expect(stderr).toContain('no call matches in this run; to look in all runs: openlit-instrument show all');
  });

  test.each(['day', 'program', 'model', 'session'])('sums by %s', async by => {
    const { groups, all } = JSON.parse(await show('--by', by, '--json'));
    expect(all).toMatchObject({ calls: 10, errors: 2, input_tokens: 366, output_tokens: 94 });
    const sum = groups.reduce((total: number, { calls: some }: { calls: number }) => total + some, 0);
    expect(sum).toBe(10);
    const table = linesOf(await show('--by', by));
    expect(table[0]).toMatch(new RegExp(`^${by.toUpperCase()} +CALLS +ERR`));
    expect(table).toHaveLength(groups.length + (groups.length > 1 ? 2 : 1));
  });
});

describe('a call', () => {
  test('the beginning of an id is enough; the conversation, the tools, the figures', async () => {
    // The answer to the result of the tool.
    const { id } = calls[3]!;
    const text = await show(id.slice(0, 9));
    expect(text).toMatch(/^chat openai\/gpt-4o-mini\nid {10}[0-9a-f]{16}, run r\w{5}\n/);
    for (const part of [
      /^took +[\d.]+s$/m,
      /^tokens +\d+ in, \d+ out/m,
      /^cost +\$0\.\d+ \(prices of genai-prices [\d.]+\)$/m,
      /^tools offered: get_weather$/m,
      /^> user\n {2}What is the weather in Lisbon\?$/m,
      /^> assistant\n {2}tool call get_weather call_\w+\n {2}\{\n {4}"city": "Lisbon"\n {2}\}$/m,
      /^> tool\n {2}tool result call_\w+\n {2}\{\n {4}"celsius": 21,\n {4}"sky": "clear"\n {2}\}$/m,
      /^< assistant, stop\n {2}\S/m,
    ])
      expect(text).toMatch(part);
    const first = await show(calls[0]!.id);
    expect(first).toMatch(/^ {2}temperature: 0\.2$/m);
    expect(first).toMatch(/^ {2}max_tokens: 50$/m);
  });

  test('a failed one with the text of the error, where messages were kept', async () => {
    expect(await show(calls[4]!.id)).toMatch(/^error +model_not_found: .*gpt-nope/m);
    const [failed] = linesOf(await show(bare, '--errors', '--json')).map(line => JSON.parse(line));
    const text = await show(failed.id);
    expect(text).toMatch(/^error +model_not_found \(its text is kept with --capture-content\)$/m);
    expect(text).toContain('The messages were not kept. To keep them, run with --capture-content.');
    expect(text).not.toContain('Hello?');
  });

  test('ids that mean nothing, or more than one thing', async () => {
    const none = await kept.ours('show', 'zz');
    expect([none.stdout, none.status]).toEqual(['', 2]);
    expect(none.stderr).toContain('no kept run or call has the id zz');
    const near = await kept.ours('show', 'lst');
    expect(near.stderr).toContain('did you mean last?');
    const many = await kept.ours('show', 'r');
    expect(many.status).toBe(2);
    expect(many.stderr).toMatch(/r is the beginning of 2 ids: r\w{5}, r\w{5}\n/);
  });
});

describe('comparisons', () => {
  test('two calls: figures, parameters, tools, the prompt and the answer', async () => {
    const text = await show('--diff', calls[0]!.id, calls[3]!.id);
    for (const part of [
      /^input tokens +\d+ +\d+ +\+\d+ \+\d+%$/m,
      /^request\.temperature: 0\.2 → \(absent\)$/m,
      /^\+ get_weather$/m,
      /^1 → 3 messages, \d+ → \d+ characters \(\+\d+\)$/m,
      /^- user: Name the largest moon of Saturn\.$/m,
      /^\+ user: What is the weather in Lisbon\?$/m,
      /^- assistant: Titan\.$/m,
    ])
      expect(text).toMatch(part);
    const json = JSON.parse(await show('--diff', calls[0]!.id, calls[3]!.id, '--json'));
    expect(json.facts).toContainEqual({ name: 'gen_ai.request.temperature', a: 0.2 });
    expect(json.prompt).toMatchObject({ a: { messages: 1 }, b: { messages: 3 } });
  });

  test('two runs', async () => {
    const text = await show('--diff', bare, full);
    expect(text).toMatch(/^seconds \(median\) +[\d.]+s +[\d.]+s/m);
    expect(text).not.toMatch(/^(calls|errors|input tokens)/m);
    expect(text).toMatch(/^Prompts are compared where both runs had --capture-content\.$/m);
    expect(await show('--diff', full, full)).toMatch(
      /^the same prompts in \d+ pairs of calls\n0 of \d+ answers differ$/m,
    );
  });

  test.each([
    [['--diff', 'last'], '--diff needs two calls or two runs'],
    [['last', 'all'], '2 words, and one is shown'],
    [['--by', 'day', '--export', 'csv'], '--by and --export cannot be used together'],
    [['--slower', 'fast'], '--slower "fast" cannot be used: allowed: a time such as 2s'],
    [['--force'], '--force belongs to --output'],
  ])('%j is refused', async (words, message) => {
    const { stdout, stderr, status } = await kept.ours('show', ...words);
    expect([stdout, status]).toEqual(['', 2]);
    expect(stderr).toContain(message);
  });
});

describe('exports', () => {
  const file = (name: string) => path.join(kept.folder, name);

  test('json, to a file that its owner alone can read and that is not overwritten unasked', async () => {
    const name = file('calls.json');
    const write = (...more: string[]) => kept.ours('show', full, '--export', 'json', '--output', name, ...more);
    expect(await write()).toMatchObject({ stdout: '', stderr: `openlit-instrument: written to ${name}\n`, status: 0 });
    expect(JSON.parse(readFileSync(name, 'utf8'))).toEqual(calls);
    expect(statSync(name).mode & 0o777).toBe(0o600);
    writeFileSync(name, 'mine', { mode: 0o644 });
    expect(await write()).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('already exists: it is not overwritten'),
    });
    expect(readFileSync(name, 'utf8')).toBe('mine');
    expect(await write('--force')).toMatchObject({ status: 0 });
    expect(JSON.parse(readFileSync(name, 'utf8'))).toHaveLength(5);
    expect(await kept.ours('show', '--export', 'csv', '-o', file('missing/calls.csv'))).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('cannot be written: ENOENT'),
    });
    expect(existsSync(file('missing'))).toBe(false);
  });

  test('csv: a row a call, and nothing that a spreadsheet would run', async () => {
    const python = `import csv, json, sys; print(json.dumps(list(csv.DictReader(sys.stdin))))`;
    const { stdout } = await run(['python3', '-c', python], { input: await show(full, '--export', 'csv') });
    const rows = JSON.parse(stdout);
    expect(rows).toHaveLength(5);
    expect(rows[0]).toMatchObject({
      run: full,
      id: calls[0]!.id,
      process: 'node',
      provider: 'openai',
      model: 'gpt-4o-mini',
      last_message: 'Name the largest moon of Saturn.',
      answer: 'Titan.',
      finish_reasons: 'stop',
      error: '',
    });
    expect(rows[4]).toMatchObject({ error: 'model_not_found', input_tokens: '', cost: '' });
  });

  test('otlp: a receiver takes it, with the same spans', async () => {
    const receiver = await startOtlpReceiver();
    try {
      for (const body of linesOf(await show(full, '--export', 'otlp'))) {
        const answer = await fetch(`${receiver.url}/v1/traces`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body,
        });
        expect(answer.status).toBe(200);
      }
      expect(receiver.spans).toHaveLength(5);
      expect(receiver.spans[0]).toMatchObject({ name: 'chat gpt-4o-mini', spanId: calls[0]!.id });
      expect(receiver.spans[0]!.attributes).toMatchObject({ 'gen_ai.request.temperature': 0.2 });
    } finally {
      await receiver.close();
    }
  });

  test('har: entries that say what they are', async () => {
    const { log } = JSON.parse(await show(full, '--export', 'har'));
    expect(log).toMatchObject({ version: '1.2', creator: { name: 'openlit-instrument' } });
    expect(log.entries).toHaveLength(5);
    expect(log.entries[4].response.status).toBe(404);
    expect(JSON.parse(log.entries[0].request.postData.text)['gen_ai.input.messages'][0].parts[0].content).toBe(
      'Name the largest moon of Saturn.',
    );
    expect(log.comment).toContain('made from a kept call');
  });
});

describe('a program with agents and tools', () => {
  test('is a tree, with what each part of it cost', async () => {
    const python = await environment('frameworks', await anyPython());
    await run([...LAUNCH, '--quiet', '--capture-content', python, 'framework_runs.py', 'haystack'], {
      cwd: PROGRAMS,
      env: kept.env(),
    });
    const [, head, ...lines] = linesOf(await show());
    const rows = lines.slice(0, -1);
    const at = head!.indexOf('STEP');
    const steps = rows.map(row => /^( *\S.*?) {2,}[\d.]+s/.exec(row.slice(at))?.[1]);
    expect(steps).toEqual([
      'invoke_workflow pipeline',
      '  prompt',
      '  writer',
      '    openai/gpt-5-mini',
      'invoke_agent agent',
      '  openai/gpt-5-mini',
      '  execute_tool weather',
      '  openai/gpt-5-mini',
    ]);
    expect(rows[4]).toMatch(/ 22→14 +\$0\.\d+ /);
    const tool = await show(rows[6]!.slice(0, 8));
    expect(tool).toMatch(/^execute_tool weather$/m);
    // This framework's hook reports neither.
    expect(tool).toContain('where the framework reports them');
    // Only calls are summed and exported as calls.
    expect(JSON.parse(await show('last', '--by', 'model', '--json')).all.calls).toBe(3);
    expect(linesOf(await show('--export', 'csv'))).toHaveLength(4);
  });

  test('a line that is broken is counted, and the others are shown', async () => {
    const file = kept.files().sort().at(-1)!;
    appendFileSync(path.join(kept.cache, 'runs', file), '{"id":"half\nnothing\n');
    const lines = linesOf(await show());
    expect(lines.at(-1)).toBe('2 lines of this run cannot be read');
    expect(lines.length).toBeGreaterThan(8);
  });
});
