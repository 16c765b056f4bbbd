/** Counts what the agent did, for its page: its own state, and the calls of all workloads. */
import type { Consumer } from '../../calls/recorded-call.js';
import { expose } from '../../telemetry/exposition.js';
import type { OtlpConsumer } from '../../telemetry/otlp-consumer.js';
import { createJobMetrics, measuring } from '../../telemetry/prometheus.js';
import type { Counters } from '../../wire/transport/record.js';
import { agentMetrics } from './agent-metrics.js';
import type { Dashboard } from './dashboard.js';
import type { Tick } from './loop.js';

export interface PageFacts {
  readonly version: string;
  readonly instance: string;
  readonly tick: Tick | undefined;
  readonly observed: number;
  readonly running: number;
  readonly dashboard: Pick<Dashboard, 'ok' | 'failed' | 'lastOk'> | undefined;
  readonly lost: Counters | undefined;
  readonly sent: ReturnType<OtlpConsumer['stats']> | undefined;
}

export interface Figures {
  /** Counts calls. */
  readonly meter: Consumer;
  /** @param seconds that it took */
  look(seconds: number): void;
  deed(deed: string, outcome: string): void;
  page(facts: PageFacts): string;
}

export function createFigures(): Figures {
  const metrics = createJobMetrics();
  const deeds = new Map<string, number>();
  let looks = 0;
  let lookSeconds = 0;
  return {
    meter: { ...measuring(metrics.observe), finish: async () => {} },
    look(seconds) {
      looks++;
      lookSeconds += seconds;
    },
    deed(deed, outcome) {
      const name = `${deed} ${outcome}`;
      deeds.set(name, (deeds.get(name) ?? 0) + 1);
    },
    page({ version, instance, tick, observed, running, dashboard, lost, sent }) {
      const { user, system } = process.cpuUsage();
      const { ok, failed, lastOk } = dashboard ?? {};
      const own = agentMetrics({
        version,
        instance,
        lock: tick?.lock.ours ?? false,
        workloads: tick?.states ?? [],
        observedProcesses: observed,
        deeds,
        running,
        looks,
        lookSeconds,
        lastLook: tick && tick.at / 1000,
        desiredErrors: tick?.fileErrors.length ?? 0,
        ...(ok !== undefined &&
          failed !== undefined && {
            dashboard: { ok, failed, lastOk: lastOk === undefined ? undefined : lastOk / 1000 },
          }),
        ...(lost && {
          lost: { bytes: lost.ringBytes + lost.faultBytes + lost.limitBytes, records: lost.ringRecords },
        }),
        ...(sent && { sent: { spans: sent.traces.exported, dropped: sent.traces.dropped } }),
        cpuSeconds: (user + system) / 1e6,
        memory: process.memoryUsage.rss(),
      });
      return own + expose(metrics.collect(), metrics.targets(), 'text');
    },
  };
}
