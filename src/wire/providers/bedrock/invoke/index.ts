/**
 * InvokeModel: the body is the model's own. It is told by its form and not by the model's name, because imported models
 * and endpoints have any name.
 */
import { anthropicMessages } from '../../anthropic/messages/index.js';
import type { CallDraft } from '../../call-draft.js';
import type { Format, Heads, StreamReader } from '../../format.js';
import { assign, count, type Fields, fields, isFields, items, parseJson, text, texts } from '../../json/fields.js';
import { each, KEEP, merge, type SelectedMembers, SIZE } from '../../json/selection.js';
import { openAiChat } from '../../openai/chat/index.js';
import { openAiCompletions } from '../../openai/completions/index.js';
import { vectorLength } from '../../vectors.js';
import { bedrockConverse } from '../converse/index.js';
import { bedrockModel } from '../model.js';
import { readInvocationMetrics, readServing } from '../usage.js';
import { isEmbedRequest } from './shapes.js';
import { readTextRequest, readTextResponse, TEXT_REQUEST, TEXT_RESPONSE } from './text.js';

const METRICS = 'amazon-bedrock-invocationMetrics';

const EMBEDDINGS: SelectedMembers = {
  embedding: SIZE,
  embeddings: { ...each({ embedding: SIZE }), float: each(SIZE) },
};

function readRequest(body: Fields, draft: CallDraft, heads: Heads): void {
  const model = bedrockModel(heads);
  assign(draft.request, { model });
  if (isFields(body.inferenceConfig)) {
    draft.operation = 'chat';
    bedrockConverse.readRequest(body, draft, heads);
  } else if (body.messages !== undefined) {
    draft.operation = 'chat';
    (text(body.anthropic_version) === undefined ? openAiChat : anthropicMessages).readRequest(body, draft, heads);
  } else if (model?.includes('embed') || isEmbedRequest(body)) {
    draft.operation = 'embeddings';
    assign(draft.request, {
      encodingFormats: texts(body.embedding_types) ?? texts(body.embeddingTypes),
      dimensions:
        count(body.dimensions) ??
        count(body.output_dimension) ??
        count(fields(body.singleEmbeddingParams).embeddingDimension),
    });
  } else if (body.documents !== undefined && body.query !== undefined) draft.operation = 'rerank';
  else readTextRequest(body, draft);
  assign(draft.request, {
    model,
    serviceTier: text(heads.request.headers['x-amzn-bedrock-service-tier']),
    stream: heads.path.endsWith('-stream') ? true : undefined,
  });
  const guardrail = heads.request.headers['x-amzn-bedrock-guardrailidentifier'];
  if (guardrail !== undefined) draft.extra['aws.bedrock.guardrail.id'] = guardrail;
}

function readResponse(body: Fields, draft: CallDraft, heads: Heads): void {
  readServing({}, heads.responseHeaders, draft);
  const vector = fields(items(body.embeddings)[0]).embedding ?? items(fields(body.embeddings).float)[0];
  const first = body.embedding ?? vector ?? items(body.embeddings)[0];
  if (first !== undefined) {
    draft.operation = 'embeddings';
    assign(draft.response, { embeddingDimensions: vectorLength(first) });
    draft.addUsage({ inputTokens: count(body.inputTextTokenCount) });
  } else formatOf(body).readResponse(body, draft, heads);
}

function formatOf(body: Fields): Pick<Format, 'readResponse'> {
  if (body.type === 'message') return anthropicMessages;
  if (isFields(body.output)) return bedrockConverse;
  const choices = items(body.choices);
  if (choices.length > 0) return isFields(fields(choices[0]).message) ? openAiChat : openAiCompletions;
  return { readResponse: readTextResponse };
}

/** Each chunk holds one event of the model's own stream, base64-encoded; the form of the first decides. */
function openStream(draft: CallDraft, heads: Heads): StreamReader {
  let reader: StreamReader | undefined;
  let complete = false;
  readServing({}, heads.responseHeaders, draft);
  return {
    event(event, name) {
      if (name?.toLowerCase().endsWith('exception')) {
        draft.fail(name, text(event.message));
        complete = true;
        return false;
      }
      const chunk = fields(parseJson(Buffer.from(text(event.bytes) ?? '', 'base64').toString('utf8')));
      // Nova wraps each event in an object with its name.
      const [inner] = Object.keys(chunk);
      const isConverse = inner !== undefined && isFields(chunk[inner]) && CONVERSE_EVENTS.has(inner);
      reader ??= streamOf(chunk, isConverse, draft, heads);
      const output = isConverse ? reader.event(fields(chunk[inner]), inner) : reader.event(chunk, text(chunk.type));
      if (chunk[METRICS] !== undefined) {
        readInvocationMetrics(chunk[METRICS], draft);
        complete = true;
      }
      return output;
    },
    get complete() {
      return complete || (reader?.complete ?? false);
    },
  };
}

const CONVERSE_EVENTS: ReadonlySet<string> = new Set([
  'messageStart',
  'contentBlockStart',
  'contentBlockDelta',
  'contentBlockStop',
  'messageStop',
  'metadata',
]);

function streamOf(chunk: Fields, isConverse: boolean, draft: CallDraft, heads: Heads): StreamReader {
  if (isConverse) return bedrockConverse.openStream!(draft, heads);
  if (items(chunk.choices).length > 0) {
    const isChat = isFields(fields(items(chunk.choices)[0]).delta);
    return (isChat ? openAiChat : openAiCompletions).openStream!(draft, heads);
  }
  if (text(chunk.type) !== undefined) return anthropicMessages.openStream!(draft, heads);
  return {
    event: event => readTextResponse(event, draft),
    get complete() {
      return draft.choices.some(choice => choice.finishReason !== undefined);
    },
  };
}

export const bedrockInvoke: Format = {
  name: 'bedrock.invoke',
  requestFields: content =>
    merge(
      TEXT_REQUEST,
      content ? { prompt: KEEP, inputText: KEEP, message: KEEP } : { prompt: SIZE },
      { documents: SIZE, query: SIZE, embedding_types: KEEP, embeddingTypes: KEEP },
      bedrockConverse.requestFields(content),
      anthropicMessages.requestFields(content),
      openAiChat.requestFields(content),
    ),
  responseFields: content =>
    merge(
      TEXT_RESPONSE,
      EMBEDDINGS,
      bedrockConverse.responseFields(content),
      anthropicMessages.responseFields(content),
      openAiChat.responseFields(content),
      openAiCompletions.responseFields(content),
    ),
  isRequest: (_body, heads) => heads.path.includes('/model/'),
  readRequest,
  readResponse,
  openStream,
};
