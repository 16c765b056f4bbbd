/**
 * Launched and attached to at once: one program for each client library makes our recorded calls, observed from inside by
 * the launcher's hook and from outside by `attach --force`, each with a collector of its own. Both must tell the same of
 * every call, name for name and value for value; only times are each one's own (docs/internals/attach.md).
 */
import path from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { whyNot } from '../attach/attached.js';
import { LAUNCH } from '../support/launcher.js';
import { PROGRAMS as NODE_PROGRAMS } from '../support/node-observed.js';
import { nodeClients } from '../support/node-versions.js';
import { type FlatSpan, startOtlpReceiver } from '../support/otlp-receiver.js';
import { anyPython, environment, SDK_CACHE, setupSdk } from '../support/python-environments.js';
import { PROGRAMS as PYTHON_PROGRAMS } from '../support/python-observed.js';
import { clientCall, simpleChat } from '../support/replay/client-jobs.js';
import { noNetwork } from '../support/replay/provider-network.js';
import { assign, type Job, replay } from '../support/replay/replay-run.js';
import { differences } from '../support/replay/twin-spans.js';
import { wireFixtures } from '../support/wire-fixtures.js';

const reason = whyNot() ?? noNetwork();
if (reason) console.log(`skipped: launch and attach cannot be compared here: ${reason}`);
const real = reason ? test.skip : test;

/** No client asks for it: Google's always want events, so an array is no answer to them. */
const NOT_ASKED = /array-stream/;

const PACE = { first: 25, next: [1, 1] };

let python: string;
beforeAll(async () => {
  if (reason) return;
  python = await environment('providers', await anyPython());
  await setupSdk(python);
}, 600_000);

const jobs: Record<string, Job[]> = {};
for (const { exchange, expected, name } of wireFixtures()) {
  if (NOT_ASKED.test(name)) continue;
  const found = {
    python: [clientCall(exchange, 'python')],
    node: [clientCall(exchange, 'node'), simpleChat(exchange)],
  };
  for (const [language, calls] of Object.entries(found))
    for (const call of calls) {
      if (call === undefined) continue;
      const title = `${language} ${call.library}`;
      jobs[title] = [...(jobs[title] ?? []), { exchange, expected, call }];
    }
}

describe.each(Object.keys(jobs).sort())('%s', title => {
  const language = title.split(' ', 1)[0];

  real(
    'the same calls from inside and from outside',
    async () => {
      if (language === 'node') await nodeClients();
      const inside = await startOtlpReceiver();
      const program =
        language === 'python'
          ? [python, path.join(PYTHON_PROGRAMS, 'provider_calls.py')]
          : [process.execPath, path.join(NODE_PROGRAMS, 'provider-calls.mjs')];
      const launch = [...LAUNCH, '--quiet', '--capture-content=span', '--endpoint', inside.url, '--', ...program];
      // An ending waits a second for telemetry at most, and a busy machine may need more: what is told is compared, not when.
      const expected = jobs[title]!.filter(job => job.expected !== null).length;
      const arrived = () => inside.waitFor(() => inside.spans.length >= expected, 20_000).catch(() => {});
      const { calls, stray } = await replay({
        jobs: jobs[title]!,
        program: launch,
        python,
        pace: PACE,
        flags: ['--force'],
        env: { OPENLIT_INSTRUMENT_CACHE_DIR: SDK_CACHE },
        beforeEnd: arrived,
      });
      const launched = assign(inside.spans, calls, PACE.first);
      await inside.close();
      const different: string[] = [];
      let agreed = 0;
      for (const [index, { job, spans, refusal }] of calls.entries()) {
        const { id } = job.exchange;
        const own = launched.owned[index]!;
        if (refusal !== undefined) different.push(`${id}: ${refusal}`);
        else {
          const found = compare(own, spans);
          different.push(...found.map(each => `${id}: ${each}`));
          if (found.length === 0) agreed++;
        }
      }
      process.stderr.write(`${title}: ${agreed} of ${calls.length} calls told alike in everything\n`);
      expect(different).toEqual([]);
      expect([...stray, ...launched.stray].map(({ name }) => name)).toEqual([]);
    },
    600_000,
  );
});

/** What two observers say of one request: no span where it is no call, else one each. */
function compare(launch: readonly FlatSpan[], attach: readonly FlatSpan[]): string[] {
  if (launch.length !== attach.length || launch.length > 1)
    return [`spans: ${launch.map(({ name }) => name)} | ${attach.map(({ name }) => name)}`];
  return launch.flatMap((span, at) => differences(span, attach[at]!));
}
