import type { HeaderFields } from '../../exchange.js';
import type { CallDraft } from '../call-draft.js';
import { count, type Fields, fields, items, sum, text } from '../json/fields.js';

/** Converse and Nova: cached tokens are beside the input, so the total is their sum. */
export function readConverseUsage(value: unknown, draft: CallDraft): void {
  const usage = fields(value);
  addCounts(
    draft,
    count(usage.inputTokens),
    count(usage.outputTokens),
    count(usage.cacheReadInputTokens) ?? count(usage.cacheReadInputTokenCount),
    count(usage.cacheWriteInputTokens) ?? count(usage.cacheWriteInputTokenCount),
  );
  const long = items(usage.cacheDetails)
    .map(fields)
    .filter(({ ttl }) => ttl === '1h');
  draft.bill({ cacheWrite1hInputTokens: sum(...long.map(({ inputTokens }) => count(inputTokens))) });
}

/** The tier and the speed that an answer was served with: of Converse in the body, of InvokeModel in a header. */
export function readServing(body: Fields, headers: HeaderFields, draft: CallDraft): void {
  const tier = text(fields(body.serviceTier).type) ?? text(headers['x-amzn-bedrock-service-tier']);
  if (tier !== undefined) draft.response.serviceTier = tier;
  const latency =
    text(fields(body.performanceConfig).latency) ?? text(headers['x-amzn-bedrock-performanceconfig-latency']);
  if (latency !== undefined) draft.bill({ speed: latency });
}

/** InvokeModel counts for every family in headers, whatever the body says, also where only the body told the format. */
export function readUsageHeaders(headers: HeaderFields, draft: CallDraft): void {
  if (headers['x-amzn-bedrock-input-token-count'] === undefined) return;
  const counted = (name: string) => {
    const value = headers[`x-amzn-bedrock-${name}-token-count`];
    return value === undefined || value === '' ? undefined : count(Number(value));
  };
  addCounts(draft, counted('input'), counted('output'), counted('cache-read-input'), counted('cache-write-input'));
}

/** The last chunk of a streamed InvokeModel. */
export function readInvocationMetrics(value: unknown, draft: CallDraft): void {
  const metrics = fields(value);
  addCounts(
    draft,
    count(metrics.inputTokenCount),
    count(metrics.outputTokenCount),
    count(metrics.cacheReadInputTokenCount),
    count(metrics.cacheWriteInputTokenCount),
  );
}

function addCounts(draft: CallDraft, input?: number, output?: number, cacheRead?: number, cacheWrite?: number): void {
  draft.addUsage({
    inputTokens: input === undefined ? undefined : sum(input, cacheRead, cacheWrite),
    outputTokens: output,
    cacheReadInputTokens: cacheRead,
    cacheWriteInputTokens: cacheWrite,
  });
}
