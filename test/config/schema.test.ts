import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { SETTINGS, type SettingRow } from '../../src/config/flags.js';
import { fileSchema, jsonSchema, keyOf } from '../../src/config/schema.js';
import { starterFile } from '../../src/config/starter.js';

const ROOT = path.resolve(import.meta.dirname, '../..');

test('openlit.schema.json is fresh (npm run build && npm run manifest)', () => {
  const file = readFileSync(path.join(ROOT, 'openlit.schema.json'), 'utf8');
  expect(JSON.parse(file)).toEqual(JSON.parse(JSON.stringify(jsonSchema())));
});

test('every key of the table is in the schema, with its description', () => {
  const text = JSON.stringify(jsonSchema());
  for (const row of SETTINGS as readonly SettingRow[]) {
    for (const form of ['short', 'long'] as const) expect(text).toContain(`"${keyOf(row, form)?.split('.').pop()}"`);
  }
});

test.each([{}, { serviceName: 'my: "app"', environment: 'prod', endpoint: 'http://h:4318' }])(
  'the starter file is accepted: %j',
  detected => {
    const content: unknown = parse(starterFile(detected));
    expect(fileSchema('short').safeParse(content)).toMatchObject({ success: true });
    expect(content).toMatchObject({ content: { capture: 'off' } });
    if (detected.serviceName !== undefined) expect(content).toMatchObject({ application_name: detected.serviceName });
  },
);

test('what the starter file shows as comments is accepted, too', () => {
  const text = starterFile({}).replace(/^( *)# (?=( {2})?[a-z_]+:)/gm, '$1');
  const content = parse(text.replaceAll(/\$\{(\w+)\}/g, '$1')) as Record<string, unknown>;
  expect(Object.keys(content)).toEqual(
    expect.arrayContaining(['application_name', 'endpoint', 'headers', 'filters', 'pricing']),
  );
  expect(fileSchema('short').safeParse(content).error?.issues).toBeUndefined();
});
