import type { HeaderFields } from '../../exchange.js';
import { readUsageHeaders } from '../bedrock/usage.js';
import type { CallDraft } from '../call-draft.js';

/** What the headers of an answer say, whatever host and format: counts of Bedrock, and a gateway's name and cost. @see https://docs.litellm.ai/docs/proxy/response_headers */
export function readGatewayHeaders(headers: HeaderFields, draft: CallDraft): void {
  readUsageHeaders(headers, draft);
  if (headers['x-litellm-version'] !== undefined || headers['x-litellm-call-id'] !== undefined)
    draft.provider ??= 'litellm';
  const cost = headers['x-litellm-response-cost'];
  const amount = cost === undefined || cost === '' ? Number.NaN : Number(cost);
  if (Number.isFinite(amount)) draft.statedCost ??= { amount, currency: 'USD' };
}
