/** Requests of Bedrock's models that have a form of their own, and how each is answered; a gateway's path says nothing of them. */
import { type Fields, fields, isFields, items, text } from '../../json/fields.js';
import { hasMessages, isInput } from '../../shapes.js';

interface Form {
  fits(body: Fields): boolean;
  isAnswer(body: Fields): boolean;
}

const isCohereEmbed = (body: Fields) => isInput(body.texts) && text(body.input_type) !== undefined;
const isNovaEmbed = (body: Fields) => isFields(body.singleEmbeddingParams) && text(body.taskType) !== undefined;

/** Embeddings whose model's name is nowhere in the request. */
export const isEmbedRequest = (body: Fields): boolean => isCohereEmbed(body) || isNovaEmbed(body);

const hasText = (value: unknown) => typeof value === 'string';

export const NATIVE_FORMS: readonly Form[] = [
  // Titan.
  { fits: body => isInput(body.inputText), isAnswer: body => body.inputTextTokenCount !== undefined },
  // Llama.
  {
    fits: body => isInput(body.prompt) && body.max_gen_len !== undefined,
    isAnswer: body => body.generation_token_count !== undefined,
  },
  // Streams of Nova and others; whole answers of these have the form of Converse, or of the model's own API.
  { fits: hasMessages, isAnswer: () => false },
  // Nova.
  { fits: isNovaEmbed, isAnswer: body => fields(items(body.embeddings)[0]).embedding !== undefined },
  // Cohere; its own API says what was billed, Bedrock does not.
  {
    fits: isCohereEmbed,
    isAnswer: body =>
      body.meta === undefined &&
      body.embeddings !== undefined &&
      text(body.response_type)?.startsWith('embeddings_') === true,
  },
  {
    fits: body => isInput(body.prompt),
    isAnswer: ({ generations, meta }) =>
      meta === undefined &&
      hasText(fields(items(generations)[0]).text) &&
      hasText(fields(items(generations)[0]).finish_reason),
  },
  // Mistral.
  {
    fits: body => isInput(body.prompt),
    isAnswer: ({ outputs }) =>
      hasText(fields(items(outputs)[0]).text) && hasText(fields(items(outputs)[0]).stop_reason),
  },
  // Jurassic.
  {
    fits: body => isInput(body.prompt),
    isAnswer: ({ completions }) =>
      hasText(fields(fields(items(completions)[0]).data).text) && isFields(fields(items(completions)[0]).finishReason),
  },
];
