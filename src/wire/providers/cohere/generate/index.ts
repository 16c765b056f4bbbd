import type { CallDraft } from '../../call-draft.js';
import type { Format } from '../../format.js';
import { assign, count, type Fields, fields, identifier, items, text } from '../../json/fields.js';
import { each, KEEP, keep, SIZE } from '../../json/selection.js';
import { PARAMETERS, readParameters } from '../request.js';
import { readCohereUsage } from '../usage.js';

/** Cohere's text completions, deprecated and still used. @see https://docs.cohere.com/reference/generate */
function readAnswer(body: Fields, draft: CallDraft): void {
  for (const [position, each] of items(body.generations).entries()) {
    const generation = fields(each);
    const choice = draft.choice(count(generation.index) ?? position);
    choice.text(text(generation.text));
    choice.finishReason = text(generation.finish_reason) ?? choice.finishReason;
  }
  assign(draft.response, { id: identifier(body.id) });
  readCohereUsage(body.meta, draft);
}

export const cohereGenerate: Format = {
  name: 'cohere.generate',
  operation: 'text_completion',
  requestFields: content => ({ ...PARAMETERS, num_generations: KEEP, prompt: content ? KEEP : SIZE }),
  responseFields: () => ({
    ...keep('id', 'meta', 'message'),
    generations: each(keep('index', 'text', 'finish_reason')),
  }),
  isRequest: body => text(body.prompt) !== undefined,
  readRequest(body, draft) {
    readParameters(body, draft);
    assign(draft.request, { choiceCount: count(body.num_generations) });
    const prompt = text(body.prompt);
    if (draft.room.enabled && prompt !== undefined) {
      draft.setInput({ messages: [{ role: 'user', parts: [{ type: 'text', content: prompt }] }] });
    }
  },
  readResponse: readAnswer,
  openStream(draft) {
    return {
      complete: false,
      event(event) {
        const piece = text(event.text);
        if (event.is_finished !== true) draft.choice(count(event.index)).text(piece);
        else {
          const choice = draft.choice();
          const response = fields(event.response);
          choice.finishReason = text(event.finish_reason) ?? choice.finishReason;
          assign(draft.response, { id: identifier(response.id) });
          readCohereUsage(response.meta, draft);
          this.complete = true;
        }
        return piece !== undefined;
      },
    };
  },
};
