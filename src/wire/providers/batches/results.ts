/** What one line of a fetched file, or one entry of a fetched list, says: the answer to one request of a batch, or why there is none. */
import { anthropic } from '../anthropic/family.js';
import type { Format } from '../format.js';
import { gemini } from '../gemini/family.js';
import { modelName } from '../gemini/names.js';
import { count, type Fields, fields, isFields, items, text } from '../json/fields.js';
import { each, KEEP, keep, merge, type SelectedMembers } from '../json/selection.js';
import { openAi } from '../openai/family.js';

export interface Result {
  /** Of the answer; absent where there is none. */
  readonly format?: Format;
  /** The answer, or the error. */
  readonly body: Fields;
  /** It has the form of a result even if none beside it has an answer. */
  readonly certain: boolean;
}

/** The others that have batches copy one of these. */
const SHAPES = [anthropic, gemini, openAi].flatMap(family => family.shapes ?? []);

/** @returns undefined where it is no result of a batch */
export function resultOf(value: unknown): Result | undefined {
  const item = fields(value);
  if (isFields(item.result) && text(item.custom_id) !== undefined) return anthropicResult(item.result);
  if (isFields(item.batch_result) && text(item.batch_request_id) !== undefined) return xaiResult(item.batch_result);
  // What has no answer says so: `"response": null`.
  if (text(item.custom_id) !== undefined && item.response !== undefined)
    return openAiResult(fields(item.response), item.error);
  return answered(item.response) ?? failed(item.error, false);
}

function answered(value: unknown): Result | undefined {
  if (!isFields(value)) return undefined;
  const shape = SHAPES.find(({ isAnswer }) => isAnswer(value));
  return shape === undefined ? undefined : { format: shape.format, body: value, certain: true };
}

function failed(error: unknown, certain: boolean): Result | undefined {
  return isFields(error) ? { body: { error }, certain } : undefined;
}

/** @see https://docs.claude.com/en/api/retrieving-message-batch-results */
function anthropicResult(result: Fields): Result | undefined {
  switch (result.type) {
    case 'succeeded':
      return answered(result.message);
    case 'errored':
      return failed(fields(result.error).error ?? result.error, true);
    case 'canceled':
    case 'expired':
      return failed({ type: result.type }, true);
    default:
      return undefined;
  }
}

/** @see https://platform.openai.com/docs/api-reference/batch/request-output */
function openAiResult(response: Fields, error: unknown): Result | undefined {
  const status = count(response.status_code) ?? 0;
  if (status < 400) return answered(response.body) ?? failed(error, true);
  return failed(fields(response.body).error ?? { code: String(status) }, true);
}

/** The answer lies below the name of the call. @see https://docs.x.ai/docs/guides/batch-api */
function xaiResult(result: Fields): Result | undefined {
  return answered(Object.values(fields(result.response))[0]) ?? failed(result.error, true);
}

/** Answers that are not in lines but in a list, and what the document says of all of them. */
export interface ResultList {
  readonly results: readonly unknown[];
  readonly model?: string;
}

/**
 * The lists of Gemini (in the operation, which may repeat it in its metadata), Mistral, xAI and OpenRouter (in the batch, or
 * page by page). @returns undefined where the document is none of them
 */
export function resultList(document: Fields): ResultList | undefined {
  const { metadata } = document;
  const inlined = inlinedOf(fields(document.response)) ?? inlinedOf(fields(fields(metadata).output));
  const results = inlined ?? [document.results, document.outputs, document.data].find(list => items(list).length > 0);
  const model = modelName(fields(metadata).model) ?? text(document.model);
  if (results === undefined) return undefined;
  return model === undefined ? { results: items(results) } : { results: items(results), model };
}

function inlinedOf(output: Fields): unknown {
  const list = output.inlinedResponses ?? output.inlinedEmbedContentResponses;
  return isFields(list) ? (list.inlinedResponses ?? list.inlinedEmbedContentResponses) : undefined;
}

/** What is kept of a document that is too large to be kept whole. */
export function documentFields(content: boolean): SelectedMembers {
  const answer = merge(...SHAPES.map(({ format }) => format.responseFields(content)));
  const item: SelectedMembers = {
    ...keep('custom_id', 'batch_request_id', 'error'),
    result: { type: KEEP, error: KEEP, message: answer },
    response: merge(answer, { status_code: KEEP, body: answer }),
    batch_result: { error: KEEP, response: { chat_get_completion: answer } },
  };
  const inlined = {
    inlinedResponses: { inlinedResponses: each(item) },
    inlinedEmbedContentResponses: { inlinedResponses: each(item), inlinedEmbedContentResponses: each(item) },
  };
  return {
    ...item,
    model: KEEP,
    response: merge(answer, { status_code: KEEP, body: answer }, inlined),
    metadata: { model: KEEP, output: inlined },
    results: each(item),
    outputs: each(item),
    data: each(item),
  };
}
