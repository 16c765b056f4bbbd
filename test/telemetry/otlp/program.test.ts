/**
 * The recorder bundled as the hook bundles it and run inside plain programs: they end when they would end without it, and
 * what was recorded arrives.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { build, stop } from 'esbuild';
import { type Collector, startGrpcCollector, startHttpCollector } from '../support/collector.js';
import { decodeRequest } from '../support/otlp-proto.js';

const ROOT = path.resolve(import.meta.dirname, '../../..');
const scratch = mkdtempSync(path.join(os.tmpdir(), 'openlit-program-'));
const run = promisify(execFile);

// esbuild's own process would stay.
afterAll(() => stop());

beforeAll(async () => {
  writeFileSync(
    path.join(scratch, 'entry.ts'),
    ['recorder', 'settings', 'otlp/post'].map(file => `export * from '${ROOT}/src/telemetry/${file}.ts';`).join('\n'),
  );
  await build({
    entryPoints: [path.join(scratch, 'entry.ts')],
    outfile: path.join(scratch, 'telemetry.cjs'),
    bundle: true,
    platform: 'node',
    target: 'node18',
    format: 'cjs',
    logLevel: 'error',
  });
});

let collector: Collector;
afterEach(() => collector.close());

const SETUP = `
const t = require('./telemetry.cjs');
const settings = t.telemetrySettingsFromEnvironment(process.env, { batchDelay: 20 });
const recorder = t.createRecorder({ settings, resource: { attributes: { 'service.name': 'program' } }, version: '1' });
recorder.record({ kind: 'llm', id: '1', role: 'client', protocol: 'http/1.1', partial: [], request: { model: 'm' }, response: {},
  usage: {}, toolCalls: [], operation: 'chat', start: 1n, end: 2n });
console.log('work done');
`;
const FLUSH = `process.once('beforeExit', () => { recorder.flush(1000); });`;
const WORKER = `
process.on('exit', () => {
  const { Worker } = require('node:worker_threads');
  const done = new Int32Array(new SharedArrayBuffer(4));
  const requests = recorder.takePrepared();
  new Worker(\`const { workerData: w } = require('node:worker_threads');
    require(w.file).postPrepared(w.requests, 800).then(n => { Atomics.store(w.done, 0, 1 + n); Atomics.notify(w.done, 0); });\`,
    { eval: true, env: {}, execArgv: [], workerData: { file: require.resolve('./telemetry.cjs'), requests, done } });
  Atomics.wait(done, 0, 0, 2000);
});
process.exit(3);
`;

async function program(source: string, env: Record<string, string>) {
  const file = path.join(scratch, 'program.cjs');
  writeFileSync(file, source);
  const { PATH, HOME } = process.env;
  return run(process.execPath, [file], { env: { PATH, HOME, ...env } }).catch(error => error);
}

describe.each(['http/protobuf', 'grpc'])('a program that exports over %s', protocol => {
  const start = (hang: boolean) =>
    protocol === 'grpc' ? startGrpcCollector(() => ({ hang })) : startHttpCollector(() => (hang ? 'hang' : {}));
  const env = () => ({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_EXPORTER_OTLP_PROTOCOL: protocol });
  const spans = () =>
    collector.received
      .filter(({ path: at }) => /trace/i.test(at))
      .flatMap(({ body }) => decodeRequest('traces', body).resourceSpans[0].scopeSpans[0].spans);

  test('ends by itself although nobody flushed and the collector hangs', async () => {
    collector = await start(true);
    const { stdout, stderr } = await program(`${SETUP} setTimeout(() => {}, 100);`, env());
    expect([stdout, stderr]).toEqual(['work done\n', '']);
  });

  test('ends although a flush waits for a collector that hangs, long before the attempt would time out', async () => {
    collector = await start(true);
    const { stdout, stderr } = await program(SETUP + FLUSH, { ...env(), OTEL_EXPORTER_OTLP_TIMEOUT: '3600000' });
    expect([stdout, stderr]).toEqual(['work done\n', '']);
  });

  test('says why, once, when the collector does not answer in time', async () => {
    collector = await start(true);
    const { stderr } = await program(SETUP + FLUSH, { ...env(), OTEL_EXPORTER_OTLP_TIMEOUT: '100' });
    expect(stderr).toMatch(/^openlit-instrument: .* cannot be reached \(no answer within 100 ms\).*\n$/);
  });

  test('delivers at its natural end', async () => {
    collector = await start(false);
    const { stdout, stderr } = await program(SETUP + FLUSH, env());
    expect([stdout, stderr]).toEqual(['work done\n', '']);
    expect(spans()).toMatchObject([{ name: 'chat m' }]);
  });

  test('delivers on process.exit through a Worker, with its own status', async () => {
    collector = await start(false);
    const { code, stdout, stderr } = await program(SETUP + WORKER, env());
    expect([code, stdout, stderr]).toEqual([3, 'work done\n', '']);
    expect(spans()).toMatchObject([{ name: 'chat m' }]);
  });
});
