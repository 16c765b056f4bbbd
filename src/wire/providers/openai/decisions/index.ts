import type { CallDraft } from '../../call-draft.js';
import { isErrorBody, readError } from '../../errors.js';
import type { Format } from '../../format.js';
import { assign, type Fields, fields, identifier, isFields, items, number, text } from '../../json/fields.js';
import { KEEP, keep, SIZE } from '../../json/selection.js';
import { contentParts } from '../chat/messages.js';
import { readResponsesUsage } from '../responses/usage.js';

/**
 * Questions about an input, answered by probabilities: OpenAI's decisions, and OpenRouter's, which name the input a state.
 * @see https://developers.openai.com/api/reference/resources/decisions
 */
export const openAiDecisions: Format = {
  name: 'openai.decisions',
  operation: 'decision',
  requestFields: content => ({
    model: KEEP,
    questions: SIZE,
    input: content ? KEEP : SIZE,
    state: SIZE,
  }),
  responseFields: () => keep('id', 'model', 'answers', 'usage', 'cost', 'error'),
  isRequest: body =>
    text(body.model) !== undefined && body.questions !== undefined && (body.input ?? body.state) !== undefined,
  readRequest(body, draft) {
    assign(draft.request, { model: text(body.model) });
    if (!draft.room.enabled) return;
    const input = text(body.input);
    const messages = input === undefined ? items(body.input) : [{ role: 'user', content: input }];
    draft.setInput({
      messages: messages.map(fields).map(message => ({
        role: text(message.role) ?? 'user',
        parts:
          message.content === undefined
            ? [{ ...message, type: text(message.type) ?? 'generic' }]
            : contentParts(message.content),
      })),
    });
  },
  readResponse(body, draft) {
    if (isErrorBody(body)) readError(body, draft);
    readDecision(body, draft);
  },
};

/** The same object in an answer of its own and in an event of a live session. Each answer is a part of the message. */
export function readDecision(body: Fields, draft: CallDraft): void {
  assign(draft.response, { id: identifier(body.id), model: text(body.model) });
  const named = isFields(body.answers) ? Object.entries(body.answers) : [];
  const answers = [...items(body.answers).map(fields), ...named.map(([name, answer]) => ({ name, ...fields(answer) }))];
  for (const answer of answers)
    draft.choice().other({ ...answer, type: `decision_${text(fields(answer).type) ?? 'answer'}` });
  readResponsesUsage(body.usage, draft);
  // OpenRouter says beside the usage what it has cost.
  const cost = number(body.cost);
  if (cost !== undefined) draft.statedCost ??= { amount: cost, currency: 'USD' };
}
