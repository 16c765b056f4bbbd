import type { RequestFacts } from '../../../llm-call.js';
import type { CallDraft } from '../../call-draft.js';
import type { Heads } from '../../format.js';
import { assign, count, type Fields, fields, items, number, text, texts, whole } from '../../json/fields.js';
import { segmentAfter } from '../../path-model.js';
import { askedModality } from '../enums.js';
import { member, modelName } from '../names.js';
import { contentMessages, contentParts, functionTools } from './parts.js';

/** The model and whether it streams are in the path; the sign-in of the command line has the model in the body. */
export function readGenerateRequest(outer: Fields, draft: CallDraft, heads: Heads): void {
  const body = outer.request === undefined ? outer : fields(outer.request);
  const config = fields(member(body, 'generationConfig'));
  assign(draft.request, {
    model: pathModel(heads.path) ?? modelName(outer.model),
    stream: heads.path.endsWith(':streamGenerateContent') ? true : undefined,
    temperature: number(config.temperature),
    topP: number(member(config, 'topP')),
    topK: number(member(config, 'topK')),
    maxTokens: whole(member(config, 'maxOutputTokens')),
    frequencyPenalty: number(member(config, 'frequencyPenalty')),
    presencePenalty: number(member(config, 'presencePenalty')),
    seed: number(config.seed),
    stopSequences: texts(member(config, 'stopSequences')),
    choiceCount: count(member(config, 'candidateCount')),
    reasoningLevel: text(member(fields(member(config, 'thinkingConfig')), 'thinkingLevel')),
    outputType: outputType(config),
  });
  draft.conversationId = text(body.session_id) ?? draft.conversationId;
  if (!draft.room.enabled) return;
  draft.setInput({
    system: contentParts(member(body, 'systemInstruction')),
    messages: contentMessages(body.contents),
    tools: functionTools(body.tools),
  });
}

/** `models/x:method`, `tunedModels/x:method`, `endpoints/x:method`. */
export function pathModel(path: string): string | undefined {
  for (const marker of ['/models/', '/tunedModels/', '/endpoints/']) {
    const model = segmentAfter(path, marker, true);
    if (model !== undefined) return model;
  }
  return undefined;
}

function outputType(config: Fields): RequestFacts['outputType'] | undefined {
  const modalities = items(member(config, 'responseModalities')).map(askedModality);
  if (modalities.includes('AUDIO')) return 'speech';
  if (modalities.includes('IMAGE')) return 'image';
  const type = text(member(config, 'responseMimeType'));
  if (type === 'application/json') return 'json';
  return type === 'text/plain' ? 'text' : undefined;
}
