/** The format of a request whose host and path say nothing. The stricter shapes come first. */
import { anthropicMessages } from '../anthropic/messages/index.js';
import { bedrockConverse } from '../bedrock/converse/index.js';
import type { Format } from '../format.js';
import { geminiGenerate } from '../gemini/generate/index.js';
import { type Fields, fields, isFields, items, text } from '../json/fields.js';
import { KEEP, merge, type SelectedMembers, SIZE } from '../json/selection.js';
import { openAiChat } from '../openai/chat/index.js';
import { openAiEmbeddings } from '../openai/embeddings/index.js';
import { openAiResponses } from '../openai/responses/index.js';

interface Shape {
  readonly format: Format;
  fits(body: Fields, provider: string | undefined): boolean;
}

/** What stands in for a large array that was measured and skipped. */
const isSized = (value: unknown) => isFields(value) && value.sized === 'array';
const hasMessages = (body: Fields) => items(body.messages).length > 0 || isSized(body.messages);

const SHAPES: readonly Shape[] = [
  {
    format: anthropicMessages,
    fits: (body, provider) =>
      hasMessages(body) &&
      (provider === 'anthropic' ||
        text(body.anthropic_version) !== undefined ||
        (body.max_tokens !== undefined && body.system !== undefined && text(body.model) !== undefined)),
  },
  {
    format: bedrockConverse,
    fits: (body, provider) => hasMessages(body) && (provider === 'aws.bedrock' || isFields(body.inferenceConfig)),
  },
  {
    format: geminiGenerate,
    fits: body => items(body.contents).some(content => fields(content).parts !== undefined) || isSized(body.contents),
  },
  { format: openAiChat, fits: body => hasMessages(body) && text(body.model) !== undefined },
  {
    format: openAiEmbeddings,
    fits: body =>
      body.input !== undefined && (body.encoding_format !== undefined || text(body.model)?.includes('embed') === true),
  },
  {
    format: openAiResponses,
    fits: body =>
      text(body.model) !== undefined &&
      body.input !== undefined &&
      (body.instructions !== undefined || body.previous_response_id !== undefined || body.store !== undefined),
  },
];

function mergedFields(content: boolean): SelectedMembers {
  const all = SHAPES.map(shape => shape.format.requestFields(content));
  return merge({ messages: SIZE, system: SIZE, store: KEEP, instructions: SIZE }, ...all);
}

/** Merged once: it is asked for at every JSON request to a server that nobody knows, and to merge costs 20 µs. */
const FIELDS = { plain: mergedFields(false), withContent: mergedFields(true) };

/** What must be read of a large body before its format is known. */
export function shapeFields(content: boolean): SelectedMembers {
  return content ? FIELDS.withContent : FIELDS.plain;
}

/** @param provider of a known host whose path is unknown */
export function formatOfShape(body: Fields, provider: string | undefined): Format | undefined {
  return SHAPES.find(shape => shape.fits(body, provider))?.format;
}
