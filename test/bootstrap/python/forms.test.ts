/** The readers inside Python programs and the decoder in TypeScript say the same of the same exchanges. */
import { expect, test } from '@jest/globals';
import { wireFixtures } from '../../support/wire-fixtures.js';
import { python } from './run.js';

/** What `exchange` does with a request and its answer, without a client. */
const CODE = `
import base64
from openlit_bootstrap import decode, forms, hosts, sse
found = []
for each in given:
    path = each["path"]
    form = forms.recognise(each["method"], path)
    body = decode.parse(base64.b64decode(each["request"]))
    if form is None or body is None:
        found.append(None)
        continue
    facts = forms.request_facts(form, body, path, each["headers"])
    if not forms.is_request(form, body, facts):
        found.append(None)
        continue
    answer = forms.answer(form)
    data = base64.b64decode(each["response"])
    kind = each["type"]
    events = sse.Events(answer.event) if "event-stream" in kind else sse.Lines(answer.event) if "json" in kind and "application/json" not in kind else None
    if events is None:
        answer.whole(decode.parse(data), each["status"])
    else:
        events.feed(data)
        events.end()
        if not answer.complete:
            answer.broke_off()
    facts.update(answer.finish())
    facts["gen_ai.operation.name"] = forms.operation(form)
    facts["gen_ai.provider.name"] = hosts.provider(each["host"].partition(":")[0], path) or forms.inventor(form)
    if answer.error is not None:
        facts["error.type"] = answer.error
    found.append(None if answer.is_no_call else facts)
print(json.dumps(found))
`;

/** What these readers have no word for: libraries that are no HTTP clients of Python's, or whose calls are not looked at. */
const OTHERS =
  /^(bedrock\/(?!mantle)|cloudflare|cohere\/generate|dashscope|databricks|huggingface\/(tgi|feature)|mcp|vercel|voyage\/multi|watsonx|vertex\/(anthropic|predict)|gemini\/(interactions|generate-array|error-array|cli)|mistral\/(conv|transc)|together\/image|openai\/(images|image-|speech|transc|realtime)|anthropic\/complete|writer\/chat|compatible\/gateway)/;
/** Named by headers that only a real answer has. */
const BY_HEADERS = new Set(['compatible/litellm-cost gen_ai.provider.name']);

const COMPARED =
  /^(error\.type$|gen_ai\.(operation|provider|conversation|request|response|usage|embeddings|output\.type))/;

test('every exchange of ours', () => {
  const cases = wireFixtures().filter(({ name, exchange }) => exchange.protocol !== 'websocket' && !OTHERS.test(name));
  const found = python(
    CODE,
    cases.map(({ exchange }) => ({
      method: exchange.method,
      host: exchange.host,
      path: exchange.path,
      headers: exchange.requestHeaders ?? {},
      request: Buffer.from(exchange.requestBody ?? []).toString('base64'),
      response: Buffer.from(exchange.responseBody ?? []).toString('base64'),
      type: exchange.responseHeaders?.['content-type'] ?? '',
      status: exchange.status,
    })),
  ) as (Record<string, unknown> | null)[];
  const different: unknown[] = [];
  let calls = 0;
  for (const [index, { name, expected }] of cases.entries()) {
    const facts = found[index];
    if (expected === null || facts === null || facts === undefined) {
      if ((expected === null) !== (facts === null)) different.push({ name, facts });
      continue;
    }
    calls++;
    for (const [attribute, wanted] of Object.entries(expected)) {
      if (!COMPARED.test(attribute) || BY_HEADERS.has(`${name} ${attribute}`)) continue;
      if (JSON.stringify(facts[attribute] ?? null) !== JSON.stringify(wanted))
        different.push({ name, attribute, wanted, python: facts[attribute] });
    }
  }
  expect(different).toEqual([]);
  expect(calls).toBeGreaterThan(70);
});
