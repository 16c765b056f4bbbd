/** Programs that fetch the results of a batch, twice: one call, priced as a batch is, from every tap. */
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openNodeBench } from '../support/node-observed.js';
import type { Bench } from '../support/observed.js';

const NODE = `
const get = () => fetch(process.env.PROVIDER_URL + '/openai/v1/files/file-9x/content').then(answer => answer.text());
await get();
await get();
`;
const PYTHON = `
import os, urllib.request
for _ in range(2):
    urllib.request.urlopen(os.environ["PROVIDER_URL"] + "/openai/v1/files/file-9x/content").read()
`;

let bench: Bench;
beforeAll(async () => {
  bench = await openNodeBench({ tls: false, fixtures: path.resolve(import.meta.dirname, '../fixtures/wire') });
});
afterAll(() => bench?.close());

test.each([
  ['Node', [process.execPath, '--input-type=module', '-e', NODE]],
  ['Python', ['python3', '-c', PYTHON]],
])(
  '%s',
  async (_, program) => {
    const { spans, status } = await bench.launched(program);
    expect(status).toBe(0);
    expect(spans.map(({ name }) => name)).toEqual(['fetch_response']);
    expect(spans[0]!.attributes).toMatchObject({
      'gen_ai.provider.name': 'openai',
      'gen_ai.response.model': 'gpt-4o-mini-2024-07-18',
      'gen_ai.usage.input_tokens': 42,
      'gen_ai.usage.output_tokens': 5,
      'openlit.batch.results': 2,
      'openlit.cost.source': 'computed',
    });
    // Half of $0.15 and $0.60 a million.
    expect(spans[0]!.attributes['gen_ai.usage.cost']).toBeCloseTo((42 * 0.15 + 5 * 0.6) / 2e6, 12);
  },
  60_000,
);
