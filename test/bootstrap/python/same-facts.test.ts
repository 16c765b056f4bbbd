/** The Python hook reads the same facts out of an exchange as `src/wire` does, under the names of both generations. */
import { describe, expect, test } from '@jest/globals';
import type { Generation } from '../../../src/calls/genai-attributes.js';
import { callAttributes } from '../../../src/telemetry/attributes.js';
import { decode } from '../../support/corpus.js';
import { wireFixtures } from '../../support/wire-fixtures.js';
import { python } from './run.js';

const CODE = `
import os
from openlit_bootstrap import decode, forms, generation, sse
os.environ["OTEL_SEMCONV_STABILITY_OPT_IN"] = given["optIn"]
found = []
for each in given["exchanges"]:
    form = forms.recognise("POST", each["path"])
    if form is None:
        found.append(None)
        continue
    facts = forms.request_facts(form, decode.parse(each["asked"]), each["path"], {})
    answer = forms.answer(form)
    if each["stream"]:
        events = sse.Events(answer.event)
        events.feed(each["answered"].encode())
        events.end()
        if not answer.complete:
            answer.broke_off()
    else:
        answer.whole(decode.parse(each["answered"]), each["status"])
    facts.update(answer.finish())
    if answer.error is not None:
        facts["error.type"] = answer.error
    found.append(generation.named(facts))
print(json.dumps(found))
`;

/** What the SDK's span or the connection says, not the bodies. */
const OTHERS = /^(gen_ai\.(operation|provider)\.name|server\.|http\.|openlit\.)/;

/** Sessions of command-line programs that are written in Node or Rust; their headers and metadata are not looked at. */
const ofAnotherProgram = (name: string, asked: string) =>
  name === 'gen_ai.conversation.id' && !asked.includes('"conversation"');

const given = wireFixtures()
  .filter(({ name, expected }) => /^(openai|anthropic)\//.test(name) && expected !== null)
  .filter(({ exchange }) => exchange.protocol === 'http/1.1' && exchange.requestBody !== undefined)
  .map(({ name, exchange }) => ({
    name,
    exchange,
    path: exchange.path,
    status: exchange.status,
    asked: String(exchange.requestBody),
    answered: String(exchange.responseBody ?? ''),
    stream: /event-stream/.test(exchange.responseHeaders?.['content-type'] ?? ''),
  }));

describe.each<[Generation, string]>([
  ['v1.41', ''],
  ['head', 'http,gen_ai_latest_experimental'],
])('%s', (generation, optIn) => {
  const exchanges = given.map(({ exchange: _, ...plain }) => plain);
  const found = python(CODE, { optIn, exchanges }) as (Record<string, unknown> | null)[];

  test('most fixtures are of a format that the hook knows', () => {
    expect(found.filter(facts => facts !== null).length).toBeGreaterThan(25);
  });

  test.each(given.flatMap((each, index) => (found[index] ? [[each.name, each, found[index]] as const] : [])))(
    '%s',
    (_, { exchange, asked }, facts) => {
      const [call] = decode(exchange);
      const told = Object.entries(callAttributes(call!, { generation }));
      const ofBodies = told.filter(([name]) => !OTHERS.test(name) && (name in facts || !ofAnotherProgram(name, asked)));
      expect(facts).toEqual(Object.fromEntries(ofBodies));
    },
  );
});
