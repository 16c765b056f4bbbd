import type { UnixNanos } from '../../../exchange.js';
import type { Choice } from '../../choice.js';
import { readError } from '../../errors.js';
import { count, type Fields, fields, items, text } from '../../json/fields.js';
import { queryOf } from '../../recognize/target.js';
import type { SocketFormat, SocketSession } from '../../sockets/socket-format.js';
import { readToolCall } from '../responses/response.js';
import { readResponsesUsage } from '../responses/usage.js';

/**
 * Realtime sessions of OpenAI and Azure: one call from `response.created` to `response.done`, asked for by the client or
 * by the end of a user's turn. @see https://platform.openai.com/docs/api-reference/realtime
 */
export const realtimeSocket: SocketFormat = {
  name: 'openai.realtime',
  open(session) {
    // The session's settings hold for every call after them.
    const query = new URLSearchParams(queryOf(session.head.path));
    let model = query.get('model') ?? query.get('deployment') ?? undefined;
    let requested: UnixNanos | undefined;
    /** Of the response that began last; others may go on beside it. */
    let latest: string | undefined;

    function update(value: unknown): void {
      model = text(fields(value).model) ?? model;
    }

    function begin(at: UnixNanos, response: Fields): void {
      latest = text(response.id);
      const { draft } = session.begin(requested ?? at, latest);
      requested = undefined;
      draft.operation = 'realtime';
      if (model !== undefined) draft.request.model = model;
      draft.response.id = text(response.id) ?? '';
      draft.conversationId = text(response.conversation_id);
    }

    return {
      client(event, at) {
        if (event.type === 'session.update') update(event.session);
        else if (event.type === 'response.create') requested = at;
      },
      server(event, at) {
        switch (text(event.type)) {
          case 'session.created':
          case 'session.updated':
            return update(event.session);
          case 'response.created':
            return begin(at, fields(event.response));
          case 'response.done':
            if (session.callOf(text(fields(event.response).id)) === undefined) begin(at, fields(event.response));
            return finish(session, fields(event.response), at);
          case 'error':
            if (session.callOf(latest) !== undefined) readError(event, session.callOf(latest)!.draft);
            return;
          default: {
            const call = session.callOf(text(event.response_id) ?? latest);
            if (call === undefined) return;
            call.times.tick(at, readDelta(event, call.draft.choice()));
          }
        }
      },
    };
  },
};

function readDelta(event: Fields, choice: Choice): boolean {
  switch (event.type) {
    case 'response.output_text.delta':
    case 'response.text.delta':
    case 'response.output_audio_transcript.delta':
    case 'response.audio_transcript.delta':
      choice.text(text(event.delta));
      return true;
    case 'response.output_audio.delta':
    case 'response.audio.delta':
      return true;
    case 'response.function_call_arguments.delta':
      choice.argue(choice.toolCall(text(event.item_id) ?? count(event.output_index)), text(event.delta));
      return true;
    default:
      return false;
  }
}

function finish(session: SocketSession, response: Fields, at: UnixNanos): void {
  const lane = text(response.id);
  const { draft } = session.callOf(lane)!;
  const choice = draft.choice();
  for (const each of items(response.output)) {
    const item = fields(each);
    if (item.type === 'function_call') readToolCall(item, text(item.id) ?? text(item.call_id), choice);
  }
  readResponsesUsage(response.usage, draft);
  draft.conversationId = text(response.conversation_id) ?? draft.conversationId;
  const details = fields(response.status_details);
  const reason = text(details.reason);
  if (response.status === 'completed') choice.finishReason = choice.hasToolCalls ? 'tool_call' : 'stop';
  else if (response.status === 'incomplete')
    choice.finishReason = reason === 'max_output_tokens' ? 'length' : (reason ?? 'length');
  else if (response.status === 'cancelled') choice.finishReason = reason ?? 'cancelled';
  else if (response.status === 'failed') {
    choice.finishReason = 'error';
    readError(details, draft);
  }
  session.finish(at, lane);
}
