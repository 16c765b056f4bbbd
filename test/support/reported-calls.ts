/** Calls for the tests of the report: the usual, the odd and the hostile. */
import type { ReportedCall } from '../../src/report/reported-call.js';

/** 2026-01-02 03:04:05 UTC; the tests set the time zone. */
export const START = 1_767_323_045_000_000_000n;

export function reportedCall(fields: Partial<ReportedCall> = {}): ReportedCall {
  return {
    id: '1',
    kind: 'llm',
    start: START,
    duration: 0.314,
    pid: 4242,
    process: 'python3',
    provider: 'openai',
    model: 'gpt-4o-mini',
    inputTokens: 14,
    outputTokens: 3,
    cost: { amount: 0.0000039, currency: 'USD' },
    finishReasons: ['stop'],
    toolNames: [],
    partial: [],
    ...fields,
  };
}

function without(call: ReportedCall, ...names: (keyof ReportedCall)[]): ReportedCall {
  return Object.fromEntries(Object.entries(call).filter(([name]) => !names.includes(name as never))) as never;
}

export const CALLS: Record<string, ReportedCall> = {
  plain: reportedCall(),
  streamed: reportedCall({ firstChunk: 0.0921, duration: 1.2, finishReasons: ['length'], outputTokens: 17 }),
  tools: reportedCall({ finishReasons: ['tool_calls'], toolNames: ['get_weather', 'get_weather', 'book'] }),
  failed: without(
    reportedCall({ error: 'rate_limit_exceeded', finishReasons: [] }),
    'inputTokens',
    'outputTokens',
    'cost',
  ),
  large: reportedCall({
    provider: 'anthropic',
    model: 'claude-sonnet-4-5',
    inputTokens: 123_456,
    outputTokens: 2345,
    cost: { amount: 0.4055, currency: 'USD' },
    firstChunk: 1.5,
    duration: 75,
    finishReasons: ['end_turn'],
  }),
  cached: reportedCall({ cacheReadTokens: 64, inputTokens: 92, finishReasons: ['stop', 'stop'] }),
  partial: reportedCall({ partial: ['joined', 'gap'], process: 'node' }),
  wide: without(
    reportedCall({ provider: '月之暗面', model: 'kimi-漢字模型-preview', finishReasons: [] }),
    'inputTokens',
    'outputTokens',
    'cost',
    'pid',
  ),
  hostile: reportedCall({
    model: 'x\u001b[2J\u001b]0;title\u0007\r\ny\u202e',
    process: '\u001b[31mevil',
    finishReasons: ['\u0000stop'],
  }),
  mcp: without(
    reportedCall({ kind: 'mcp', provider: 'mcp', model: 'tools/call get_weather', finishReasons: [] }),
    'inputTokens',
    'outputTokens',
    'cost',
  ),
  unknown: { id: '2', kind: 'llm', start: START, finishReasons: [], toolNames: [], partial: [] },
};
