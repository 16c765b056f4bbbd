import { isErrorBody, readError } from '../../errors.js';
import type { Format } from '../../format.js';
import { assign, fields, flag, identifier, isFields, items, text } from '../../json/fields.js';
import { each, KEEP, keep, SIZE } from '../../json/selection.js';
import { readNamedUsage } from '../named-usage.js';

/** Images generated or edited; edits are uploaded as a form. */
export const openAiImages: Format = {
  name: 'openai.images',
  operation: 'image_generation',
  requestFields: () => keep('model', 'n', 'stream', 'prompt'),
  responseFields: () => ({
    ...keep('id', 'model', 'created', 'usage', 'svg_usage', 'error'),
    data: each({ b64_json: SIZE, url: KEEP }),
  }),
  isRequest: body => text(body.prompt) !== undefined && text(body.model) !== undefined,
  readRequest(body, draft) {
    const choices = Number(body.n);
    assign(draft.request, {
      model: text(body.model),
      stream: flag(body.stream) ?? (body.stream === 'true' ? true : undefined),
      choiceCount: Number.isInteger(choices) && choices > 0 ? choices : undefined,
      outputType: 'image',
    });
    const prompt = text(body.prompt);
    if (draft.room.enabled && prompt !== undefined) {
      draft.setInput({ messages: [{ role: 'user', parts: [{ type: 'text', content: prompt }] }] });
    }
  },
  readResponse(body, draft) {
    if (isErrorBody(body)) readError(body, draft);
    // OpenAI names neither; Together and those it serves behind a router do.
    assign(draft.response, { id: identifier(body.id), model: text(body.model) });
    for (const [index] of items(body.data).entries()) draft.choice(index);
    readNamedUsage(body.usage, draft);
    // What another model drew as SVG is counted apart, at that model's price.
    if (isFields(body.svg_usage)) draft.bill({ unpriced: 'svg' });
  },
  openStream(draft) {
    return {
      complete: false,
      event(event, name) {
        const type = text(event.type) ?? name ?? '';
        if (isErrorBody(event)) readError(event, draft);
        if (type.endsWith('.completed') || isErrorBody(event)) this.complete = true;
        readNamedUsage(fields(event).usage, draft);
        return type.endsWith('.partial_image') || type.endsWith('.completed');
      },
    };
  },
};
