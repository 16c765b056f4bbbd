import { describe, expect, test } from '@jest/globals';
import { priceFactor } from '../../src/calls/price-factor.js';
import type { LlmCall } from '../../src/wire/llm-call.js';
import { chatCall } from '../telemetry/support/calls.js';

describe('how much of the list price an answer says that it costs', () => {
  const cases: [string, Partial<LlmCall>, number | undefined][] = [
    ['nothing said', {}, 1],
    ['the standard tier', { response: { serviceTier: 'default' } }, 1],
    ['flex at OpenAI', { provider: 'openai', response: { serviceTier: 'flex' } }, 0.5],
    ['flex at Vertex', { provider: 'gcp.vertex_ai', response: { serviceTier: 'flex' } }, 0.5],
    [
      'flex at Google with cached tokens',
      { provider: 'gcp.gemini', response: { serviceTier: 'flex' }, usage: { cacheReadInputTokens: 5 } },
      undefined,
    ],
    ['flex elsewhere', { provider: 'groq', response: { serviceTier: 'flex' } }, undefined],
    ['priority', { provider: 'openai', response: { serviceTier: 'priority' } }, undefined],
    ['a tier that was asked for, and not answered', { request: { serviceTier: 'priority' } }, undefined],
    [
      'a tier that was asked for, and not given',
      { request: { serviceTier: 'flex' }, response: { serviceTier: 'default' } },
      1,
    ],
    ['fast', { billing: { speed: 'fast' } }, undefined],
    ['the standard speed', { billing: { speed: 'standard' } }, 1],
    ['in the US', { billing: { inferenceGeo: 'us' } }, 1.1],
    ['anywhere', { billing: { inferenceGeo: 'not_available' } }, 1],
    ['at a place that nobody knows', { billing: { inferenceGeo: 'moon' } }, undefined],
    ['a tool without a price', { billing: { unpriced: 'code_interpreter_call' } }, undefined],
  ];

  test.each(cases)('%s', (_, facts, factor) => {
    expect(priceFactor(chatCall({ request: {}, response: {}, usage: {}, ...facts }))).toBe(factor);
  });
});
