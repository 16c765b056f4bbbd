import type { LlmCall, McpCall } from '../../../src/wire/llm-call.js';

export const START = 1_760_000_000_123_456_789n;

/** A streamed chat with everything that a provider can say. */
export function chatCall(over: Partial<LlmCall> = {}): LlmCall {
  return {
    kind: 'llm',
    id: 'call-1',
    role: 'client',
    protocol: 'http/1.1',
    provider: 'openai',
    operation: 'chat',
    serverAddress: 'api.openai.com',
    serverPort: 443,
    start: START,
    firstChunk: START + 250_000_000n,
    chunkTimes: [START + 300_000_000n, START + 400_000_000n],
    end: START + 1_500_000_000n,
    httpStatus: 200,
    partial: [],
    request: { model: 'gpt-4o', stream: true, temperature: 1, maxTokens: 100, choiceCount: 1, serviceTier: 'auto' },
    response: { id: 'chatcmpl-1', model: 'gpt-4o-2024-08-06', finishReasons: ['stop'], serviceTier: 'default' },
    usage: { inputTokens: 1000, outputTokens: 100, cacheReadInputTokens: 600, cacheWriteInputTokens: 0 },
    toolCalls: [],
    ...over,
  };
}

export function mcpCall(over: Partial<McpCall> = {}): McpCall {
  return {
    kind: 'mcp',
    id: 'mcp-1',
    role: 'client',
    protocol: 'h2',
    method: 'tools/call',
    toolName: 'weather',
    requestId: '7',
    protocolVersion: '2025-11-25',
    sessionId: 'session-1',
    serverAddress: 'mcp.example.com',
    serverPort: 443,
    start: START,
    end: START + 20_000_000n,
    httpStatus: 200,
    partial: [],
    ...over,
  };
}
