/** A stream gives the same facts wherever the network cuts it. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { python } from './run.js';

const FOLDER = path.resolve(import.meta.dirname, '../../fixtures/node');

const CODE = `
from openlit_bootstrap import decode, sse
def facts(form, body, size):
    answer = decode.Response(form)
    events = sse.Events(answer.event)
    for at in range(0, len(body), size):
        events.feed(body[at:at + size])
    events.end()
    return [answer.finish(), answer.error, answer.complete]
found = []
for each in given:
    body = each["body"].encode()
    found.append([facts(each["form"], body, size) for size in (len(body), 1, 2, 3, 7, 64)])
print(json.dumps(found))
`;

interface Fixture {
  path: string;
  request_body?: { stream?: boolean };
  response_chunks?: { data?: string }[];
}

function streams() {
  const found: { name: string; form: string; body: string }[] = [];
  for (const provider of readdirSync(FOLDER)) {
    for (const file of readdirSync(path.join(FOLDER, provider))) {
      const fixture = JSON.parse(readFileSync(path.join(FOLDER, provider, file), 'utf8')) as Fixture;
      if (fixture.request_body?.stream !== true) continue;
      const form = fixture.path.includes('messages')
        ? 'messages'
        : fixture.path.includes('responses')
          ? 'responses'
          : 'chat';
      const body = (fixture.response_chunks ?? [])
        .map(chunk => (typeof chunk.data === 'string' ? chunk.data : ''))
        .join('');
      found.push({ name: `${provider}/${file}`, form, body });
      found.push({ name: `${provider}/${file} with CRLF`, form, body: body.replaceAll('\n', '\r\n') });
    }
  }
  return found;
}

describe('streams', () => {
  test('cut at every place', () => {
    const given = streams();
    expect(given.length).toBeGreaterThan(4);
    const found = python(CODE, given) as unknown[][];
    for (const [index, each] of given.entries()) {
      for (const facts of found[index] ?? []) expect([each.name, facts]).toEqual([each.name, found[index]?.[0]]);
    }
  });

  test('cached tokens of Anthropic are part of the input, and counts replace each other', () => {
    const code = `
from openlit_bootstrap import decode, sse
answer = decode.Response("messages")
answer.event(json.dumps({"type": "message_start", "message": {"usage": {"input_tokens": 11, "output_tokens": 1,
    "cache_read_input_tokens": 4, "cache_creation_input_tokens": 3}}}))
answer.event(json.dumps({"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 7}}))
print(json.dumps(answer.finish()))
`;
    expect(python(code, null)).toEqual({
      'gen_ai.usage.input_tokens': 18,
      'gen_ai.usage.output_tokens': 7,
      'gen_ai.usage.total_tokens': 25,
      'gen_ai.usage.cache_read.input_tokens': 4,
      'gen_ai.usage.cache_creation.input_tokens': 3,
      'gen_ai.response.finish_reasons': ['end_turn'],
    });
  });

  test('random bytes neither fail nor invent', () => {
    const code = `
import random
from openlit_bootstrap import decode, sse
random.seed(3)
for form in ("chat", "responses", "messages"):
    answer = decode.Response(form)
    events = sse.Events(answer.event)
    for _ in range(300):
        events.feed(b"data: " + bytes(random.randrange(256) for _ in range(40)) + b"\\n\\n")
    for body in ("[]", "null", "1", '{"choices": 3, "usage": []}', '{"choices": [null, {"index": "x"}]}', '{"usage": {"prompt_tokens": -1}}'):
        answer.event(body)
    answer.whole(decode.parse("[" * 100000), 200)
    answer.finish()
    assert not any("tokens" in name for name in answer.facts), answer.facts
print("true")
`;
    expect(python(code, null)).toBe(true);
  });
});
