import type { CallDraft } from '../../call-draft.js';
import { isErrorBody, readError } from '../../errors.js';
import type { Format, StreamReader } from '../../format.js';
import { assign, type Fields, flag, text } from '../../json/fields.js';
import { KEEP, keep, SIZE } from '../../json/selection.js';
import { readNamedUsage } from '../named-usage.js';

/** Text to speech, and speech to text. Answers are audio, plain text or JSON; only JSON and event streams say more. */

function openStream(draft: CallDraft): StreamReader {
  return {
    complete: false,
    event(event, name) {
      const type = text(event.type) ?? name ?? '';
      if (isErrorBody(event)) readError(event, draft);
      if (type.endsWith('.done') || isErrorBody(event)) this.complete = true;
      if (type === 'transcript.text.delta') draft.choice().text(text(event.delta));
      readNamedUsage(event.usage, draft);
      return type.endsWith('.delta');
    },
  };
}

export const openAiSpeech: Format = {
  name: 'openai.speech',
  operation: 'speech',
  requestFields: content => ({ ...keep('model', 'stream', 'stream_format'), input: content ? KEEP : SIZE }),
  responseFields: () => keep('error'),
  isRequest: body => text(body.model) !== undefined && body.input !== undefined,
  readRequest(body, draft) {
    assign(draft.request, {
      model: text(body.model),
      outputType: 'speech',
      // Mistral asks for events as everywhere else.
      stream: body.stream_format === 'sse' || body.stream === true ? true : undefined,
    });
    const input = text(body.input);
    if (draft.room.enabled && input !== undefined) {
      draft.setInput({ messages: [{ role: 'user', parts: [{ type: 'text', content: input }] }] });
    }
  },
  readResponse(body, draft) {
    if (isErrorBody(body)) readError(body, draft);
  },
  openStream,
};

export const openAiTranscription: Format = {
  name: 'openai.transcription',
  operation: 'transcription',
  requestFields: () => keep('model', 'stream', 'temperature', 'response_format'),
  responseFields: () => keep('text', 'usage', 'error', 'model'),
  isRequest: body => text(body.model) !== undefined,
  readRequest(body, draft) {
    const temperature = Number(text(body.temperature) ?? body.temperature ?? Number.NaN);
    assign(draft.request, {
      model: text(body.model),
      stream: flag(body.stream) ?? (body.stream === 'true' ? true : undefined),
      temperature: Number.isFinite(temperature) ? temperature : undefined,
    });
  },
  readResponse(body: Fields, draft: CallDraft) {
    if (isErrorBody(body)) readError(body, draft);
    draft.choice().text(text(body.text));
    assign(draft.response, { model: text(body.model) });
    readNamedUsage(body.usage, draft);
  },
  openStream,
};
