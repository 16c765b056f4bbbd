import type { UnixNanos } from '../../../exchange.js';
import { count, fields, items, jsonText, number, text } from '../../json/fields.js';
import type { SocketCall, SocketFormat } from '../../sockets/socket-format.js';
import { readPart } from '../generate/response.js';
import { readGenerateUsage } from '../generate/usage.js';
import { modelName } from '../names.js';

/** Live sessions of Gemini and Vertex: one call for each turn of the model. @see https://ai.google.dev/api/live */
export const geminiLive: SocketFormat = {
  name: 'gemini.live',
  open(session) {
    let setup = fields(undefined);
    let asked: UnixNanos | undefined;

    function begin(at: UnixNanos): SocketCall {
      const call = session.begin(asked ?? at);
      asked = undefined;
      call.draft.operation = 'realtime';
      const model = modelName(setup.model);
      if (model !== undefined) call.draft.request.model = model;
      const config = fields(setup.generationConfig);
      const temperature = number(config.temperature);
      const maxTokens = count(config.maxOutputTokens);
      if (temperature !== undefined) call.draft.request.temperature = temperature;
      if (maxTokens !== undefined) call.draft.request.maxTokens = maxTokens;
      return call;
    }

    return {
      client(event, at) {
        if (event.setup !== undefined) setup = fields(event.setup);
        else if (event.clientContent !== undefined || event.toolResponse !== undefined) asked = at;
      },
      server(event, at) {
        const content = fields(event.serverContent);
        const parts = items(fields(content.modelTurn).parts);
        const calls = items(fields(event.toolCall).functionCalls);
        const transcript = text(fields(content.outputTranscription).text);
        const speaks = parts.length > 0 || calls.length > 0 || transcript !== undefined;
        if (session.callOf() === undefined && !speaks) return;
        const call = session.callOf() ?? begin(at);
        const choice = call.draft.choice();
        for (const part of parts) readPart(fields(part), choice);
        choice.text(transcript);
        for (const each of calls) {
          const { id, name, args } = fields(each);
          choice.argue(choice.toolCall(undefined, { id: text(id), name: text(name) }), jsonText(args));
        }
        readGenerateUsage(event.usageMetadata, call.draft);
        call.times.tick(at, speaks);
        if (calls.length > 0) choice.finishReason = 'tool_call';
        else if (content.interrupted === true) choice.finishReason = 'interrupted';
        else if (content.turnComplete === true) choice.finishReason = 'stop';
        if (choice.finishReason !== undefined) session.finish(at);
      },
    };
  },
};
