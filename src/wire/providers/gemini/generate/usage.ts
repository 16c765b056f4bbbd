import type { CallDraft } from '../../call-draft.js';
import { count, fields, isFields, items, sum, text } from '../../json/fields.js';

import { modalityWord, trafficWord } from '../enums.js';

/** Vertex's words for how it was served; what is provisioned was paid before. */
const TIERS: Readonly<Record<string, string>> = {
  ON_DEMAND: 'on_demand',
  ON_DEMAND_FLEX: 'flex',
  ON_DEMAND_OFFPEAK: 'off_peak',
  ON_DEMAND_PRIORITY: 'priority',
  PROVISIONED_THROUGHPUT: 'provisioned',
};

/**
 * Cached tokens are inside the prompt; thoughts are beside the candidates, and prompts of Google's own tools beside the
 * prompt. Streams repeat running totals, and early chunks may carry only the traffic type.
 */
export function readGenerateUsage(value: unknown, draft: CallDraft): void {
  // Nearly every chunk of a stream has none.
  if (!isFields(value)) return;
  const usage = value;
  const thoughts = count(usage.thoughtsTokenCount);
  const tier = text(usage.serviceTier) ?? TIERS[trafficWord(usage.trafficType) ?? ''];
  if (tier !== undefined) draft.response.serviceTier = tier.toLowerCase();
  // Live sessions call the candidates a response.
  const output = count(usage.candidatesTokenCount) ?? count(usage.responseTokenCount);
  const prompt = count(usage.promptTokenCount);
  draft.addUsage({
    inputTokens: prompt === undefined ? undefined : sum(prompt, count(usage.toolUsePromptTokenCount)),
    outputTokens: sum(output, thoughts),
    cacheReadInputTokens: count(usage.cachedContentTokenCount),
    reasoningOutputTokens: thoughts,
    textInputTokens: ofModality(usage.promptTokensDetails, 'TEXT'),
    imageInputTokens: ofModality(usage.promptTokensDetails, 'IMAGE'),
    audioInputTokens: ofModality(usage.promptTokensDetails, 'AUDIO'),
    textOutputTokens: ofModality(usage.candidatesTokensDetails ?? usage.responseTokensDetails, 'TEXT'),
    imageOutputTokens: ofModality(usage.candidatesTokensDetails ?? usage.responseTokensDetails, 'IMAGE'),
    audioOutputTokens: ofModality(usage.candidatesTokensDetails ?? usage.responseTokensDetails, 'AUDIO'),
  });
}

function ofModality(details: unknown, modality: string): number | undefined {
  return count(fields(items(details).find(each => modalityWord(fields(each).modality) === modality)).tokenCount);
}
