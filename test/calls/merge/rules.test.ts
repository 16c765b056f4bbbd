/** The rules of docs/decisions/0080: one call, one span. Each is a short program. */
import { describe, expect, test } from '@jest/globals';
import { LONGEST_HOLD } from '../../../src/calls/merge/merger.js';
import { at, chat, PID, scene } from './scene.js';

describe('a chat span that was open at the send', () => {
  test('gives its place to the exchange and is not reported itself', () => {
    const run = scene();
    run.start('agent', { name: 'invoke_agent planner' });
    run.start('chat', { parent: 'agent' });
    run.send('one', 'chat');
    run.to(300);
    run.answer('one');
    run.to(310);
    run.end('chat', chat('gpt-4o', { 'gen_ai.usage.input_tokens': 999, 'gen_ai.agent.name': 'planner' }));
    run.to(400);
    run.end('agent', { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.usage.input_tokens': 999 });
    expect(run.told()).toEqual(['call one same trace/chat<agent', 'step invoke_agent planner trace/agent<']);
    const [call, step] = run.actions;
    expect(call).toMatchObject({
      call: { usage: { inputTokens: 10, outputTokens: 5 } },
      attributes: { 'gen_ai.agent.name': 'planner' },
    });
    expect(step).toMatchObject({ span: { kind: 'internal', attributes: { 'gen_ai.operation.name': 'invoke_agent' } } });
    expect(JSON.stringify(step, text)).not.toContain('999');
  });

  test.each([
    ['openai/gpt-4o', 'gpt-4o', 'same'],
    ['gpt-4o', 'openai/azure/gpt-4o', 'same'],
    ['gpt-4o', undefined, 'same'],
    ['gpt-4o', 'gpt-4o-mini', 'child'],
  ])('of model %s, with %s on the wire: %s', (model, onWire, reason) => {
    const run = scene();
    run.start('chat');
    run.send('one', 'chat');
    run.answer('one', { request: onWire === undefined ? {} : { model: onWire } });
    run.end('chat', chat(model));
    const expected =
      reason === 'same' ? ['call one same trace/chat<'] : ['call one child trace/*<chat', 'step chat trace/chat<'];
    expect(run.told()).toEqual(expected);
  });

  test('may end before the answer: a stream that is read later', () => {
    const run = scene();
    run.start('chat');
    run.send('one', 'chat');
    run.to(50);
    run.end('chat', chat());
    run.to(60_000);
    expect(run.told()).toEqual([]);
    run.answer('one');
    expect(run.told()).toEqual(['call one same trace/chat<']);
  });

  test('keeps the flags of the trace', () => {
    const run = scene();
    run.start('chat');
    run.merger.exchangeBegun({
      pid: PID,
      key: 'one',
      start: at(0),
      ids: { traceId: 'trace', spanId: 'chat', traceFlags: 0, traceState: 'a=b' },
    });
    run.answer('one');
    run.end('chat', chat());
    expect(run.actions[0]).toMatchObject({ identity: { traceFlags: 0, traceState: 'a=b' } });
  });

  test('an exchange that was no call leaves it alone', () => {
    const run = scene();
    run.start('chat');
    run.send('page', 'chat');
    run.merger.exchangeEnded('page');
    run.send('one', 'chat');
    run.answer('one');
    run.end('chat', chat());
    expect(run.told()).toEqual(['call one same trace/chat<']);
  });
});

describe('frames that come late', () => {
  test('an exchange that is told after the end of its span, but was sent before, is that call', () => {
    const run = scene();
    run.start('chat');
    run.to(50);
    run.end('chat', chat());
    run.merger.exchangeBegun({ pid: PID, key: 'one', start: at(20), ids: { traceId: 'trace', spanId: 'chat' } });
    run.answer('one');
    expect(run.told()).toEqual(['call one same trace/chat<']);
  });

  test('a span is not decided while an exchange without ids goes on inside it, and is once that is over', () => {
    const run = scene();
    run.start('chat', { name: 'chat gpt-4o' });
    run.send('page');
    run.to(10);
    run.end('chat', chat());
    run.to(60_000);
    expect(run.told()).toEqual([]);
    run.merger.exchangeEnded('page');
    run.to(60_001);
    expect(run.told()).toEqual(['call chat reported trace/chat<']);
  });
});

describe('several exchanges under one span', () => {
  test('the last takes its place, the earlier ones stand beside it', () => {
    const run = scene();
    run.start('agent', { name: 'invoke_agent a' });
    run.start('chat', { parent: 'agent' });
    run.send('first', 'chat');
    run.answer('first', { error: { type: '429' } });
    run.to(500);
    run.send('second', 'chat');
    run.answer('second');
    run.end('chat', chat());
    expect(run.told()).toEqual(['call first sibling trace/*<agent', 'call second same trace/chat<agent']);
  });

  test('a fallback to another model is the last as well', () => {
    const run = scene();
    run.start('chat');
    run.send('first', 'chat');
    run.answer('first', { error: { type: '500' } });
    run.send('second', 'chat');
    run.answer('second', { request: { model: 'claude' } });
    run.end('chat', chat());
    expect(run.told()).toEqual(['call first sibling trace/*<', 'call second same trace/chat<']);
  });

  test('the last that was a call, when the very last was none', () => {
    const run = scene();
    run.start('chat');
    run.send('first', 'chat');
    run.answer('first');
    run.send('page', 'chat');
    run.end('chat', chat());
    expect(run.told()).toEqual([]);
    run.merger.exchangeEnded('page');
    expect(run.told()).toEqual(['call first same trace/chat<']);
  });

  test('an embedding inside a chat is not the chat', () => {
    const run = scene();
    run.start('chat');
    run.send('one', 'chat');
    run.answer('one');
    run.send('cached', 'chat');
    run.answer('cached', { operation: 'embeddings', request: { model: 'gpt-4o' } });
    run.end('chat', chat());
    expect(run.told()).toEqual(['call one same trace/chat<', 'call cached sibling trace/*<']);
  });

  test('one that hangs holds an earlier one two seconds at most', () => {
    const run = scene();
    run.start('chat');
    run.send('first', 'chat');
    run.answer('first');
    run.send('second', 'chat');
    run.end('chat', chat());
    run.to(LONGEST_HOLD);
    expect(run.told()).toEqual(['call first sibling trace/*<']);
    run.answer('second');
    expect(run.told().slice(1)).toEqual(['call second same trace/chat<']);
  });
});

describe('a span that is no chat span', () => {
  test.each([
    ['by its name, at once', 'invoke_agent a', { 'gen_ai.operation.name': 'invoke_agent' }, true],
    ['by its end', 'Synthesizer', {}, false],
    ['chat without a model', 'chat response_synthesize', { 'gen_ai.operation.name': 'chat' }, false],
    ['chat of a model that is no name', 'chat x', chat('unknown'), false],
    ['chat of an object', 'chat x', chat('<openai.Model object at 0x7f12ab>'), false],
  ])('is the parent: %s', (_what, name, attributes, atOnce) => {
    const run = scene();
    run.start('step', { name });
    run.send('one', 'step');
    run.answer('one');
    expect(run.told()).toEqual(atOnce ? ['call one child trace/*<step'] : []);
    run.end('step', attributes);
    expect(run.told()).toEqual(['call one child trace/*<step', `step ${name} trace/step<`]);
    expect(JSON.stringify(run.actions, text)).not.toContain('unknown');
  });

  test('a span of the program itself is the parent, and nothing waits for it', () => {
    const run = scene();
    run.send('one', 'own', 'own-trace');
    run.answer('one');
    expect(run.told()).toEqual(['call one child own-trace/*<own']);
  });

  test('MCP calls and sockets are children, never the chat', () => {
    const run = scene();
    run.start('chat');
    run.send('tool', 'chat');
    run.merger.callEnded('tool', PID, {
      kind: 'mcp',
      id: 'tool',
      role: 'client',
      method: 'tools/call',
      partial: [],
    });
    run.send('socket', 'chat');
    run.answer('socket', { protocol: 'websocket' });
    expect(run.told()).toEqual(['call tool child trace/*<chat', 'call socket child trace/*<chat']);
  });
});

describe('a chat span that had ended before the send', () => {
  test('is climbed over to what is open', () => {
    const run = scene();
    run.start('agent', { name: 'invoke_agent a' });
    run.start('chat', { parent: 'agent' });
    run.send('one', 'chat');
    run.answer('one');
    run.to(10);
    run.end('chat', chat());
    run.to(20);
    run.send('two', 'chat');
    run.answer('two');
    expect(run.told()).toEqual(['call one same trace/chat<agent', 'call two child trace/*<agent']);
  });

  test('with nothing above it, is a root with a trace of its own', () => {
    const run = scene();
    run.start('chat');
    run.send('one', 'chat');
    run.answer('one');
    run.to(10);
    run.end('chat', chat());
    run.to(20);
    run.send('two', 'chat');
    run.answer('two');
    expect(run.told()[1]).toMatch(/^call two root new-trace-\d+\/\*<$/);
  });

  test('so are the spans that begin under it, and what is below them', () => {
    const run = scene();
    for (const [index, id] of ['first', 'second', 'third'].entries()) {
      run.to(index * 100);
      run.start(id, { name: 'chat', ...(index > 0 && { parent: ['first', 'second'][index - 1] as string }) });
      run.send(`call-${id}`, id);
      run.to(index * 100 + 50);
      run.answer(`call-${id}`);
      run.end(id, chat());
    }
    const told = run.told();
    expect(told[0]).toBe('call call-first same trace/first<');
    expect(told[1]).toMatch(/^call call-second same new-trace-\d+\/second<$/);
    expect(told[2]).toMatch(/^call call-third same new-trace-\d+\/third<$/);
    expect(new Set(told.map(line => line.split(' ')[3]!.split('/')[0])).size).toBe(3);
  });

  test('an ended step is still the parent', () => {
    const run = scene();
    run.start('agent', { name: 'invoke_agent a' });
    run.to(1);
    run.end('agent');
    run.to(2);
    run.send('one', 'agent');
    run.answer('one');
    expect(run.told()).toEqual(['step invoke_agent a trace/agent<', 'call one child trace/*<agent']);
  });

  test('a program’s own span above it is the parent', () => {
    const run = scene();
    run.start('chat', { parent: 'own' });
    run.send('one', 'chat');
    run.answer('one');
    run.to(5);
    run.end('chat', chat());
    run.to(10);
    run.send('two', 'chat');
    run.answer('two');
    expect(run.told()[1]).toBe('call two child trace/*<own');
  });
});

describe('an exchange without ids', () => {
  test('takes the place of the one chat span that held it', () => {
    const run = scene();
    run.start('agent', { name: 'invoke_agent a' });
    run.start('chat', { parent: 'agent', name: 'chat gpt-4o' });
    run.to(5);
    run.send('one');
    run.to(100);
    run.answer('one');
    expect(run.told()).toEqual([]);
    run.to(110);
    run.end('chat', chat());
    expect(run.told()).toEqual(['call one matched trace/chat<agent']);
  });

  test('the last of two tries does', () => {
    const run = scene();
    run.start('chat', { name: 'chat gpt-4o' });
    for (const key of ['one', 'two']) {
      run.send(key);
      run.to(100);
      run.answer(key);
    }
    run.end('chat', chat());
    expect(run.told()).toEqual(['call one sibling trace/*<', 'call two matched trace/chat<']);
  });

  test('with two spans that may be it, nobody guesses and neither is counted', () => {
    const run = scene();
    run.start('left', { name: 'chat gpt-4o', trace: 'a' });
    run.start('right', { name: 'chat gpt-4o', trace: 'b' });
    run.send('one');
    run.to(100);
    run.answer('one');
    run.end('left', { ...chat(), 'gen_ai.usage.input_tokens': 77 });
    run.end('right', chat());
    run.to(10_000);
    expect(run.told()).toEqual([
      'step chat gpt-4o a/left<',
      'step chat gpt-4o b/right<',
      expect.stringMatching(/^call one root new-trace/),
    ]);
    expect(JSON.stringify(run.actions, text)).not.toContain('77');
  });

  test.each([
    ['another process', { pid: 8 }, chat()],
    ['another model', {}, chat('gpt-4o-mini')],
    ['embeddings', {}, { ...chat(), 'gen_ai.operation.name': 'embeddings' }],
  ])('a span of %s is none', (_what, facts, attributes) => {
    const run = scene();
    run.start('chat', { name: 'chat x', ...facts });
    run.send('one');
    run.answer('one');
    run.to(10);
    run.end('chat', attributes);
    run.to(5_000);
    expect(run.told()[0]).toMatch(/^call one root/);
  });

  test('a span that began after the send is none', () => {
    const run = scene();
    run.send('one');
    run.to(5);
    run.start('chat', { name: 'chat gpt-4o' });
    run.to(10);
    run.answer('one');
    expect(run.told()).toEqual([expect.stringMatching(/^call one root/)]);
  });

  test('waits two seconds for a span that goes on, and that span is counted no more', () => {
    const run = scene();
    run.start('chat', { name: 'chat gpt-4o' });
    run.send('one');
    run.answer('one');
    run.to(LONGEST_HOLD - 1);
    expect(run.told()).toEqual([]);
    run.to(LONGEST_HOLD);
    expect(run.told()).toEqual([expect.stringMatching(/^call one root/)]);
    run.end('chat', chat());
    run.to(60_000);
    expect(run.told().slice(1)).toEqual(['step chat gpt-4o trace/chat<']);
  });

  test('a span that was told only at its end does not count the call again', () => {
    const run = scene();
    run.to(5);
    run.send('one');
    run.answer('one');
    run.to(50);
    run.merger.spanEnded(PID, {
      traceId: 'trace',
      spanId: 'late',
      name: 'chat gpt-4o',
      start: at(0),
      end: at(50),
      attributes: chat(),
    });
    run.to(10_000);
    expect(run.told()).toEqual([expect.stringMatching(/^call one root/), 'step chat gpt-4o trace/late<']);
  });

  test('the request’s own header is its parent, where no span is', () => {
    const run = scene();
    run.send('one');
    const [trace, span] = ['a'.repeat(32), 'b'.repeat(16)];
    run.answer('one', { traceparent: `00-${trace}-${span}-01` });
    expect(run.told()).toEqual([`call one child ${trace}/*<${span}`]);
  });

  test('a call that the process answered is nobody’s chat span', () => {
    const run = scene();
    run.start('chat', { name: 'chat gpt-4o' });
    run.send('one');
    run.answer('one', { role: 'server' });
    expect(run.told()).toEqual([expect.stringMatching(/^call one root/)]);
  });
});

describe('a chat span without an exchange', () => {
  test('is a call where nothing of its trace was on the wire; 0 and 0 tokens are absent', () => {
    const run = scene();
    run.start('chat', { name: 'chat gemini' });
    run.to(100);
    run.end('chat', chat('gemini', { 'gen_ai.usage.input_tokens': 0, 'gen_ai.usage.output_tokens': 0 }));
    expect(run.told()).toEqual([]);
    run.to(100 + LONGEST_HOLD);
    expect(run.told()).toEqual(['call chat reported trace/chat<']);
    expect(run.actions[0]).toMatchObject({ call: { request: { model: 'gemini' }, usage: {} } });
    expect(run.actions[0]).not.toHaveProperty('call.protocol');
  });

  test('is a step where its trace was on the wire', () => {
    const run = scene();
    run.start('agent', { name: 'invoke_agent a' });
    run.send('one', 'agent');
    run.answer('one');
    run.start('chat', { parent: 'agent' });
    run.end('chat', chat('gpt-4o', { 'gen_ai.usage.input_tokens': 55 }));
    run.to(5_000);
    expect(run.told()).toEqual(['call one child trace/*<agent', 'step chat trace/chat<agent']);
    expect(JSON.stringify(run.actions, text)).not.toMatch(/55|gen_ai.request.model/);
  });

  test('an exchange that was no call is no wire', () => {
    const run = scene();
    run.start('agent', { name: 'invoke_agent a' });
    run.send('page', 'agent');
    run.merger.exchangeEnded('page');
    run.start('chat', { parent: 'agent' });
    run.end('chat', chat());
    run.to(5_000);
    expect(run.told()).toEqual(['call chat reported trace/chat<agent']);
  });

  test('of a model in the process is a call at once, beside calls on the wire too', () => {
    const run = scene();
    run.start('agent', { name: 'invoke_agent a' });
    run.send('one', 'agent');
    run.answer('one');
    run.start('local', { parent: 'agent', name: 'chat tiny' });
    const tokens = { 'gen_ai.usage.input_tokens': 3, 'gen_ai.usage.output_tokens': 4 };
    run.end('local', chat('tiny', tokens), { scope: 'openlit.instrumentation.transformers' });
    expect(run.told()[1]).toBe('call local reported trace/local<agent');
    expect(run.actions[1]).toMatchObject({ call: { usage: { inputTokens: 3, outputTokens: 4 } } });
  });

  test('a failure is told by its type, the message is left to the content policy', () => {
    const run = scene();
    run.start('chat', { name: 'chat tiny' });
    run.end('chat', chat('tiny', { 'error.type': 'OutOfMemory' }), { scope: 'vllm', message: 'the prompt was …' });
    expect(run.actions[0]).toMatchObject({ call: { error: { type: 'OutOfMemory', message: 'the prompt was …' } } });
  });
});

describe('the longest hold', () => {
  test('a call whose span goes on is a child of it after two seconds', () => {
    const run = scene();
    run.start('Runnable');
    run.send('one', 'Runnable');
    run.answer('one');
    expect(run.merger.nextDeadline()).toBe(LONGEST_HOLD);
    run.to(LONGEST_HOLD - 1);
    expect(run.told()).toEqual([]);
    run.to(LONGEST_HOLD);
    expect(run.told()).toEqual(['call one child trace/*<Runnable']);
    run.to(9_000);
    run.end('Runnable', chat());
    expect(run.told()[1]).toBe('step Runnable trace/Runnable<');
    expect(run.merger.nextDeadline()).toBeUndefined();
  });

  test('no span is sent before its exchange is known', () => {
    const run = scene();
    run.start('chat');
    run.send('one', 'chat');
    run.to(10);
    run.end('chat', chat());
    run.to(30_000);
    expect(run.told()).toEqual([]);
    expect(run.merger.nextDeadline()).toBeUndefined();
    run.answer('one');
    expect(run.told()).toEqual(['call one same trace/chat<']);
  });

  test('a process that is gone leaves nothing behind, and no parent that never comes', () => {
    const run = scene();
    run.start('agent', { name: 'invoke_agent a', parent: 'own' });
    run.start('chat', { parent: 'agent' });
    run.send('one', 'chat');
    run.answer('one');
    run.start('alone', { trace: 'other' });
    run.send('two', 'alone', 'other');
    run.answer('two');
    run.start('done', { trace: 'third' });
    run.end('done', chat());
    run.merger.processEnded(PID);
    expect(run.told()).toEqual([
      'call one child trace/*<own',
      'call two root other/*<',
      'call done reported third/done<',
    ]);
    expect(run.merger.nextDeadline()).toBeUndefined();
  });

  test('flush reports what waits', () => {
    const run = scene();
    run.start('Runnable');
    run.send('one', 'Runnable');
    run.answer('one');
    run.start('chat', { trace: 'other' });
    run.end('chat', chat());
    run.merger.flush();
    expect(run.told()).toEqual(['call one child trace/*<Runnable', 'call chat reported other/chat<']);
  });
});

/** JSON with the times that JSON has no numbers for. */
function text(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
