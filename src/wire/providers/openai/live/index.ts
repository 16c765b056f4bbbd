import type { UnixNanos } from '../../../exchange.js';
import type { StreamReader } from '../../format.js';
import { type Fields, fields, text } from '../../json/fields.js';
import { pathOf, queryOf } from '../../recognize/target.js';
import type { SocketCall, SocketFormat } from '../../sockets/socket-format.js';
import { readDecision } from '../decisions/index.js';
import { openAiResponses } from '../responses/index.js';

/**
 * Live sessions of OpenAI: a model that listens and speaks at once, and others that do its work. The conversation is one
 * call, from the session's start to its end, and is billed by its length: it has no tokens. What it delegates is a call of
 * its own, by the events of the Responses API or as a whole decision.
 * @see https://developers.openai.com/api/docs/guides/live
 */
export const liveSocket: SocketFormat = {
  name: 'openai.live',
  open(session) {
    const heads = {
      request: session.head,
      path: pathOf(session.head.path),
      query: queryOf(session.head.path),
      responseHeaders: {},
    };
    const readers = new WeakMap<SocketCall, StreamReader>();
    let settings: Fields = {};
    let started: UnixNanos | undefined;

    function begin(at: UnixNanos, lane: string | undefined): SocketCall {
      const call = session.begin(at, lane);
      const conversation = text(settings.id);
      if (conversation !== undefined) call.draft.conversationId = conversation;
      return call;
    }

    function start(at: UnixNanos): void {
      const { draft } = begin(started ?? at, undefined);
      draft.operation = 'realtime';
      const model = text(settings.model);
      if (model !== undefined) draft.request.model = model;
    }

    /** One event of a response that the session has asked for. */
    function delegated(event: Fields, delegation: string | undefined, at: UnixNanos): void {
      const lane = `response ${delegation ?? ''}`;
      const running = session.callOf(lane);
      if (running === undefined && event.type !== 'response.created') return;
      const call = running ?? begin(at, lane);
      let reader = readers.get(call);
      if (reader === undefined) {
        call.draft.operation = 'chat';
        const { responses } = fields(settings.delegation);
        openAiResponses.readRequest(fields(responses), call.draft, heads);
        call.draft.request.stream = true;
        reader = openAiResponses.openStream!(call.draft, heads);
        readers.set(call, reader);
      }
      call.times.tick(at, reader.event(event, undefined));
      if (reader.complete) session.finish(at, lane);
    }

    function decided(decision: Fields, at: UnixNanos): void {
      const { draft } = begin(at, 'decision');
      draft.operation = 'decision';
      readDecision(decision, draft);
      session.finish(at, 'decision');
    }

    return {
      client(event, at) {
        if (event.type === 'session.start') {
          settings = { ...fields(event.session) };
          started = at;
        } else if (event.type === 'session.update') settings = { ...settings, ...fields(event.session) };
      },
      server(event, at) {
        const call = session.callOf();
        switch (event.type) {
          case 'session.started':
            settings = { ...settings, ...fields(event.session) };
            return start(at);
          case 'session.updated':
            settings = { ...settings, ...fields(event.session) };
            return;
          case 'session.output_transcript.delta':
            call?.draft.choice().text(text(event.delta));
            return call?.times.tick(at, true);
          case 'session.output_audio.delta':
            return call?.times.tick(at, true);
          case 'response.event':
            return delegated(fields(event.event), text(event.delegation_id), at);
          case 'decision.event':
            return decided(fields(fields(event.event).decision), at);
          case 'session.closed': {
            if (call === undefined) return;
            const reason = text(event.reason);
            call.draft.choice().finishReason = reason === 'close_requested' ? 'stop' : (reason ?? 'stop');
            return session.finish(at);
          }
        }
      },
    };
  },
};
