import type { CallDraft } from '../../call-draft.js';
import type { Choice } from '../../choice.js';
import { isErrorBody, readError } from '../../errors.js';
import { assign, count, type Fields, fields, identifier, items, jsonText, text } from '../../json/fields.js';
import { readGatewayCost } from '../../stated-cost.js';
import { reasoningText } from './items.js';
import { conversationOf } from './request.js';
import { readResponsesUsage } from './usage.js';

/** A whole response object: the body of an answer, and what the terminal event of a stream carries. */
export function readResponsesResponse(body: Fields, draft: CallDraft): void {
  readResponseFacts(body, draft);
  const choice = draft.choice();
  for (const each of items(body.output)) readItem(fields(each), choice);
  readBilledTools(body, draft);
  finish(body, draft, choice);
}

/** Everything but the output, which a stream has already sent in pieces. */
export function readResponseFacts(body: Fields, draft: CallDraft): void {
  if (isErrorBody(body)) readError(body, draft);
  assign(draft.response, { id: identifier(body.id), model: text(body.model), serviceTier: text(body.service_tier) });
  draft.conversationId = conversationOf(body.conversation) ?? draft.conversationId;
  const id = identifier(body.id);
  if (id !== undefined) {
    const background = body.background === true || draft.inBackground;
    draft.outcome = { id, open: body.status === 'queued' || body.status === 'in_progress', background };
  }
  readResponsesUsage(body.usage, draft);
  readGatewayCost(body.provider_metadata ?? body.providerMetadata, draft);
}

/** The API states no finish reason; it follows from the status. A background response that is still queued has none. */
export function finish(body: Fields, draft: CallDraft, choice: Choice): void {
  if (body.status === 'completed') choice.finishReason = choice.hasToolCalls ? 'tool_call' : 'stop';
  else if (body.status === 'incomplete') {
    const reason = text(fields(body.incomplete_details).reason);
    choice.finishReason = reason === 'max_output_tokens' ? 'length' : (reason ?? 'length');
  } else if (body.status === 'failed' || body.status === 'cancelled') {
    choice.finishReason = 'error';
    draft.fail(body.status);
  }
}

/** Tools that the provider ran and bills by the run; opening a page that was found costs nothing of its own. */
export function readBilledTools(body: Fields, draft: CallDraft): void {
  let webSearches: number | undefined;
  let fileSearches: number | undefined;
  // The API's own count of the searches that it bills leaves out those that cost nothing.
  const billed = count(fields(fields(body.tool_usage).web_search).num_requests);
  for (const each of items(body.output)) {
    const item = fields(each);
    if (item.type === 'web_search_call' && (text(fields(item.action).type) ?? 'search') === 'search')
      webSearches = (webSearches ?? 0) + 1;
    else if (item.type === 'file_search_call') fileSearches = (fileSearches ?? 0) + 1;
    else if (item.type === 'code_interpreter_call' || item.type === 'image_generation_call')
      draft.bill({ unpriced: item.type });
  }
  draft.bill({ webSearches: billed ?? webSearches, fileSearches });
}

/** One whole output item. Tools that the server runs itself are kept as they are, they are no calls to the program. */
export function readItem(item: Fields, choice: Choice): void {
  switch (item.type) {
    case 'message':
      // A compaction hands the conversation back, with what the user had said in it.
      if (item.role === 'user') break;
      for (const each of items(item.content)) {
        const part = fields(each);
        choice.text(text(part.text));
        choice.refusal(text(part.refusal));
      }
      break;
    case 'reasoning':
      choice.reasoning(reasoningText(item));
      break;
    case 'function_call':
    case 'custom_tool_call':
      readToolCall(item, text(item.id) ?? text(item.call_id), choice);
      break;
    case 'compaction':
      choice.other({ ...item, type: 'compaction' });
      break;
    case undefined:
      break;
    default:
      choice.other({
        ...item,
        type: 'server_tool_call',
        name: text(item.name) ?? String(item.type),
        server_tool_call: item,
      });
  }
}

export function readToolCall(item: Fields, key: string | number | undefined, choice: Choice): void {
  const tool = choice.toolCall(key, { id: identifier(item.call_id), name: text(item.name) });
  choice.argueWhole(tool, text(jsonText(item.arguments ?? item.input)));
}
