import type { CallDraft } from '../../call-draft.js';
import type { Heads } from '../../format.js';
import { assign, type Fields, fields, items, number, text, texts, whole } from '../../json/fields.js';
import { bedrockModel } from '../model.js';
import { blockParts, converseMessages } from './blocks.js';

export function readConverseRequest(body: Fields, draft: CallDraft, heads: Heads): void {
  const config = fields(body.inferenceConfig);
  const model = fields(body.additionalModelRequestFields);
  assign(draft.request, {
    model: bedrockModel(heads),
    stream: heads.path.endsWith('-stream') ? true : undefined,
    // Nova's own body spells it with underscores.
    maxTokens: whole(config.maxTokens) ?? whole(config.max_new_tokens),
    temperature: number(config.temperature),
    topP: number(config.topP) ?? number(config.top_p),
    topK: number(config.topK) ?? number(config.top_k) ?? number(model.top_k),
    stopSequences: texts(config.stopSequences),
    reasoningLevel: text(fields(body.outputConfig).effort),
    serviceTier: text(fields(body.serviceTier).type),
  });
  const guardrail = text(fields(body.guardrailConfig).guardrailIdentifier);
  if (guardrail !== undefined) draft.extra['aws.bedrock.guardrail.id'] = guardrail;
  if (!draft.room.enabled) return;
  draft.setInput({
    system: blockParts(body.system),
    messages: converseMessages(body.messages),
    tools: items(fields(body.toolConfig).tools).map(each => {
      const { name, description, inputSchema } = fields(fields(each).toolSpec);
      return { type: 'function', name, description, parameters: fields(inputSchema).json };
    }),
  });
}
