import type { StreamReader } from '../../format.js';
import { isFields, text } from '../../json/fields.js';
import { pathOf, queryOf } from '../../recognize/target.js';
import type { SocketFormat } from '../../sockets/socket-format.js';
import { openAiResponses } from './index.js';

/**
 * The Responses API over a WebSocket (Codex): `response.create` from the client, the usual events from the server. Several
 * may be made at once, each in a lane that its `stream_id` names.
 */
export const responsesSocket: SocketFormat = {
  name: 'openai.responses-socket',
  open(session) {
    const heads = {
      request: session.head,
      path: pathOf(session.head.path),
      query: queryOf(session.head.path),
      responseHeaders: {},
    };
    const readers = new WeakMap<object, StreamReader>();
    const begin = (at: bigint, lane: string | undefined) => {
      const call = session.begin(at, lane);
      call.draft.operation = 'chat';
      readers.set(call, openAiResponses.openStream!(call.draft, heads));
      return call;
    };
    return {
      client(event, at) {
        if (event.type !== 'response.create') return;
        const { draft } = begin(at, text(event.stream_id));
        openAiResponses.readRequest(isFields(event.response) ? event.response : event, draft, heads);
        draft.request.stream = true;
      },
      server(event, at) {
        const type = text(event.type) ?? '';
        const lane = text(event.stream_id);
        const running = session.callOf(lane);
        // Rate limits and the like come between calls.
        if (running === undefined && type !== 'response.created' && type !== 'error') return;
        const call = running ?? begin(at, lane);
        const reader = readers.get(call)!;
        const output = reader.event(event, undefined);
        if (type.startsWith('response.')) call.times.tick(at, output);
        if (reader.complete) session.finish(at, lane);
      },
    };
  },
};
