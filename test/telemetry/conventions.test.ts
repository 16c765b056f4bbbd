/**
 * Every name that leaves is one of the published conventions, with its published type, or stands in `OWN` with the reason
 * why it is sent all the same. Published: the generated constants of @opentelemetry/semantic-conventions (names; types by
 * their examples) and, for the development head, which has no package, the names of its registry files.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import * as incubating from '@opentelemetry/semantic-conventions/incubating';
import { cleanCall } from '../../src/calls/clean.js';
import type { ContentPolicy } from '../../src/calls/content.js';
import { ATTRIBUTE, doubleAttributes, EVENT, type Generation, SCHEMA_URL } from '../../src/calls/genai-attributes.js';
import { createRedactor } from '../../src/calls/redact.js';
import { INSTRUMENT } from '../../src/telemetry/instruments.js';
import { renderCall } from '../../src/telemetry/render.js';
import { buildResource } from '../../src/telemetry/resource.js';
import type { Call } from '../../src/wire/llm-call.js';
import { decode } from '../support/corpus.js';
import { wireFixtures } from '../support/wire-fixtures.js';
import { chatCall, mcpCall, START } from './support/calls.js';

/** Names of no convention, each with its reason. */
const OWN: Readonly<Record<string, string>> = {
  'gen_ai.usage.cost': "OpenLIT's charts read it (attribute and metric); the conventions have no cost",
  'gen_ai.usage.total_tokens': "OpenLIT's pages show it; the conventions leave the sum to the reader",
  'openlit.cost.source': 'a computed cost must not pass for a stated one',
  'openlit.cost.price_data': 'prices are dated',
  'openlit.batch.results': 'a fetched batch is one call, of how many answers it must say',
  'openlit.batch.failed': 'some of them may have failed without the fetch',
  'openlit.partial': 'a record that is not whole must say so',
  'deployment.environment': "OpenLIT's charts read the older name, which the conventions have renamed",
};

interface Registry {
  attributes: Record<string, Record<string, string>>;
  removed: Record<string, string>;
  metrics: Record<string, Record<string, { type: string; unit: string }>>;
}
const headFile = path.resolve(import.meta.dirname, '../fixtures/telemetry/genai-head-registry.json');
const head = JSON.parse(readFileSync(headFile, 'utf8')) as Registry;
const headTypes = Object.assign({}, ...Object.values(head.attributes)) as Record<string, string>;
const headMetrics = Object.assign({}, ...Object.values(head.metrics)) as Record<string, { type: string; unit: string }>;

const constants = Object.entries(incubating).filter(([, value]) => typeof value === 'string') as [string, string][];
const named = (prefix: RegExp) => new Set(constants.filter(([key]) => prefix.test(key)).map(([, value]) => value));
const attributes = named(/^ATTR_/);
const metrics = named(/^METRIC_/);
const events = named(/^EVENT_/);
const types = publishedTypes();

/** The package states types by example only: `1.0` is a double, `100` an integer, `["a"]` a list. */
function publishedTypes(): Record<string, string> {
  const entry = createRequire(import.meta.url).resolve('@opentelemetry/semantic-conventions/incubating');
  const found: Record<string, string> = {};
  for (const file of ['experimental_attributes.d.cts', 'stable_attributes.d.cts']) {
    const text = readFileSync(path.join(path.dirname(entry), file), 'utf8');
    for (const [, comment = '', name = ''] of text.matchAll(
      /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*declare const ATTR_\w+: "([^"]+)"/g,
    )) {
      const examples = [...comment.matchAll(/@example (.*)/g)].map(([, example = '']) => example.trim());
      if (examples.length === 0) continue;
      if (examples.every(example => /^-?\d+\.\d+$/.test(example))) found[name] = 'double';
      else if (examples.every(example => /^-?\d+$/.test(example))) found[name] = 'int';
      else if (examples.every(example => /^\[.*\]$/.test(example))) found[name] = 'string[]';
      // An example of several lines is a structure, which a span carries as JSON text.
      else if (!examples.some(example => example.startsWith('['))) found[name] = 'string';
    }
  }
  return found;
}

function isPublished(name: string, generation: Generation): boolean {
  if (generation === 'head') return name in headTypes || (attributes.has(name) && !(name in head.removed));
  return attributes.has(name);
}

const typeOf = (name: string, generation: Generation): string | undefined =>
  (generation === 'head' ? headTypes[name] : undefined) ?? types[name];

/** A whole number may be an integer or a double: what it is sent as is decided by name. */
function sentType(name: string, value: unknown, generation: Generation): string {
  if (Array.isArray(value)) return 'string[]';
  if (typeof value !== 'number') return typeof value;
  return !Number.isInteger(value) || doubleAttributes(SCHEMA_URL[generation]).has(name) ? 'double' : 'int';
}

const content: ContentPolicy = { capture: 'both', maxLength: 1000, redact: createRedactor([]) };
const cost = { amount: 1, currency: 'USD', source: 'computed', priceData: 'p 1' } as const;

function calls(): Call[] {
  const decoded = wireFixtures().flatMap(({ exchange }) => decode(exchange));
  return [
    ...decoded.flatMap(call => [call, { ...call, role: 'server' as const }]).map(call => ({ ...call, start: START })),
    chatCall({ error: { type: 'x', message: 'y' }, partial: ['gap'] }),
    chatCall({ provider: 'azure.ai.openai', request: { topK: 40, reasoningLevel: 'low' } }),
    chatCall({ usage: { inputTokens: 9, textInputTokens: 2, imageInputTokens: 3, audioInputTokens: 4 } }),
    chatCall({ operation: 'embeddings', request: { encodingFormats: ['float'], dimensions: 4 } }),
    mcpCall({ rpcStatusCode: '-32602', error: { type: '-32602' }, toolArguments: { a: 1 }, resourceUri: 'x:y' }),
  ];
}

describe.each(['v1.41', 'head'] as const)('what leaves under %s', generation => {
  const rendered = calls().map(
    call => renderCall(cleanCall(call, content), { generation, content, emitEvent: true, cost })!,
  );
  const sent = new Map<string, unknown[]>();
  const add = (values: object): void => {
    for (const [name, value] of Object.entries(values)) sent.set(name, [...(sent.get(name) ?? []), value]);
  };
  for (const call of rendered) {
    add(call.attributes);
    for (const measurement of call.measurements) add({ ...measurement.attributes, ...measurement.further });
  }
  const inEvents = new Set(rendered.flatMap(call => call.events.flatMap(event => Object.keys(event.attributes))));

  test('is much of what there is', () => {
    expect(sent.size).toBeGreaterThan(45);
  });

  test.each([...new Set([...sent.keys(), ...inEvents])].sort())('%s', name => {
    expect(isPublished(name, generation)).toBe(!(name in OWN));
    const type = typeOf(name, generation);
    if (type === undefined || name in OWN) return;
    for (const value of sent.get(name) ?? []) {
      expect([name, sentType(name, value, generation)]).toEqual([name, type]);
    }
  });

  test('only events that the conventions have', () => {
    const names = new Set(rendered.flatMap(call => call.events.map(event => event.name)));
    expect(names).toEqual(new Set(Object.values(EVENT)));
    for (const name of names) expect(events.has(name)).toBe(true);
  });

  test('only metrics that the conventions have', () => {
    for (const { instrument } of rendered.flatMap(call => call.measurements)) {
      const { name, type, unit } = instrument;
      if (name in OWN) continue;
      if (name in headMetrics) expect({ name, type, unit }).toEqual({ name, ...headMetrics[name] });
      else
        expect([name, metrics.has(name) && !(name in (generation === 'head' ? head.removed : {}))]).toEqual([
          name,
          true,
        ]);
    }
  });
});

test('every name in the tables is published somewhere, or ours with a reason', () => {
  const everywhere = (name: string) => attributes.has(name) || name in headTypes;
  for (const name of Object.values(ATTRIBUTE)) expect([name, everywhere(name)]).toEqual([name, !(name in OWN)]);
  for (const { name } of Object.values(INSTRUMENT)) {
    expect([name, metrics.has(name) || name in headMetrics]).toEqual([name, !(name in OWN)]);
  }
});

test("a resource's names", () => {
  const { attributes: resource } = buildResource({
    env: { KUBERNETES_SERVICE_HOST: '1', POD_NAME: 'p', POD_UID: 'u', POD_NAMESPACE: 'n', NODE_NAME: 'o' },
    process: {
      pid: 1,
      parentPid: 2,
      command: 'c',
      executableName: 'c',
      executablePath: '/c',
      owner: 'o',
      runtimeName: 'nodejs',
      runtimeVersion: '20',
      creationTime: '2026-01-01T00:00:00Z',
      containerId: 'a'.repeat(64),
    },
    host: { name: 'h', id: 'i', arch: 'x64', osType: 'linux' },
    settings: { serviceName: 's', environment: 'prod' },
    version: '1',
  });
  expect(Object.keys(resource).length).toBeGreaterThan(20);
  for (const name of Object.keys(resource))
    expect([name, attributes.has(name)]).toEqual([name, !(name in OWN) || name === 'deployment.environment']);
});

test('provider and operation names are the published ones where there is one', () => {
  const providers = named(/^GEN_AI_PROVIDER_NAME_VALUE_/);
  const operations = named(/^GEN_AI_OPERATION_NAME_VALUE_/);
  const llm = calls().flatMap(call => (call.kind === 'llm' ? [call] : []));
  const custom = (values: (string | undefined)[], published: Set<string>) =>
    [...new Set(values)].filter(value => value !== undefined && !published.has(value)).sort();
  // The conventions allow custom values where none of theirs applies.
  expect(
    custom(
      llm.map(call => call.operation),
      operations,
    ),
  ).toEqual(['decision', 'fetch_response', 'image_generation', 'realtime', 'rerank', 'speech', 'transcription']);
  const spelled = [...providers].map(name => name.replace(/[^a-z]/g, ''));
  for (const name of custom(
    llm.map(call => call.provider),
    providers,
  )) {
    expect([name, spelled.includes(name!.replace(/[^a-z]/g, ''))]).toEqual([name, false]);
  }
});
