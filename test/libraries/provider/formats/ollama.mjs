// Ollama's own API: chat, generate, embed; newline-delimited JSON where it streams, which it does unless told otherwise.
import { decide, pieces, textOf, vector } from '../answer.mjs';

const CREATED = '2026-01-01T00:00:00Z';

function answered(body, operation, messages, put) {
  const stream = body.stream !== false;
  const call = { operation, model: body.model, stream };
  const answer = decide({
    messages,
    tools: (body.tools ?? []).map(({ function: each }) => ({ name: each.name, schema: each.parameters })),
    schema: typeof body.format === 'object' ? body.format : undefined,
  });
  if (answer.error) {
    const json = { error: `planted ${answer.error}` };
    return { status: answer.error, json, call: { ...call, error: String(answer.error) } };
  }
  const head = { model: body.model, created_at: CREATED };
  const end = {
    done: true,
    done_reason: 'stop',
    total_duration: 1_000_000,
    load_duration: 1000,
    prompt_eval_count: answer.input,
    prompt_eval_duration: 1000,
    eval_count: answer.output,
    eval_duration: 1000,
  };
  const told = { ...call, responseModel: body.model, finish: ['stop'], input: answer.input, output: answer.output };
  const tool_calls = answer.tool && [{ function: { name: answer.tool.name, arguments: answer.tool.args } }];
  if (!stream) return { json: { ...head, ...put(answer.text ?? '', tool_calls), ...end }, call: told };
  const parts = tool_calls ? [''] : pieces(answer.text);
  const events = parts.map(text => ({ data: { ...head, ...put(text, tool_calls), done: false }, model: true }));
  events.push({ data: { ...head, ...put(''), ...end } });
  return { events, framing: 'ndjson', call: told };
}

export function chat({ body }) {
  const messages = body.messages.map(({ role, content }) => ({
    role,
    text: textOf(content),
    toolResult: role === 'tool',
  }));
  return answered(body, 'chat', messages, (content, tool_calls) => ({
    message: { role: 'assistant', content, ...(tool_calls && { tool_calls }) },
  }));
}

export function generate({ body }) {
  return answered(body, 'text_completion', [{ text: body.prompt }], response => ({ response }));
}

export function embed({ body }) {
  const inputs = [body.input].flat();
  const input = 4 * inputs.length;
  return {
    json: { model: body.model, embeddings: inputs.map(text => vector(text)), prompt_eval_count: input },
    call: { operation: 'embeddings', model: body.model, responseModel: body.model, input },
  };
}
