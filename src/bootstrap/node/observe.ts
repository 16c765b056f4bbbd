/**
 * The decoder and the exporter inside the program, loaded when the first request that looks like a model call was made.
 * Everything here runs off the program's path: in `setImmediate`, at the end, or not at all.
 */
import { readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createCostCalculator } from '../../calls/cost.js';
import { loadPrices } from '../../calls/load-prices.js';
import { VARIABLES } from '../../config/variables.js';
import type { PreparedRequest } from '../../telemetry/otlp/prepared-request.js';
import { createRecorder } from '../../telemetry/recorder.js';
import { buildResource } from '../../telemetry/resource.js';
import { telemetrySettingsFromEnvironment } from '../../telemetry/settings.js';
import { excludeHosts } from '../../wire/exclude.js';
import { createCallDecoder, LaterResults, McpLinks } from '../../wire/providers/index.js';
import type { Item } from './channel.js';
import { createReader } from './readers.js';
import type { Runtime } from './runtime.js';

/** Our version; written in by the build. */
declare const PACKAGE_VERSION: string;

/** Milliseconds that a call waits for others, after 20 in the ring: a short script must not lose its calls. */
const BATCH_DELAY = 80;

export interface LocalObserver {
  handle(item: Item): void;
  /** The end: closes what is open and sends all. True when nothing is left. */
  flush(milliseconds: number): Promise<boolean>;
  /** The end, synchronously: closes what is open and gives the requests that a Worker can post. */
  finish(): readonly PreparedRequest[];
}

export function createObserver(runtime: Runtime): LocalObserver {
  const { env, notice } = runtime;
  const settings = telemetrySettingsFromEnvironment(env, { batchDelay: BATCH_DELAY });
  for (const warning of settings.warnings) notice(warning);
  const recorder = createRecorder({
    settings,
    resource: describeProcess(runtime),
    costOf: createCostCalculator({
      loadPrices: () => loadPrices(path.join(__dirname, '../../prices.json')),
      ...(settings.pricingFile === undefined ? {} : { pricingFile: settings.pricingFile }),
    }),
    version: PACKAGE_VERSION,
    notice,
  });
  // Metrics are exported by an interval; until then they are the collector's only in part.
  let measured = false;
  let calls = 0;
  // An MCP session has several connections, and each context a decoder of its own.
  const mcp = new McpLinks();
  const later = new LaterResults();
  const prefix = `${process.pid.toString(36)}-${Math.trunc(runtime.wall()).toString(36)}`;
  const excluded = env[VARIABLES.excludeEndpoints]?.split(',') ?? [];
  const readers = createReader({
    openFor: context =>
      excludeHosts(
        createCallDecoder({
          content: settings.content.capture !== 'off',
          newId() {
            calls += 1;
            return `${prefix}-${calls}`;
          },
          onCall(call) {
            measured = true;
            recorder.record(call, context.parent);
          },
          mcp,
          later,
          onSession(session) {
            measured = true;
            recorder.session(session);
          },
        }),
        excluded,
      ),
    reported(by) {
      runtime.status('already_instrumented', by);
      if (by === 'openlit') notice('this program runs OpenLIT itself, so its model calls are left to it');
    },
  });

  const unsent = () => {
    const { traces, metrics, logs } = recorder.stats();
    return measured || traces.queued + metrics.queued + logs.queued > 0;
  };

  return {
    handle(item) {
      try {
        readers.handle(item);
      } catch (error) {
        notice(`a model call was not understood and is not reported: ${(error as Error).message}`);
      }
    },
    async flush(milliseconds) {
      readers.closeAll(runtime.wall());
      return !unsent() || (await recorder.flush(milliseconds));
    },
    finish() {
      readers.closeAll(runtime.wall());
      return unsent() ? recorder.takePrepared() : [];
    },
  };
}

function describeProcess({ env }: Runtime) {
  const script = process.argv[1];
  const cgroup = textOf('/proc/self/cgroup');
  const mountinfo = textOf('/proc/self/mountinfo');
  return buildResource({
    env,
    version: PACKAGE_VERSION,
    host: { name: os.hostname(), arch: process.arch, osType: process.platform },
    process: {
      pid: process.pid,
      parentPid: process.ppid,
      executablePath: process.execPath,
      executableName: path.basename(process.execPath),
      runtimeName: 'nodejs',
      runtimeVersion: process.versions.node,
      ...(script === undefined ? {} : { command: script }),
      ...(cgroup === undefined ? {} : { cgroup }),
      ...(mountinfo === undefined ? {} : { mountinfo }),
    },
  });
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
