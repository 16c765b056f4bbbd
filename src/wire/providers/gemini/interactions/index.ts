import type { CallDraft } from '../../call-draft.js';
import type { Choice } from '../../choice.js';
import { isErrorBody, readError } from '../../errors.js';
import type { Format } from '../../format.js';
import { assign, count, type Fields, fields, flag, items, jsonText, number, text, whole } from '../../json/fields.js';
import { each, KEEP, keep, type SelectedMembers, SIZE } from '../../json/selection.js';
import { modelName } from '../names.js';
import { readFacts } from './facts.js';
import { interactionInput } from './input.js';

/** Gemini's Interactions: steps instead of candidates, and state on the server. @see https://ai.google.dev/api */

const REQUEST: SelectedMembers = {
  ...keep('model', 'agent', 'stream', 'background', 'previous_interaction_id', 'generation_config', 'service_tier'),
  ...keep('continuation_token', 'response_mime_type'),
  response_format: keep('type', 'mime_type'),
  input: SIZE,
};

const REQUEST_WITH_CONTENT: SelectedMembers = { ...REQUEST, input: KEEP, system_instruction: KEEP, tools: KEEP };

const RESPONSE: SelectedMembers = {
  ...keep('id', 'status', 'model', 'usage', 'error', 'errors', 'background', 'service_tier'),
  steps: each(KEEP),
  outputs: each(KEEP),
};

function readRequest(body: Fields, draft: CallDraft): void {
  const config = fields(body.generation_config);
  draft.inBackground = flag(body.background) === true;
  assign(draft.request, {
    model: modelName(body.model) ?? text(body.agent),
    stream: flag(body.stream),
    temperature: number(config.temperature),
    topP: number(config.top_p),
    seed: number(config.seed),
    maxTokens: whole(config.max_output_tokens),
    reasoningLevel: text(config.thinking_level),
    previousResponseId: text(body.previous_interaction_id),
    serviceTier: text(body.service_tier),
    outputType: isJson(body) ? 'json' : undefined,
  });
  if (draft.room.enabled) draft.setInput(interactionInput(body));
}

function isJson(body: Fields): boolean {
  return (text(body.response_mime_type) ?? text(fields(body.response_format).mime_type)) === 'application/json';
}

/**
 * One output: text, a thought, a function call; or a step that holds such outputs.
 * @param key place of the step in a stream, by which its pieces are joined
 */
function readStep(step: Fields, choice: Choice, key?: number): void {
  switch (step.type) {
    case 'text':
      return choice.text(text(step.text));
    case 'thought':
    case 'thought_summary':
      return choice.reasoning(thought(step));
    case 'arguments_delta':
      return choice.argue(choice.toolCall(key), text(step.arguments));
    case 'function_call': {
      const source = jsonText(step.arguments);
      const tool = choice.toolCall(key, { id: text(step.id), name: text(step.name) });
      // A streamed call begins with an empty object and sends its arguments as pieces.
      return source === '{}' ? undefined : choice.argueWhole(tool, source);
    }
    default:
      for (const content of items(step.content ?? step.outputs)) readStep(fields(content), choice);
  }
}

/** A summary is a text, or a list of texts; a stream sends one of them at a time. */
function thought(step: Fields): string | undefined {
  const parts = items(step.summary).map(each => text(fields(each).text) ?? '');
  return text(step.summary) ?? text(parts.join('')) ?? text(step.text) ?? text(fields(step.content).text);
}

export const geminiInteractions: Format = {
  name: 'gemini.interactions',
  operation: 'generate_content',
  requestFields: content => (content ? REQUEST_WITH_CONTENT : REQUEST),
  responseFields: () => RESPONSE,
  isRequest: body =>
    (text(body.model) ?? text(body.agent)) !== undefined && (body.input ?? body.continuation_token) !== undefined,
  readRequest,
  readResponse(body, draft) {
    if (isErrorBody(body)) readError(body, draft);
    for (const step of items(body.steps ?? body.outputs)) readStep(fields(step), draft.choice());
    readFacts(body, draft);
  },
  openStream(draft) {
    return {
      complete: false,
      event(event, name) {
        const type = text(event.event_type) ?? text(event.type) ?? name;
        if (type === 'error') {
          readError(event, draft);
          this.complete = true;
        } else if (type === 'interaction.completed' || type === 'interaction.complete') this.complete = true;
        if (isInteraction(type)) readFacts(fields(event.interaction ?? event), draft);
        if (type === 'step.start' && fields(event.step).type === 'function_call')
          readStep(fields(event.step), draft.choice(), count(event.index));
        else if (type === 'step.delta' || type === 'content.delta')
          readStep(fields(event.delta), draft.choice(), count(event.index));
        else return false;
        return true;
      },
    };
  },
};

function isInteraction(type: string | undefined): boolean {
  return type?.startsWith('interaction.') === true;
}

/** `GET …/interactions/{id}`: one that was made in the background. Only such a one can be streamed anew. */
export const interactionsLater: Format = {
  ...geminiInteractions,
  name: 'gemini.interactions-later',
  operation: 'fetch_response',
  later: true,
  requestFields: () => ({}),
  isRequest: () => true,
  readRequest(_body, draft, heads) {
    if (new URLSearchParams(heads.query).get('stream') !== 'true') return;
    draft.request.stream = true;
    draft.inBackground = true;
  },
};
