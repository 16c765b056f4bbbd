/**
 * Model serving of Databricks and SageMaker: one path for every task, so the body tells which, and the endpoint's name in
 * the path is the model that was asked for. The bodies are OpenAI's.
 */
import type { CallDraft } from '../call-draft.js';
import type { Format } from '../format.js';
import { assign, type Fields, items } from '../json/fields.js';
import { merge } from '../json/selection.js';
import { openAiChat } from '../openai/chat/index.js';
import { openAiCompletions } from '../openai/completions/index.js';
import { openAiEmbeddings } from '../openai/embeddings/index.js';
import { segmentAfter } from '../path-model.js';

const TASKS = [openAiChat, openAiCompletions, openAiEmbeddings];

function taskOf(body: Fields): Format | undefined {
  if (body.messages !== undefined) return openAiChat;
  if (body.prompt !== undefined) return openAiCompletions;
  return body.input === undefined ? undefined : openAiEmbeddings;
}

/** By what the request was; a broken request is read as chat, which reads errors like any other. */
function taskOfDraft(draft: CallDraft): Format {
  return TASKS.find(task => task.operation === draft.operation) ?? openAiChat;
}

export const servingInvocations: Format = {
  name: 'serving.invocations',
  requestFields: content => merge(...TASKS.map(task => task.requestFields(content))),
  responseFields: content => merge(...TASKS.map(task => task.responseFields(content))),
  isRequest: body => items(body.messages).length > 0 || typeof body.prompt === 'string' || body.input !== undefined,
  readRequest(body, draft, heads) {
    const task = taskOf(body);
    // A model of the customer's own behind the same path: data frames in, predictions out.
    if (task === undefined) draft.isNoCall = true;
    draft.operation = task?.operation;
    task?.readRequest(body, draft, heads);
    assign(draft.request, {
      model: segmentAfter(heads.path, '/serving-endpoints/') ?? segmentAfter(heads.path, '/endpoints/'),
    });
  },
  readResponse: (body, draft, heads) => taskOfDraft(draft).readResponse(body, draft, heads),
  openStream: (draft, heads) => (taskOfDraft(draft).openStream ?? openAiChat.openStream!)(draft, heads),
};
