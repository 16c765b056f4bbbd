// The Realtime API over a WebSocket: text in, text out. As much of RFC 6455 as a client needs that sends short messages.
import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { CHUNK, decide, FIRST_CHUNK, pieces } from './answer.mjs';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

function frame(opcode, payload) {
  const long = payload.length > 125;
  const head = Buffer.alloc(long ? 4 : 2);
  head[0] = 0x80 | opcode;
  head[1] = long ? 126 : payload.length;
  if (long) head.writeUInt16BE(payload.length, 2);
  return Buffer.concat([head, payload]);
}

/** Takes whole frames off the front: [[opcode, payload]…, rest]. */
function parse(bytes) {
  const frames = [];
  let rest = bytes;
  while (rest.length >= 6) {
    const short = rest[1] & 0x7f;
    const [size, at] = short === 126 ? [rest.readUInt16BE(2), 4] : [short, 2];
    if (rest.length < at + 4 + size) break;
    const mask = rest.subarray(at, at + 4);
    const payload = Buffer.from(rest.subarray(at + 4, at + 4 + size));
    for (let index = 0; index < size; index++) payload[index] ^= mask[index % 4];
    frames.push([rest[0] & 0x0f, payload]);
    rest = rest.subarray(at + 4 + size);
  }
  return [frames, rest];
}

/** Answers upgrades on `/…/realtime?model=…` and `/echo`. */
export function serveRealtime(server, calls) {
  server.on('upgrade', (request, socket, head) => {
    const accept = createHash('sha1').update(`${request.headers['sec-websocket-key']}${GUID}`).digest('base64');
    const protocols = (request.headers['sec-websocket-protocol'] ?? '').split(',').map(each => each.trim());
    const chosen = protocols[0] ? `Sec-WebSocket-Protocol: ${protocols[0]}\r\n` : '';
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n${chosen}\r\n`,
    );
    const url = new URL(request.url, 'http://localhost');
    const session = { model: url.searchParams.get('model'), said: [], calls, socket };
    const say = data => socket.write(frame(1, Buffer.from(JSON.stringify(data))));
    const realtime = url.pathname.endsWith('/realtime');
    if (realtime) say({ type: 'session.created', event_id: 'e0', session: { id: 'sess_local', model: session.model } });
    let rest = head;
    const take = data => {
      const [frames, left] = parse(Buffer.concat([rest, data]));
      rest = left;
      for (const [opcode, payload] of frames) {
        if (opcode === 8) socket.end(frame(8, payload.subarray(0, 2)));
        else if (opcode === 9) socket.write(frame(10, payload));
        else if (!realtime) socket.write(frame(opcode, payload));
        else react(session, JSON.parse(payload.toString('utf8')), say).catch(() => socket.destroy());
      }
    };
    socket.on('data', take);
    socket.on('error', () => {});
  });
}

async function react(session, event, say) {
  if (event.type === 'conversation.item.create') {
    session.said.push(event.item.content.map(({ text }) => text).join(' '));
    say({
      type: 'conversation.item.added',
      event_id: 'e1',
      previous_item_id: null,
      item: { id: 'item_in', ...event.item },
    });
  }
  if (event.type === 'session.update')
    say({ type: 'session.updated', event_id: 'e2', session: { ...event.session, model: session.model } });
  if (event.type !== 'response.create') return;
  const start = Date.now();
  const answer = decide({ messages: session.said.map(text => ({ text })) });
  const call = {
    operation: 'realtime',
    model: session.model,
    stream: true,
    finish: ['stop'],
    input: answer.input,
    output: answer.output,
    path: '/realtime',
    start,
  };
  session.calls.push(call);
  const response = { id: 'resp_local', object: 'realtime.response', status: 'in_progress', output: [], usage: null };
  say({ type: 'response.created', event_id: 'e3', response });
  const at = { response_id: 'resp_local', item_id: 'item_out', output_index: 0, content_index: 0 };
  const item = { id: 'item_out', object: 'realtime.item', type: 'message', role: 'assistant', status: 'completed' };
  await delay(FIRST_CHUNK);
  call.firstChunk = Date.now();
  for (const delta of pieces(answer.text)) {
    say({ type: 'response.output_text.delta', event_id: 'e4', ...at, delta });
    await delay(CHUNK);
  }
  say({ type: 'response.output_text.done', event_id: 'e5', ...at, text: answer.text });
  const output = [{ ...item, content: [{ type: 'output_text', text: answer.text }] }];
  const usage = {
    total_tokens: answer.input + answer.output,
    input_tokens: answer.input,
    output_tokens: answer.output,
    input_token_details: { text_tokens: answer.input, audio_tokens: 0, cached_tokens: 0 },
    output_token_details: { text_tokens: answer.output, audio_tokens: 0 },
  };
  say({ type: 'response.done', event_id: 'e6', response: { ...response, status: 'completed', output, usage } });
  call.end = Date.now();
}
