import type { CallDraft } from '../call-draft.js';
import { isErrorBody, readError } from '../errors.js';
import type { Format } from '../format.js';
import { assign, count, type Fields, fields, text, whole } from '../json/fields.js';
import { KEEP, keep, SIZE } from '../json/selection.js';
import { readDecision } from '../openai/decisions/index.js';
import { readGatewayCost } from '../stated-cost.js';
import { gatewayModel } from './language-model.js';

/** Decisions, reranking, speech and transcription by the AI SDK's own protocol, since its version 4. */

function readEnd(body: Fields, draft: CallDraft): void {
  if (isErrorBody(body)) readError(body, draft);
  const usage = fields(body.usage);
  draft.addUsage({ inputTokens: count(usage.inputTokens), outputTokens: count(usage.outputTokens) });
  readGatewayCost(body.providerMetadata, draft);
}

const END = keep('usage', 'providerMetadata', 'error');

export const vercelDecisionModel: Format = {
  name: 'vercel.decision-model',
  operation: 'decision',
  requestFields: () => ({ stateParts: SIZE, questions: SIZE, ...keep('maxOutputTokens', 'reasoning') }),
  responseFields: () => ({ ...END, ...keep('model', 'answers') }),
  isRequest: (body, heads) => gatewayModel(heads) !== undefined && body.questions !== undefined,
  readRequest(body, draft, heads) {
    assign(draft.request, {
      model: gatewayModel(heads),
      maxTokens: whole(body.maxOutputTokens),
      reasoningLevel: text(body.reasoning),
    });
  },
  readResponse(body, draft) {
    readDecision(body, draft);
    readEnd(body, draft);
  },
};

export const vercelRerankingModel: Format = {
  name: 'vercel.reranking-model',
  operation: 'rerank',
  requestFields: () => ({ documents: SIZE, query: SIZE }),
  responseFields: () => ({ ...END, ranking: SIZE }),
  isRequest: (body, heads) => gatewayModel(heads) !== undefined && body.documents !== undefined,
  readRequest(_body, draft, heads) {
    assign(draft.request, { model: gatewayModel(heads) });
  },
  readResponse: readEnd,
};

export const vercelSpeechModel: Format = {
  name: 'vercel.speech-model',
  operation: 'speech',
  requestFields: content => ({ text: content ? KEEP : SIZE }),
  responseFields: () => ({ ...END, audio: SIZE }),
  isRequest: (body, heads) => gatewayModel(heads) !== undefined && body.text !== undefined,
  readRequest(body, draft, heads) {
    assign(draft.request, { model: gatewayModel(heads), outputType: 'speech' });
    const content = text(body.text);
    if (draft.room.enabled && content !== undefined)
      draft.setInput({ messages: [{ role: 'user', parts: [{ type: 'text', content }] }] });
  },
  readResponse: readEnd,
};

export const vercelTranscriptionModel: Format = {
  name: 'vercel.transcription-model',
  operation: 'transcription',
  requestFields: () => ({ audio: SIZE }),
  responseFields: () => ({ ...END, text: KEEP }),
  isRequest: (body, heads) => gatewayModel(heads) !== undefined && body.audio !== undefined,
  readRequest(_body, draft, heads) {
    assign(draft.request, { model: gatewayModel(heads) });
  },
  readResponse(body, draft) {
    draft.choice().text(text(body.text));
    readEnd(body, draft);
  },
};
