/** The agent's own state as Prometheus reads it (text format 0.0.4). Pure. Counts since its start; sizes in bytes, times in seconds. */

import type { Feature } from '../../agent/observed.js';
import type { FeatureState } from '../../agent/reconcile.js';

export interface AgentFigures {
  readonly version: string;
  readonly instance: string;
  readonly lock: boolean;
  readonly workloads: readonly { readonly features: Readonly<Record<Feature, FeatureState>> }[];
  readonly observedProcesses: number;
  /** `deed outcome` -> number. */
  readonly deeds: ReadonlyMap<string, number>;
  readonly running: number;
  readonly looks: number;
  /** Seconds of all looks together. */
  readonly lookSeconds: number;
  /** Unix seconds; absent: none yet. */
  readonly lastLook: number | undefined;
  readonly desiredErrors: number;
  /** Absent: no dashboard. */
  readonly dashboard?: { readonly ok: number; readonly failed: number; readonly lastOk: number | undefined };
  /** Absent while nothing was observed. */
  readonly lost?: { readonly bytes: number; readonly records: number };
  /** Absent without an endpoint. */
  readonly sent?: { readonly spans: number; readonly dropped: number };
  readonly cpuSeconds: number;
  readonly memory: number;
}

type Labels = Readonly<Record<string, string>>;
type Sample = readonly [labels: Labels, value: number];

export function agentMetrics(figures: AgentFigures): string {
  const { dashboard, lost, sent, lastLook } = figures;
  const lines: string[] = [];
  const family = (name: string, type: 'gauge' | 'counter', help: string, samples: readonly Sample[]): void => {
    if (samples.length === 0) return;
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
    for (const [labels, value] of samples) lines.push(`${name}${labelText(labels)} ${value}`);
  };
  const one = (value: number | undefined): Sample[] => (value === undefined ? [] : [[{}, value]]);
  const { version, instance } = figures;
  family('openlit_agent_info', 'gauge', 'This agent', [[{ version, instance }, 1]]);
  family('openlit_agent_lock', 'gauge', 'Whether this agent acts on this machine', one(figures.lock ? 1 : 0));
  family('openlit_agent_workloads', 'gauge', 'Workloads by what is asked for and how it stands', states(figures));
  family('openlit_agent_observed_processes', 'gauge', 'Processes with probes', one(figures.observedProcesses));
  family('openlit_agent_deeds_total', 'counter', 'What was done to workloads, by its outcome', deeds(figures));
  family('openlit_agent_deeds_running', 'gauge', 'Deeds that run now', one(figures.running));
  family('openlit_agent_looks_total', 'counter', 'Looks at this machine', one(figures.looks));
  family('openlit_agent_look_seconds_total', 'counter', 'Time that looks took', one(figures.lookSeconds));
  family('openlit_agent_last_look_timestamp_seconds', 'gauge', 'When the last look ended', one(lastLook));
  family('openlit_agent_desired_errors', 'gauge', 'Errors in desired-state files now', one(figures.desiredErrors));
  if (dashboard) {
    const polls: Sample[] = [
      [{ result: 'ok' }, dashboard.ok],
      [{ result: 'failed' }, dashboard.failed],
    ];
    family('openlit_agent_dashboard_polls_total', 'counter', 'Polls of the dashboard', polls);
    const help = 'When the dashboard last answered';
    family('openlit_agent_dashboard_last_success_timestamp_seconds', 'gauge', help, one(dashboard.lastOk));
  }
  family('openlit_agent_lost_bytes_total', 'counter', 'Bytes that the kernel could not deliver', one(lost?.bytes));
  family('openlit_agent_lost_records_total', 'counter', 'Records that found the ring full', one(lost?.records));
  family('openlit_agent_exported_spans_total', 'counter', 'Spans that the endpoint has taken', one(sent?.spans));
  family('openlit_agent_dropped_spans_total', 'counter', 'Spans that were given up', one(sent?.dropped));
  family('process_cpu_seconds_total', 'counter', 'CPU of the agent', one(figures.cpuSeconds));
  family('process_resident_memory_bytes', 'gauge', 'Memory of the agent', one(figures.memory));
  return `${lines.join('\n')}\n`;
}

function states({ workloads }: AgentFigures): Sample[] {
  const counts = new Map<string, { labels: Labels; count: number }>();
  for (const { features } of workloads) {
    for (const feature of ['observe', 'inject', 'lifecycle'] as const) {
      const { state, reason } = features[feature];
      const labels = { feature, state, reason: reason.code };
      const key = Object.values(labels).join(' ');
      counts.set(key, { labels, count: (counts.get(key)?.count ?? 0) + 1 });
    }
  }
  return [...counts.values()].map(({ labels, count }) => [labels, count]);
}

function deeds({ deeds: counted }: AgentFigures): Sample[] {
  return [...counted].map(([name, count]) => {
    const [deed = '', outcome = ''] = name.split(' ');
    return [{ deed, outcome }, count];
  });
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

const escaped = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
