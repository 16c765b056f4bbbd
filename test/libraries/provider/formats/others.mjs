// Formats that few speak: DashScope, Replicate, Hugging Face's text generation.
import { decide, pieces, textOf } from '../answer.mjs';

export function dashscope({ body, headers }) {
  const stream = headers['x-dashscope-sse'] === 'enable' || /event-stream/.test(headers.accept ?? '');
  const call = { operation: 'chat', model: body.model, stream };
  const said = body.input.messages ?? [{ content: body.input.prompt }];
  const answer = decide({ messages: said.map(({ role, content }) => ({ role, text: textOf(content) })) });
  if (answer.error) {
    const code = answer.error === 429 ? 'Throttling.RateQuota' : 'InternalError';
    const json = { code, message: `planted ${answer.error}`, request_id: 'local' };
    return { status: answer.error, json, call: { ...call, error: code } };
  }
  const usage = {
    input_tokens: answer.input,
    output_tokens: answer.output,
    total_tokens: answer.input + answer.output,
  };
  const whole = (content, finish_reason) => ({
    output: { choices: [{ finish_reason, message: { role: 'assistant', content } }] },
    usage,
    request_id: 'local',
  });
  const told = { ...call, finish: ['stop'], input: answer.input, output: answer.output };
  if (!stream) return { json: whole(answer.text, 'stop'), call: told };
  const parts = pieces(answer.text);
  const events = parts.map((text, index) => ({
    event: 'result',
    id: index + 1,
    data: whole(text, index === parts.length - 1 ? 'stop' : 'null'),
    model: true,
  }));
  return { events, call: told };
}

/** Replicate's predictions: a job of a model, no format of a chat. */
export function prediction({ body, path, url }) {
  const model = /\/models\/(.+)\/predictions/.exec(path)?.[1] ?? 'local/model';
  const at = `${url}/v1/predictions/local`;
  const json = {
    id: 'local',
    model,
    version: 'hidden',
    input: body.input,
    output: ['The answer', ' is 42.'],
    logs: '',
    error: null,
    status: 'succeeded',
    created_at: '2026-01-01T00:00:00Z',
    started_at: '2026-01-01T00:00:00Z',
    completed_at: '2026-01-01T00:00:01Z',
    metrics: { predict_time: 1 },
    urls: { get: at, cancel: `${at}/cancel` },
  };
  return { status: 201, json };
}

export function textGeneration({ body, path }) {
  const model = /\/models\/([^?]+)/.exec(path)?.[1];
  const answer = decide({ messages: [{ text: body.inputs }] });
  const json = [{ generated_text: answer.text }];
  return { json, call: { operation: 'text_completion', model, stream: false } };
}
