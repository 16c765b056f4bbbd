/** What every test of the exporter needs: collectors and exporters that end with their test, and the lines that were said. */
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { afterEach } from '@jest/globals';
import type { Span } from '../../../src/calls/model.js';
import { createExporter, type Exporter } from '../../../src/telemetry/otlp/exporter.js';
import { otlpSettingsFromEnvironment } from '../../../src/telemetry/otlp/settings.js';
import { type Collector, startGrpcCollector, startHttpCollector } from './collector.js';
import { type Decoded, decodeRequest } from './otlp-proto.js';

export const RESOURCE = { attributes: { 'service.name': 'svc' } };
export const span = (name = 'chat'): Span => ({
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  traceFlags: 1,
  name,
  kind: 'client',
  start: 1n,
  end: 2n,
  attributes: {},
});

const open: { close(): unknown }[] = [];
export const lines: string[] = [];

afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
  lines.length = 0;
});

export async function http(...args: Parameters<typeof startHttpCollector>): Promise<Collector> {
  const collector = await startHttpCollector(...args);
  open.push(collector);
  return collector;
}

export async function grpc(...args: Parameters<typeof startGrpcCollector>): Promise<Collector> {
  const collector = await startGrpcCollector(...args);
  open.push(collector);
  return collector;
}

export function exporter(env: Record<string, string>, more: { queueBytes?: number } = {}): Exporter {
  const settings = otlpSettingsFromEnvironment({ OTEL_BSP_SCHEDULE_DELAY: '1', ...env });
  const created = createExporter({
    settings,
    scope: { name: 'test', version: '1' },
    notice: line => lines.push(line),
    write: line => lines.push(line),
    ...more,
  });
  open.push({ close: () => created.shutdown(0) });
  return created;
}

export const names = (body: Buffer): string[] =>
  decodeRequest('traces', body).resourceSpans.flatMap((group: Decoded) =>
    group.scopeSpans[0].spans.map((one: Decoded) => one.name),
  );

export async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
