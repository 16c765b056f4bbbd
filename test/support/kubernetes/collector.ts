/** A Collector, where it is: OPENLIT_TEST_OTELCOL, with the components that the chart's settings name. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parse, stringify } from 'yaml';

const COLLECTOR = process.env['OPENLIT_TEST_OTELCOL'] ?? 'otelcol-contrib';
const has = (type: string): boolean =>
  new RegExp(`name: ${type}$`, 'm').test(spawnSync(COLLECTOR, ['components'], { encoding: 'utf8' }).stdout ?? '');
export const hasCollector = has('otlp');
export const WHY_NO_COLLECTOR =
  'there is no otelcol-contrib in PATH or OPENLIT_TEST_OTELCOL; one with the OTLP and health check components is enough';

/** @returns what it finds wrong; empty: nothing */
export function validate(config: string): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'collector-'));
  const file = path.join(folder, 'config.yaml');
  try {
    writeFileSync(file, has('loadbalancing') ? config : withoutBalancer(config));
    const { status, stdout, stderr } = spawnSync(COLLECTOR, ['validate', '--config', file], { encoding: 'utf8' });
    return status === 0 ? '' : stdout + stderr;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A Collector without the load balancer checks the rest, and its `protocol.otlp` as the OTLP exporter that it is. */
function withoutBalancer(text: string): string {
  const config = parse(text);
  const { loadbalancing, ...others } = config.exporters;
  if (loadbalancing === undefined) return text;
  const { hostname, port } = loadbalancing.resolver.dns;
  const otlp = { ...loadbalancing.protocol.otlp, endpoint: `${hostname}:${port}` };
  for (const pipeline of Object.values<{ exporters: string[] }>(config.service.pipelines)) {
    pipeline.exporters = pipeline.exporters.map(name => (name === 'loadbalancing' ? 'otlp' : name));
  }
  return stringify({ ...config, exporters: { ...others, otlp } });
}
