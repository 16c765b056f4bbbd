/** Every metric that we emit: name, unit, buckets. Source: the conventions' metric pages (see `genai-attributes.ts`). */

export interface Instrument {
  readonly name: string;
  readonly type: 'histogram' | 'counter';
  readonly unit: string;
  readonly description: string;
  /** Of a histogram: upper bounds. */
  readonly bounds: readonly number[];
}

/** Seconds. */
const DURATION_BOUNDS = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
const TOKEN_BOUNDS = [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864];
const MCP_BOUNDS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300];
const SERVER_FIRST_TOKEN_BOUNDS = [
  0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
];
const SERVER_PER_TOKEN_BOUNDS = [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5];
/** No convention; USD, from a small embedding to a long agent turn. */
const COST_BOUNDS = [0.00001, 0.0001, 0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

const seconds = (name: string, description: string, bounds: readonly number[] = DURATION_BOUNDS): Instrument => ({
  name,
  type: 'histogram',
  unit: 's',
  description,
  bounds,
});
const tokens = (name: string, type: 'histogram' | 'counter', description: string): Instrument => ({
  name,
  type,
  unit: '{token}',
  description,
  bounds: type === 'histogram' ? TOKEN_BOUNDS : [],
});

export const INSTRUMENT = {
  operationDuration: seconds('gen_ai.client.operation.duration', 'Duration of a GenAI operation'),
  tokenUsage: tokens('gen_ai.client.token.usage', 'histogram', 'Input and output tokens of a GenAI operation'),
  timeToFirstChunk: seconds(
    'gen_ai.client.operation.time_to_first_chunk',
    'Time from the request to the first chunk of a streamed answer',
  ),
  timePerOutputChunk: seconds(
    'gen_ai.client.operation.time_per_output_chunk',
    'Time between two chunks of a streamed answer',
  ),
  // development head
  inferenceDuration: seconds('gen_ai.client.inference.duration', 'Duration of an inference'),
  inferenceTimeToFirstChunk: seconds(
    'gen_ai.client.inference.time_to_first_chunk',
    'Time from the request to the first chunk of a streamed answer',
  ),
  inferenceTimePerOutputChunk: seconds(
    'gen_ai.client.inference.time_per_output_chunk',
    'Time between two chunks of a streamed answer',
  ),
  usageInput: tokens('gen_ai.client.inference.usage.input_tokens', 'counter', 'Input tokens, cached ones included'),
  usageOutput: tokens('gen_ai.client.inference.usage.output_tokens', 'counter', 'Output tokens, reasoning included'),
  usageCacheRead: tokens(
    'gen_ai.client.inference.usage.cache_read.input_tokens',
    'counter',
    'Input tokens read from a cache',
  ),
  usageCacheWrite: tokens(
    'gen_ai.client.inference.usage.cache_write.input_tokens',
    'counter',
    'Input tokens written to a cache',
  ),
  usageReasoning: tokens(
    'gen_ai.client.inference.usage.reasoning.output_tokens',
    'counter',
    'Output tokens spent on reasoning',
  ),
  inferenceInputTokens: tokens('gen_ai.client.inference.operation.input_tokens', 'histogram', 'Input tokens per call'),
  inferenceOutputTokens: tokens(
    'gen_ai.client.inference.operation.output_tokens',
    'histogram',
    'Output tokens per call',
  ),
  // the observed process is the model server
  serverRequestDuration: seconds('gen_ai.server.request.duration', 'Duration of a request at the model server'),
  serverTimeToFirstToken: seconds(
    'gen_ai.server.time_to_first_token',
    'Time to the first token of a successful answer',
    SERVER_FIRST_TOKEN_BOUNDS,
  ),
  serverTimePerOutputToken: seconds(
    'gen_ai.server.time_per_output_token',
    'Time per output token after the first',
    SERVER_PER_TOKEN_BOUNDS,
  ),
  mcpClientDuration: seconds(
    'mcp.client.operation.duration',
    'Duration of an MCP request as the client saw it',
    MCP_BOUNDS,
  ),
  mcpServerDuration: seconds(
    'mcp.server.operation.duration',
    'Duration of an MCP request as the server saw it',
    MCP_BOUNDS,
  ),
  mcpClientSession: seconds(
    'mcp.client.session.duration',
    'Duration of an MCP session as the client saw it',
    MCP_BOUNDS,
  ),
  mcpServerSession: seconds(
    'mcp.server.session.duration',
    'Duration of an MCP session as the server saw it',
    MCP_BOUNDS,
  ),
  // OpenLIT's
  cost: {
    name: 'gen_ai.usage.cost',
    type: 'histogram',
    unit: 'USD',
    description: 'Cost of a call',
    bounds: COST_BOUNDS,
  },
} as const satisfies Record<string, Instrument>;
