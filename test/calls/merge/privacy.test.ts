/** What of an SDK's span leaves: with content off names, ids and counts alone, whatever the framework put where. */
import { describe, expect, test } from '@jest/globals';
import { allowedAttributes, namingAttributes } from '../../../src/calls/merge/allowed-attributes.js';
import { modelName } from '../../../src/calls/merge/names.js';
import { renderStep } from '../../../src/calls/merge/render-span.js';
import { redactCredentials } from '../../../src/calls/redact.js';
import { at } from './scene.js';

const KEY = ['sk', 'proj', 'Ab12'.repeat(10)].join('-');
const off = { capture: 'off', maxLength: 100, redact: redactCredentials } as const;
const on = { ...off, capture: 'span' } as const;

/** As frameworks were seen to send them with capture off. */
const LEAKS = {
  'gen_ai.agent.description': 'PLANTED agent that knows the customer',
  'gen_ai.crewai.crew.agents': '[{"goal": "PLANTED goal"}]',
  'gen_ai.input.messages': '[{"role":"user","parts":[{"type":"text","content":"PLANTED prompt"}]}]',
  'db.query.summary': 'query PLANTED document',
  'gen_ai.tool.call.arguments': '{"city":"PLANTED"}',
  'gen_ai.tool.call.result': 'PLANTED result',
  'some.new.attribute': 'PLANTED somewhere',
  'gen_ai.usage.input_tokens': 999,
  'gen_ai.usage.cost': 0.5,
  'gen_ai.request.model': 'gpt-4o',
};

const NAMES = {
  'gen_ai.operation.name': 'execute_tool',
  'gen_ai.tool.name': 'weather',
  'gen_ai.agent.name': 'planner',
  'gen_ai.conversation.id': 'thread-1',
  'gen_ai.graph.nodes': ['plan', 'act'],
  'db.response.returned_rows': 4,
};

describe('content off', () => {
  test('names, ids and counts leave, nothing else does, and what stayed is counted', () => {
    const { attributes, dropped } = allowedAttributes({ ...LEAKS, ...NAMES }, off);
    expect(attributes).toEqual(NAMES);
    expect(dropped).toBe(Object.keys(LEAKS).length);
  });

  test('a status message stays, its type leaves', () => {
    const ended = {
      traceId: 't',
      spanId: 's',
      name: 'execute_tool weather',
      start: at(5),
      end: at(1),
      attributes: {},
      status: { code: 2, message: 'PLANTED prompt is invalid' },
      events: [{ name: 'exception', attributes: { 'exception.type': 'ValueError', 'exception.message': 'PLANTED' } }],
    };
    const span = renderStep(ended, { traceId: 't', parentSpanId: undefined }, off);
    expect(span).toMatchObject({ error: {}, attributes: { 'error.type': 'ValueError' }, end: at(5) });
    expect(JSON.stringify(span, (_key, value) => (typeof value === 'bigint' ? String(value) : value))).not.toContain(
      'PLANTED',
    );
    expect(renderStep(ended, { traceId: 't', parentSpanId: undefined }, on).error).toEqual({
      message: 'PLANTED prompt is invalid',
    });
  });

  test('a credential in a name goes, a text where a name should be is cut', () => {
    const { attributes } = allowedAttributes(
      { 'gen_ai.agent.name': `agent ${KEY}`, 'gen_ai.tool.name': 'x'.repeat(5_000) },
      off,
    );
    expect(attributes['gen_ai.agent.name']).toBe('agent [REDACTED]');
    expect((attributes['gen_ai.tool.name'] as string).length).toBeLessThan(300);
    expect(namingAttributes({ 'gen_ai.agent.name': KEY }, redactCredentials)).toEqual({
      'gen_ai.agent.name': '[REDACTED]',
    });
  });

  test.each([[{ a: 1 }], [[1, 2]], [Number.NaN], [null], [undefined], [''], [[{}]]])('%j is no name', value => {
    expect(allowedAttributes({ 'gen_ai.agent.name': value }, off).attributes).toEqual({});
  });
});

describe('content on', () => {
  test('messages leave, redacted by shape and by the name of their field, and cut', () => {
    const { attributes } = allowedAttributes(
      {
        'gen_ai.tool.call.arguments': `{"city":"Paris","api_key":"x y","note":"${KEY}"}`,
        'gen_ai.tool.call.result': `ok ${KEY}`,
        'gen_ai.input.messages': 'y'.repeat(5_000),
        'some.new.attribute': 'PLANTED',
      },
      on,
    );
    expect(attributes).toEqual({
      'gen_ai.tool.call.arguments': '{"city":"Paris","api_key":"[REDACTED]","note":"[REDACTED]"}',
      'gen_ai.tool.call.result': 'ok [REDACTED]',
      'gen_ai.input.messages': `${'y'.repeat(100)}…[cut, 5000 characters]`,
    });
  });
});

test.each([
  ['gpt-4o', 'gpt-4o'],
  [' openai/gpt-4o ', 'openai/gpt-4o'],
  ['unknown', undefined],
  ['Unknown', undefined],
  ['', undefined],
  [undefined, undefined],
  [42, undefined],
  ['<agents.models.OpenAIChatCompletionsModel object at 0x7f3b2c>', undefined],
])('model %j is %j', (value, name) => {
  expect(modelName(value)).toBe(name);
});
