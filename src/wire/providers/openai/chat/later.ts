/** Chat completions that are fetched when they are done: xAI's deferred ones and Perplexity's asynchronous ones. */
import type { CallDraft } from '../../call-draft.js';
import { isErrorBody, readError } from '../../errors.js';
import type { Format, Heads } from '../../format.js';
import { assign, type Fields, fields, identifier, text } from '../../json/fields.js';
import { keep, type SelectedMembers } from '../../json/selection.js';
import { openAiChat } from './index.js';

const lastSegment = ({ path }: Heads): string => path.slice(path.lastIndexOf('/') + 1);

/** `GET …/chat/deferred-completion/{request id}`: empty while it is not done. @see https://docs.x.ai/docs/guides/deferred-chat-completions */
export const deferredChat: Format = {
  ...openAiChat,
  name: 'openai.chat-later',
  operation: 'fetch_response',
  later: true,
  requestFields: () => ({}),
  isRequest: () => true,
  readRequest(_body, draft) {
    draft.extra['openai.api.type'] = 'chat_completions';
  },
  readResponse(body, draft, heads) {
    openAiChat.readResponse(body, draft, heads);
    if (draft.choices.length > 0) draft.outcome = { id: lastSegment(heads), open: false, background: true };
  },
};

const JOB: SelectedMembers = keep('id', 'model', 'status', 'error_message', 'error', 'message', 'detail');

function readJob(body: Fields, draft: CallDraft, heads: Heads): void {
  if (isErrorBody(body)) return readError(body, draft);
  assign(draft.response, { id: identifier(body.id), model: text(body.model) });
  const answer = fields(body.response);
  if (body.status === 'FAILED') draft.fail('FAILED', text(body.error_message));
  else if (answer.choices !== undefined) openAiChat.readResponse(answer, draft, heads);
  const id = text(body.id);
  const done = body.status === 'COMPLETED' || body.status === 'FAILED';
  if (id !== undefined) draft.outcome = { id, open: !done, background: true };
}

/** A job that holds the request, and later the answer, of a chat completion. @see https://docs.perplexity.ai/api-reference */
export const chatJob: Format = {
  name: 'openai.chat-job',
  operation: 'chat',
  requestFields: content => ({ request: openAiChat.requestFields(content) }),
  responseFields: content => ({ ...JOB, response: openAiChat.responseFields(content) }),
  isRequest: body => fields(body.request).messages !== undefined,
  readRequest: (body, draft, heads) => openAiChat.readRequest(fields(body.request), draft, heads),
  readResponse: readJob,
};

export const chatJobLater: Format = {
  ...chatJob,
  name: 'openai.chat-job-later',
  operation: 'fetch_response',
  later: true,
  requestFields: () => ({}),
  isRequest: () => true,
  readRequest: deferredChat.readRequest,
};
