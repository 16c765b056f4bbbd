import { describe, expect, test } from '@jest/globals';
import { type Output, wantsColour } from '../../src/report/output.js';
import { createReporter, type ReporterOptions } from '../../src/report/reporter.js';
import { reportedCall } from '../support/reported-calls.js';

function setUp(options: Partial<ReporterOptions> = {}, terminal = false) {
  const written: string[] = [];
  const output: Output = {
    terminal,
    colour: false,
    columns: () => (terminal ? 80 : undefined),
    write: text => written.push(text),
  };
  const reporter = createReporter({ output, live: true, now: () => 0, ...options });
  return { reporter, written, text: () => written.join('') };
}

describe('reporter', () => {
  test('the header comes once, each call as it happens, the summary last', async () => {
    const { reporter, written } = setUp();
    reporter.call(reportedCall());
    expect(written).toHaveLength(1);
    reporter.call(reportedCall());
    await reporter.finish();
    const lines = written.join('').split('\n');
    expect(lines[0]).toMatch(/^time +process/);
    expect(lines[1]).toContain('gpt-4o-mini');
    expect(lines[3]).toMatch(/^openlit-instrument: 2 calls/);
  });

  test('a call that was seen at a second place has one line and counts once; from then on lines say the role', async () => {
    const { reporter, text } = setUp();
    reporter.call(reportedCall({ role: 'client' }));
    reporter.seenAgain('server');
    reporter.call(reportedCall({ role: 'client' }));
    reporter.call(reportedCall({ role: 'server' }));
    await reporter.finish();
    const lines = text().split('\n');
    expect(lines.slice(1, 4).map(line => line.match(/ as \w+/)?.[0])).toEqual([undefined, ' as client', ' as server']);
    expect(text()).toMatch(/openlit-instrument: 3 calls/);
    expect(text()).toContain('1 call seen at both ends (a gateway and its client), counted once');
  });

  test('where a program writes too, calls have a mark and each print begins a line of its own', async () => {
    const written: string[] = [];
    const output: Output = {
      terminal: true,
      colour: false,
      columns: () => 80,
      write: text => written.push(text),
      freshLine: () => '<fresh>',
    };
    const reporter = createReporter({ output, live: true, shared: true, now: () => 0 });
    reporter.call(reportedCall());
    reporter.note('a note');
    await reporter.finish();
    expect(written).toHaveLength(3);
    expect(written.every(text => text.startsWith('<fresh>'))).toBe(true);
    expect(
      written[0]!
        .slice('<fresh>'.length)
        .trimEnd()
        .split('\n')
        .every(line => line.startsWith('▎ ')),
    ).toBe(true);
    expect(written[1]).toBe('<fresh>openlit-instrument: a note\n');
    expect(written[2]).not.toContain('▎');
  });

  test('the text of an error stands below its call, where there is one', async () => {
    const { reporter, text } = setUp({ verbose: true });
    reporter.call(reportedCall({ error: 'model_not_found', content: { input: 'Hi', error: 'no such model' } }));
    await reporter.finish();
    expect(text()).toContain('  > Hi\n  ✗ no such model\n');
  });

  test('a stream without tokens has a hint, another call has none', async () => {
    const { reporter, text } = setUp();
    const { inputTokens: _in, outputTokens: _out, ...call } = reportedCall({ operation: 'chat', provider: 'openai' });
    reporter.call(call);
    await reporter.finish();
    expect(text()).toContain('1 call reported no tokens (not included)');
    expect(text()).not.toContain('include_usage');
    const streamed = setUp();
    streamed.reporter.call({ ...call, firstChunk: 0.1 });
    await streamed.reporter.finish();
    expect(streamed.text()).toContain('"stream_options": {"include_usage": true}');
  });

  test('without live only the summary is printed', async () => {
    const { reporter, text } = setUp({ live: false });
    reporter.call(reportedCall());
    expect(text()).toBe('');
    await reporter.finish();
    expect(text()).toMatch(/^openlit-instrument: 1 call ·/);
  });

  test('a run without calls says so only where somebody watches', async () => {
    const watched = setUp({ hint: 'openlit-instrument doctor' });
    await watched.reporter.finish();
    expect(watched.text()).toBe(
      'openlit-instrument: no LLM call was seen in 0.00s\n  try: openlit-instrument doctor\n',
    );
    const alone = setUp({ live: false });
    await alone.reporter.finish();
    expect(alone.text()).toBe('');
  });

  test('what to type next comes last, once, on a terminal, and where there were calls', async () => {
    const next = () => 'each call: openlit-instrument show last';
    const ended = async (options: Partial<ReporterOptions>, terminal: boolean, calls: number) => {
      const { reporter, text } = setUp({ next, ...options }, terminal);
      for (let call = 0; call < calls; call++) reporter.call(reportedCall());
      await reporter.finish();
      return text();
    };
    expect((await ended({}, true, 2)).split('\n').slice(-2)).toEqual([next(), '']);
    expect(await ended({}, true, 2)).toMatch(/^(?:(?!show last)[\s\S])*show last\n$/);
    for (const text of [
      await ended({}, false, 2),
      await ended({}, true, 0),
      await ended({ quiet: true }, true, 2),
      await ended({ summary: false }, true, 2),
      await ended({ next: () => undefined }, true, 2),
    ])
      expect(text).not.toMatch(/show last|undefined/);
  });

  test('quiet prints nothing and still counts', async () => {
    const { reporter, text } = setUp({ quiet: true });
    reporter.call(reportedCall());
    reporter.note('x');
    await reporter.finish();
    expect(text()).toBe('');
    expect(reporter.totals.all.calls).toBe(1);
  });

  test('running totals stand in the last line of our own terminal and are taken back', async () => {
    const { reporter, written } = setUp({ runningTotals: true }, true);
    reporter.call(reportedCall());
    reporter.call(reportedCall());
    expect(written[0]).toMatch(/\n 1 call · 14→3 tokens · \$0\.0000039$/);
    expect(written[1]).toMatch(/^\r\u001b\[2K.*\n 2 calls · [^\n]*$/);
    await reporter.finish();
    expect(written[2]).toMatch(/^\r\u001b\[2Kopenlit-instrument: 2 calls/);
    reporter.line('detached');
    expect(written[3]).toBe('detached\n');
  });

  test('lines of ours stand above the running totals', () => {
    const { reporter, written } = setUp({ runningTotals: true }, true);
    reporter.line('attached 4242');
    reporter.note('a note');
    expect(written[0]).toBe('attached 4242\n 0 calls');
    expect(written[1]).toBe('\r\u001b[2Kopenlit-instrument: a note\n 0 calls');
  });

  test('running totals never appear in a pipe', () => {
    const { reporter, text } = setUp({ runningTotals: true });
    reporter.call(reportedCall());
    expect(text()).not.toContain('\r');
    expect(text()).not.toContain('1 call');
  });

  test('lines wait while the terminal belongs to the program, and none is lost', async () => {
    let free = false;
    const { reporter, text } = setUp({ mayPrint: async () => free });
    reporter.call(reportedCall({ model: 'first' }));
    await new Promise(setImmediate);
    expect(text()).toBe('');
    free = true;
    reporter.call(reportedCall({ model: 'second' }));
    await new Promise(setImmediate);
    expect(text()).toMatch(/first[\s\S]*second/);
    free = false;
    reporter.call(reportedCall({ model: 'third' }));
    await reporter.finish();
    expect(text()).toMatch(/third[\s\S]*3 calls/);
  });

  test('a question that fails does not keep lines back', async () => {
    const { reporter, text } = setUp({ mayPrint: () => Promise.reject(new Error('no stty')) });
    reporter.call(reportedCall());
    await reporter.finish();
    expect(text()).toContain('gpt-4o-mini');
  });

  test('messages stand below the line with --verbose, without control characters', () => {
    const { reporter, text } = setUp({ verbose: true });
    reporter.call(reportedCall({ content: { input: 'Name\nit\u001b[2J', output: 'Titan.' } }));
    expect(text()).toMatch(/\n {2}> Name\n {4}it\n {2}< Titan\.\n$/);
  });
});

describe('at 80 columns', () => {
  const long = 'attached to python3.11 (pid 4242): OpenSSL libssl.so.3 in /opt/applications/shop/.venv/lib/libssl.so.3';

  test('a long line of ours breaks at spaces, and goes on under an indent', () => {
    const { reporter, text } = setUp({}, true);
    reporter.line(long);
    expect(text()).toBe(
      'attached to python3.11 (pid 4242): OpenSSL libssl.so.3 in\n  /opt/applications/shop/.venv/lib/libssl.so.3\n',
    );
  });

  test('in a pipe it stays one line', () => {
    const { reporter, text } = setUp();
    reporter.line(long);
    expect(text()).toBe(`${long}\n`);
  });

  test('messages are wrapped, wide characters counted as two', () => {
    const { reporter, text } = setUp({ verbose: true }, true);
    reporter.call(reportedCall({ content: { output: `${'漢字'.repeat(15)} ${'漢字'.repeat(15)}` } }));
    expect(text()).toMatch(/\n {2}< (漢字){15}\n {4}(漢字){15}\n$/);
  });
});

describe('colour', () => {
  test.each([
    [true, {}, true],
    [false, {}, false],
    [true, { NO_COLOR: '1' }, false],
    [true, { NO_COLOR: '' }, true],
    [false, { FORCE_COLOR: '1' }, true],
    [true, { FORCE_COLOR: '0' }, false],
    [true, { NO_COLOR: '1', FORCE_COLOR: '1' }, false],
    [true, { TERM: 'dumb' }, false],
  ])('terminal %s with %j: %s', (terminal, env, expected) => {
    expect(wantsColour(terminal, env)).toBe(expected);
  });
});
