/** The Python sum of a cost equals the one of src/calls/prices.ts: both run the same vectors. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { python } from './run.js';

interface Vectors {
  prices: unknown;
  cases: Vector[];
}
interface Vector {
  provider?: string;
  cost: number | null;
}

const file = path.resolve(import.meta.dirname, '../../fixtures/telemetry/price-vectors.json');
const data = JSON.parse(readFileSync(file, 'utf8')) as Vectors;

const CODE = `
import time
from datetime import datetime
from openlit_bootstrap import prices
prices._list = given["prices"]
NAMES = {"inputTokens": "input", "outputTokens": "output", "cacheReadInputTokens": "cache_read",
    "cacheWriteInputTokens": "cache_write", "reasoningOutputTokens": "output_reasoning",
    "audioInputTokens": "input_audio", "imageInputTokens": "input_image",
    "audioOutputTokens": "output_audio", "imageOutputTokens": "output_image"}
found = []
for call in given["calls"]:
    usage = {NAMES[k]: v for k, v in call.get("usage", {}).items() if k in NAMES}
    at = call.get("at")
    nanos = int(datetime.fromisoformat(at.replace("Z", "+00:00")).timestamp() * 1e9) if at else time.time_ns()
    models = (call.get("requestModel"), call.get("responseModel"))
    cost = prices.cost(call.get("provider"), call.get("operation", "chat"), models, usage, call.get("serviceTier"), nanos)
    found.append(None if cost is None else cost[0])
print(json.dumps(found))
`;

test('every vector', () => {
  const calls = data.cases;
  expect(calls.length).toBeGreaterThan(5);
  const found = python(CODE, { prices: data.prices, calls }) as (number | null)[];
  for (const [index, call] of calls.entries()) {
    if (call.cost === null) expect([call, found[index]]).toEqual([call, null]);
    else {
      const off = Math.abs((found[index] ?? Number.NaN) - call.cost);
      expect([call, off <= 1e-9 * call.cost]).toEqual([call, true]);
    }
  }
});
