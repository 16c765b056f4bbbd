/** watsonx: chat in OpenAI's form with `model_id`, and its own text generation. @see https://cloud.ibm.com/apidocs/watsonx-ai */
import type { CallDraft } from '../call-draft.js';
import { isErrorBody, readError } from '../errors.js';
import type { Format, Heads } from '../format.js';
import { assign, count, type Fields, fields, items, number, text, texts, whole } from '../json/fields.js';
import { each, KEEP, keep, SIZE } from '../json/selection.js';
import { openAiChat } from '../openai/chat/index.js';
import { vectorLength } from '../vectors.js';

const streams = (heads: Heads): true | undefined => (heads.path.endsWith('_stream') ? true : undefined);

export const watsonxChat: Format = {
  ...openAiChat,
  name: 'watsonx.chat',
  requestFields: content => ({ ...openAiChat.requestFields(content), model_id: KEEP }),
  isRequest: body => body.messages !== undefined,
  readRequest(body, draft, heads) {
    openAiChat.readRequest(body, draft, heads);
    assign(draft.request, { model: text(body.model_id), stream: streams(heads) });
  },
};

function readResults(body: Fields, draft: CallDraft): boolean {
  if (isErrorBody(body) || items(body.errors).length > 0) readError(items(body.errors)[0] ?? body, draft);
  assign(draft.response, { model: text(body.model_id) });
  let output = false;
  for (const [index, each] of items(body.results).entries()) {
    const result = fields(each);
    const choice = draft.choice(index);
    choice.text(text(result.generated_text));
    // Chunks that are not the last say `not_finished`.
    if (result.stop_reason !== 'not_finished') choice.finishReason = text(result.stop_reason) ?? choice.finishReason;
    const input = count(result.input_token_count);
    draft.addUsage({
      inputTokens: input === 0 && draft.usage.inputTokens !== undefined ? undefined : input,
      outputTokens: count(result.generated_token_count),
    });
    output ||= text(result.generated_text) !== undefined;
  }
  return output;
}

export const watsonxGeneration: Format = {
  name: 'watsonx.generation',
  operation: 'text_completion',
  requestFields: content => ({ ...keep('model_id', 'parameters'), input: content ? KEEP : SIZE }),
  responseFields: () => ({ ...keep('model_id', 'error', 'errors'), results: each(KEEP) }),
  isRequest: body => body.input !== undefined && text(body.model_id) !== undefined,
  readRequest(body, draft, heads) {
    const parameters = fields(body.parameters);
    assign(draft.request, {
      model: text(body.model_id),
      stream: streams(heads),
      temperature: number(parameters.temperature),
      topP: number(parameters.top_p),
      topK: number(parameters.top_k),
      maxTokens: whole(parameters.max_new_tokens),
      seed: number(parameters.random_seed),
      stopSequences: texts(parameters.stop_sequences),
    });
    const prompt = text(body.input);
    if (draft.room.enabled && prompt !== undefined) {
      draft.setInput({ messages: [{ role: 'user', parts: [{ type: 'text', content: prompt }] }] });
    }
  },
  readResponse: readResults,
  openStream: draft => ({
    event: event => readResults(event, draft),
    get complete() {
      return draft.error !== undefined || draft.choices.some(choice => choice.finishReason !== undefined);
    },
  }),
};

export const watsonxEmbeddings: Format = {
  name: 'watsonx.embeddings',
  operation: 'embeddings',
  requestFields: () => ({ model_id: KEEP, inputs: SIZE }),
  responseFields: () => ({ ...keep('model_id', 'input_token_count', 'errors'), results: each({ embedding: SIZE }) }),
  isRequest: body => body.inputs !== undefined && text(body.model_id) !== undefined,
  readRequest(body, draft) {
    assign(draft.request, { model: text(body.model_id) });
  },
  readResponse(body, draft) {
    assign(draft.response, {
      model: text(body.model_id),
      embeddingDimensions: vectorLength(fields(items(body.results)[0]).embedding),
    });
    draft.addUsage({ inputTokens: count(body.input_token_count) });
  },
};
