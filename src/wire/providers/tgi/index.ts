/**
 * Text Generation Inference's own API, and Hugging Face endpoints built on it.
 * @see https://huggingface.co/docs/text-generation-inference/reference/api_reference
 */
import type { CallDraft } from '../call-draft.js';
import { isErrorBody, readError } from '../errors.js';
import type { Format, Heads } from '../format.js';
import { assign, count, type Fields, fields, flag, number, text, texts, whole } from '../json/fields.js';
import { each, KEEP, keep, SIZE } from '../json/selection.js';
import { decode } from '../path-model.js';

function readRequest(body: Fields, draft: CallDraft, heads: Heads): void {
  const parameters = fields(body.parameters);
  assign(draft.request, {
    // One server serves one model; only the shared inference API names it, in the path.
    model: text(body.model) ?? heads.path.split('/models/')[1],
    stream: heads.path.endsWith('/generate_stream') ? true : flag(body.stream),
    temperature: number(parameters.temperature),
    topP: number(parameters.top_p),
    topK: number(parameters.top_k),
    maxTokens: whole(parameters.max_new_tokens),
    frequencyPenalty: number(parameters.frequency_penalty),
    seed: number(parameters.seed),
    stopSequences: texts(parameters.stop),
  });
  const prompt = text(body.inputs);
  if (draft.room.enabled && prompt !== undefined) {
    draft.setInput({ messages: [{ role: 'user', parts: [{ type: 'text', content: prompt }] }] });
  }
}

function readDetails(value: unknown, draft: CallDraft): void {
  const details = fields(value);
  const choice = draft.choice();
  choice.finishReason = text(details.finish_reason) ?? choice.finishReason;
  draft.addUsage({ inputTokens: count(details.input_length), outputTokens: count(details.generated_tokens) });
}

/** Non-streamed answers are counted in headers. */
function readHeaders(heads: Heads, draft: CallDraft): void {
  const counted = (name: string) => {
    const value = heads.responseHeaders[name];
    return value === undefined || value === '' ? undefined : count(Number(value));
  };
  draft.addUsage({ inputTokens: counted('x-prompt-tokens'), outputTokens: counted('x-generated-tokens') });
}

export const tgiGenerate: Format = {
  name: 'tgi.generate',
  operation: 'text_completion',
  requestFields: content => ({ ...keep('parameters', 'stream', 'model'), inputs: content ? KEEP : SIZE }),
  responseFields: () => ({
    ...keep('generated_text', 'details', 'error', 'error_type'),
    ...each(keep('generated_text', 'details')),
  }),
  isRequest: body => body.inputs !== undefined && (body.parameters !== undefined || typeof body.inputs === 'string'),
  readRequest,
  readResponse(body, draft, heads) {
    if (isErrorBody(body)) readError(body, draft);
    readHeaders(heads, draft);
    if (text(body.generated_text) !== undefined) draft.choice().text(text(body.generated_text));
    if (body.details !== undefined) readDetails(body.details, draft);
  },
  openStream(draft) {
    return {
      complete: false,
      event(event) {
        if (isErrorBody(event)) {
          readError(event, draft);
          this.complete = true;
          return false;
        }
        const token = fields(event.token);
        if (token.special !== true) draft.choice().text(text(token.text));
        if (event.details !== undefined && event.details !== null) {
          readDetails(event.details, draft);
          this.complete = true;
        }
        if (text(event.generated_text) !== undefined) this.complete = true;
        return text(token.text) !== undefined;
      },
    };
  },
};

/** `…/models/{organization}/{name}/pipeline/feature-extraction`: bare vectors, neither counted nor named. */
export const huggingFaceEmbeddings: Format = {
  name: 'huggingface.embeddings',
  operation: 'embeddings',
  requestFields: () => ({ inputs: SIZE }),
  // Of a large answer vectors are measured, and nobody can tell a text's one vector from a token's many.
  responseFields: () => ({ error: KEEP, '*': SIZE }),
  isRequest: body => body.inputs !== undefined,
  readRequest(_body, draft, heads) {
    const model = heads.path.split('/models/')[1]?.split('/pipeline/')[0];
    if (model !== undefined) draft.request.model = decode(model);
  },
  readResponse(body, draft) {
    if (isErrorBody(body)) readError(body, draft);
  },
  readArray(elements, draft) {
    let vector = elements;
    while (Array.isArray(vector[0])) vector = vector[0];
    if (typeof vector[0] === 'number') draft.response.embeddingDimensions = vector.length;
  },
};
