/** What a launch leaves for its observer: one file for each set of settings, for nobody else to read. */
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mergeSettings } from '../../../src/config/load.js';
import { launchDocument, readDocument, writeDocument } from '../../../src/runs/observer/document.js';

let base: string;
let env: NodeJS.ProcessEnv;
beforeEach(() => {
  base = mkdtempSync(path.join(os.tmpdir(), 'document-'));
  env = { OPENLIT_INSTRUMENT_CACHE_DIR: path.join(base, 'cache'), XDG_RUNTIME_DIR: base };
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const NAMED = { resourceAttributes: {} };
const documentOf = (variables: NodeJS.ProcessEnv = {}) =>
  launchDocument(mergeSettings([], variables, undefined).settings, NAMED, variables);
const modeOf = (file: string) => (statSync(file).mode & 0o777).toString(8);

describe('what is in it', () => {
  test('what telemetry reads, under the names of the environment, and the names that win', () => {
    const document = documentOf({
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://h:4318',
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=key',
      OTEL_RESOURCE_ATTRIBUTES: 'team=a',
      HTTPS_PROXY: 'http://proxy:3128',
      no_proxy: 'localhost',
      POD_NAME: 'pod-1',
      HOSTNAME: 'pod-1',
      SSL_CERT_FILE: '/ca.pem',
    });
    expect(document).toMatchObject({
      version: 1,
      named: NAMED,
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: 'http://h:4318',
        OTEL_EXPORTER_OTLP_HEADERS: 'authorization=key',
        OTEL_RESOURCE_ATTRIBUTES: 'team=a',
        HTTPS_PROXY: 'http://proxy:3128',
        no_proxy: 'localhost',
        POD_NAME: 'pod-1',
        HOSTNAME: 'pod-1',
        SSL_CERT_FILE: '/ca.pem',
      },
    });
  });

  test("nothing else of the program's environment", () => {
    const document = documentOf({
      OPENAI_API_KEY: 'planted',
      AWS_SECRET_ACCESS_KEY: 'planted',
      DATABASE_URL: 'postgres://u:planted@h',
      MY_OTEL_KEY: 'planted',
      OPENLIT_INSTRUMENT_TAP: 'planted',
      PATH: 'planted',
      NODE_OPTIONS: 'planted',
    });
    expect(JSON.stringify(document)).not.toContain('planted');
  });
});

test('one file for the same settings, another for others, for nobody else to read', () => {
  const one = writeDocument(documentOf(), env);
  expect(writeDocument(documentOf(), env)).toBe(one);
  const other = writeDocument(documentOf({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://h:4318' }), env);
  expect(path.dirname(one)).toBe(path.join(base, 'cache', 'launches'));
  expect(readdirSync(path.dirname(one)).sort()).toEqual([one, other].map(file => path.basename(file)).sort());
  expect([modeOf(one), modeOf(other), modeOf(path.dirname(one))]).toEqual(['600', '600', '700']);
  expect(readDocument(one)).toEqual(documentOf());
});

test('one that was changed, or cut by a full disk, is written again', () => {
  const file = writeDocument(documentOf(), env);
  writeFileSync(file, '{"version":1');
  expect(writeDocument(documentOf(), env)).toBe(file);
  expect(readDocument(file)).toEqual(documentOf());
});

test('where the cache cannot be written: beside the sockets', () => {
  writeFileSync(path.join(base, 'cache'), 'a file');
  const file = writeDocument(documentOf(), env);
  expect(path.dirname(file)).toBe(path.join(base, 'openlit-instrument'));
  expect(modeOf(file)).toBe('600');
});

test('a file that could not be put into place leaves nothing behind', () => {
  const document = documentOf();
  const launches = path.join(base, 'cache', 'launches');
  const name = path.basename(writeDocument(document, env));
  rmSync(path.join(launches, name));
  // A folder in its place: it can be neither read nor replaced.
  mkdirSync(path.join(launches, name, 'x'), { recursive: true });
  expect(path.dirname(writeDocument(document, env))).toBe(path.join(base, 'openlit-instrument'));
  expect(readdirSync(launches)).toEqual([name]);
});

test('only the last 500 stay; one that is used counts as new', () => {
  const used = writeDocument(documentOf(), env);
  const folder = path.dirname(used);
  const old = new Date(Date.now() - 10_000_000);
  for (let count = 0; count < 600; count += 1) {
    const file = path.join(folder, `${count}.json`);
    writeFileSync(file, '{}');
    utimesSync(file, old, old);
  }
  utimesSync(used, new Date(0), new Date(0));
  writeDocument(documentOf(), env);
  const last = writeDocument(documentOf({ OTEL_SERVICE_NAME: 'x' }), env);
  const left = readdirSync(folder);
  expect(left).toHaveLength(500);
  expect(left).toEqual(expect.arrayContaining([path.basename(used), path.basename(last)]));
});

test('a file of another version, or none, is refused', () => {
  const file = path.join(base, 'x.json');
  writeFileSync(file, '{"version":2}');
  expect(() => readDocument(file)).toThrow('is of version 2');
  expect(() => readDocument(path.join(base, 'missing.json'))).toThrow('ENOENT');
});

test('one that others may read is closed when it is used again', () => {
  const file = writeDocument(documentOf(), env);
  chmodSync(file, 0o644);
  writeDocument(documentOf(), env);
  expect(modeOf(file)).toBe('600');
});
