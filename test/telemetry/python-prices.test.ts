/** The Python bootstrap's sum, by a real interpreter, over the vectors that prices.test.ts runs. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { expect, test } from '@jest/globals';

const ROOT = path.resolve(import.meta.dirname, '../..');
const SCRIPT = `
import json, sys
from datetime import datetime, timezone
sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
from openlit_bootstrap import prices
vectors = json.load(open(sys.argv[2], encoding="utf-8"))
prices._list = vectors["prices"]
NAMES = {"inputTokens": "input", "outputTokens": "output", "cacheReadInputTokens": "cache_read",
  "cacheWriteInputTokens": "cache_write", "reasoningOutputTokens": "output_reasoning", "audioInputTokens": "input_audio",
  "imageInputTokens": "input_image", "audioOutputTokens": "output_audio", "imageOutputTokens": "output_image"}
results = []
for case in vectors["cases"]:
    usage = {NAMES[name]: count for name, count in case["usage"].items()}
    text = case.get("at", "2026-03-03T12:00:00Z").replace("Z", "")
    whole = datetime.strptime(text.partition(".")[0], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=timezone.utc)
    at = int(whole.timestamp()) * 10**9 + int(float("0." + (text.partition(".")[2] or "0")) * 10**9)
    found = prices.cost(case.get("provider"), case.get("operation", "chat"),
        (case.get("requestModel"), case.get("responseModel")), usage, case.get("serviceTier"), at)
    results.append(found)
print(json.dumps([[case["name"], case["cost"], found] for case, found in zip(vectors["cases"], results)]))
`;

const found = spawnSync('python3', ['--version']);
if (found.error) process.stderr.write('python-prices: skipped, there is no python3 on this machine\n');

(found.error ? test.skip : test)('Python sums as TypeScript does', () => {
  const { PATH, HOME } = process.env;
  const { stdout, stderr } = spawnSync(
    'python3',
    [
      '-c',
      SCRIPT,
      path.join(ROOT, 'src/bootstrap/python'),
      path.join(ROOT, 'test/fixtures/telemetry/price-vectors.json'),
    ],
    { encoding: 'utf8', env: { PATH, HOME, PYTHONDONTWRITEBYTECODE: '1' } },
  );
  expect(stderr).toBe('');
  const results = JSON.parse(stdout) as [string, number | null, [number, string, string] | null][];
  expect(results.length).toBeGreaterThan(25);
  for (const [name, cost, given] of results) {
    if (cost === null) expect([name, given]).toEqual([name, null]);
    else {
      expect([name, given?.[1], given?.[2]]).toEqual([name, 'computed', 'test-prices 1']);
      expect(given?.[0]).toBeCloseTo(cost, 10);
    }
  }
});
