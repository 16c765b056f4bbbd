// Bedrock's Converse and InvokeModel, plain and as an AWS event stream.
import { crc32 } from 'node:zlib';
import { decide, pieces } from '../answer.mjs';
import { messages as anthropic } from './anthropic.mjs';

/** CRC-32 where Node's zlib has none (before 22.2). */
const checksum = crc32 ?? slowChecksum;

function slowChecksum(bytes) {
  let sum = ~0;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return ~sum >>> 0;
}

function header(name, value) {
  const [key, text] = [Buffer.from(name), Buffer.from(value)];
  const size = Buffer.alloc(2);
  size.writeUInt16BE(text.length);
  return Buffer.concat([Buffer.from([key.length]), key, Buffer.from([7]), size, text]);
}

/** One message of `application/vnd.amazon.eventstream`. */
export function eventStreamMessage(type, data) {
  const headers = Buffer.concat([
    header(':event-type', type),
    header(':content-type', 'application/json'),
    header(':message-type', 'event'),
  ]);
  const payload = Buffer.from(JSON.stringify(data));
  const prelude = Buffer.alloc(12);
  prelude.writeUInt32BE(16 + headers.length + payload.length, 0);
  prelude.writeUInt32BE(headers.length, 4);
  prelude.writeUInt32BE(checksum(prelude.subarray(0, 8)), 8);
  const whole = Buffer.concat([prelude, headers, payload]);
  const tail = Buffer.alloc(4);
  tail.writeUInt32BE(checksum(whole));
  return Buffer.concat([whole, tail]);
}

const ERRORS = { 429: 'ThrottlingException', 401: 'UnrecognizedClientException', 500: 'InternalServerException' };

function refused(status, call) {
  const type = ERRORS[status] ?? 'InternalServerException';
  const headers = { 'x-amzn-errortype': type };
  return { status, headers, json: { message: `planted ${status}` }, call: { ...call, error: type } };
}

const modelOf = path => decodeURIComponent(/\/model\/([^/]+)\//.exec(path)[1]);

export function converse({ body, path }) {
  const stream = path.includes('/converse-stream');
  const call = { operation: 'chat', model: modelOf(path), stream };
  const text = content => content.map(part => part.text ?? '').join(' ');
  const messages = body.messages.map(({ role, content }) => ({
    role,
    text: text(content),
    toolResult: content.some(({ toolResult }) => toolResult),
  }));
  const choice = body.toolConfig?.toolChoice;
  const answer = decide({
    messages: body.system ? [{ role: 'system', text: text(body.system) }, ...messages] : messages,
    tools: (body.toolConfig?.tools ?? []).map(({ toolSpec: each }) => ({
      name: each?.name,
      schema: each?.inputSchema?.json,
    })),
    force: choice?.tool?.name ?? (choice?.any ? true : undefined),
  });
  if (answer.error) return refused(answer.error, call);
  const stopReason = answer.tool ? 'tool_use' : 'end_turn';
  const usage = { inputTokens: answer.input, outputTokens: answer.output, totalTokens: answer.input + answer.output };
  const told = { ...call, finish: [stopReason], input: answer.input, output: answer.output };
  const use = answer.tool && { toolUseId: 'tooluse_local', name: answer.tool.name };
  if (!stream) {
    const content = [use ? { toolUse: { ...use, input: answer.tool.args } } : { text: answer.text }];
    const json = { output: { message: { role: 'assistant', content } }, stopReason, usage, metrics: { latencyMs: 60 } };
    return { json, call: told };
  }
  const deltas = use
    ? [{ toolUse: { input: JSON.stringify(answer.tool.args) } }]
    : pieces(answer.text).map(piece => ({ text: piece }));
  const events = [
    { event: 'messageStart', data: { role: 'assistant' } },
    ...(use ? [{ event: 'contentBlockStart', data: { start: { toolUse: use }, contentBlockIndex: 0 } }] : []),
    ...deltas.map(delta => ({ event: 'contentBlockDelta', data: { delta, contentBlockIndex: 0 }, model: true })),
    { event: 'contentBlockStop', data: { contentBlockIndex: 0 } },
    { event: 'messageStop', data: { stopReason } },
    { event: 'metadata', data: { usage, metrics: { latencyMs: 60 } } },
  ];
  return { events, framing: 'aws', call: told };
}

/** Anthropic's models, and Titan's embeddings. */
export function invoke({ body, path }) {
  const model = modelOf(path);
  if (body.inputText !== undefined) {
    const json = { embedding: [0.1, 0.2, 0.3], inputTextTokenCount: 4 };
    return { json, call: { operation: 'embeddings', model, input: 4 } };
  }
  const stream = path.includes('/invoke-with-response-stream');
  const answer = anthropic({ body, model, stream });
  if (answer.status) return refused(answer.status, { operation: 'chat', model, stream });
  if (!stream) return answer;
  const wrapped = answer.events.map(({ data, model: carries }) => ({
    event: 'chunk',
    data: { bytes: Buffer.from(JSON.stringify(data)).toString('base64') },
    ...(carries && { model: true }),
  }));
  return { events: wrapped, framing: 'aws', call: answer.call };
}
