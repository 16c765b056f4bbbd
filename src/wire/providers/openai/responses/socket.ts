import type { StreamReader } from '../../format.js';
import { isFields, text } from '../../json/fields.js';
import { pathOf, queryOf } from '../../recognize/target.js';
import type { SocketFormat } from '../../sockets/socket-format.js';
import { openAiResponses } from './index.js';

/** The Responses API over a WebSocket (Codex): `response.create` from the client, the usual events from the server. */
export const responsesSocket: SocketFormat = {
  name: 'openai.responses-socket',
  open(session) {
    const heads = {
      request: session.head,
      path: pathOf(session.head.path),
      query: queryOf(session.head.path),
      responseHeaders: {},
    };
    let reader: StreamReader | undefined;
    const begin = (at: bigint) => {
      const call = session.begin(at);
      call.draft.operation = 'chat';
      reader = openAiResponses.openStream!(call.draft, heads);
      return call;
    };
    return {
      client(event, at) {
        if (event.type !== 'response.create') return;
        const { draft } = begin(at);
        openAiResponses.readRequest(isFields(event.response) ? event.response : event, draft, heads);
        draft.request.stream = true;
      },
      server(event, at) {
        const type = text(event.type) ?? '';
        // Rate limits and the like come between calls.
        if (session.call === undefined && type !== 'response.created' && type !== 'error') return;
        const call = session.call ?? begin(at);
        const output = reader!.event(event, undefined);
        if (type.startsWith('response.')) call.times.tick(at, output);
        if (reader!.complete) session.finish(at);
      },
    };
  },
};
