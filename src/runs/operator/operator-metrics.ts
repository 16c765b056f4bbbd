/** What the operator counts of itself, in Prometheus' text format. */
import type { Admitted, Result } from './admission.js';

/** Seconds; the API server gives up after 2. */
const BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2];
const RESULTS: readonly Result[] = ['changed', 'left', 'not-asked', 'late', 'failed'];

export interface OperatorMetrics {
  admitted(what: Admitted): void;
  took(seconds: number): void;
  text(now: { readonly certificateExpires: number | undefined; readonly age: number | undefined }): string;
}

export function createOperatorMetrics(): OperatorMetrics {
  const results = new Map<string, number>(RESULTS.map(result => [result, 0]));
  const reasons = new Map<string, number>();
  const buckets = BOUNDS.map(() => 0);
  let count = 0;
  let sum = 0;
  const grow = (map: Map<string, number>, key: string) => map.set(key, (map.get(key) ?? 0) + 1);
  return {
    admitted({ result, reasons: found }) {
      grow(results, result);
      for (const { code } of found) grow(reasons, code);
    },
    took(seconds) {
      count += 1;
      sum += seconds;
      for (const [at, bound] of BOUNDS.entries()) if (seconds <= bound) buckets[at]! += 1;
    },
    text({ certificateExpires, age }) {
      const by = (map: Map<string, number>, name: string, label: string) =>
        [...map].map(([key, value]) => `${name}{${label}="${key}"} ${value}`);
      return [
        ...family('openlit_operator_admissions_total', 'counter', 'Pods that were asked about, by what came of it'),
        ...by(results, 'openlit_operator_admissions_total', 'result'),
        ...family('openlit_operator_reasons_total', 'counter', 'Why something was not added to a pod'),
        ...by(reasons, 'openlit_operator_reasons_total', 'code'),
        ...family('openlit_operator_admission_seconds', 'histogram', 'Time from a review to its answer'),
        ...BOUNDS.map((bound, at) => `openlit_operator_admission_seconds_bucket{le="${bound}"} ${buckets[at]}`),
        `openlit_operator_admission_seconds_bucket{le="+Inf"} ${count}`,
        `openlit_operator_admission_seconds_sum ${sum}`,
        `openlit_operator_admission_seconds_count ${count}`,
        ...gauge(
          'openlit_operator_certificate_expiry_timestamp_seconds',
          "End of the webhook's certificate",
          certificateExpires,
          1_000,
        ),
        ...gauge('openlit_operator_watch_age_seconds', 'Time since the API server was last heard of', age, 1_000),
        ...gauge('process_resident_memory_bytes', 'Resident memory', process.memoryUsage.rss(), 1),
      ].join('\n');
    },
  };
}

const family = (name: string, type: string, help: string): string[] => [
  `# HELP ${name} ${help}`,
  `# TYPE ${name} ${type}`,
];

/** Absent is not 0: without a value there is no line. */
function gauge(name: string, help: string, value: number | undefined, per: number): string[] {
  return value === undefined ? [] : [...family(name, 'gauge', help), `${name} ${value / per}`];
}
