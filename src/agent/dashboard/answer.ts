/** What OpenLIT's dashboard answers to a poll, read without trusting it. Pure. Source: openlit/openlit ad20b7b4. */
import type { DashboardAction } from './actions.js';

export interface DashboardAnswer {
  readonly actions: readonly DashboardAction[];
  /** To be sent back as it is, never computed. */
  readonly configHash: string;
  /** Absent: nothing has changed. */
  readonly config?: DashboardConfig;
}

export interface DashboardConfig {
  /** Absent: keep your own. */
  readonly endpoint?: DashboardEndpoint;
  /** ms */
  readonly interval?: number;
}

export interface DashboardEndpoint {
  readonly endpoint?: string;
  readonly signalEndpoints: Readonly<Partial<Record<'traces' | 'metrics' | 'logs', string>>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly protocol?: 'http/protobuf' | 'http/json' | 'grpc';
}

/** Seconds that the server allows. */
const INTERVALS = [5, 300] as const;

type Json = Readonly<Record<string, unknown>>;

/** @throws Error for what is no answer at all */
export function readAnswer(text: string): DashboardAnswer {
  const answer = objectOf(JSON.parse(text));
  if (!answer) throw new Error('the answer is no object');
  const list = Array.isArray(answer.actions) ? answer.actions : [];
  const actions = list.flatMap((one): DashboardAction[] => {
    const action = objectOf(one);
    const [id, type, key] = [textOf(action?.id), textOf(action?.action_type), textOf(action?.service_key)];
    return id && type && key ? [{ id, action_type: type, service_key: key }] : [];
  });
  const config = objectOf(answer.config);
  return { actions, configHash: textOf(answer.config_hash) ?? '', ...(config && { config: readConfig(config) }) };
}

function readConfig(config: Json): DashboardConfig {
  const seconds = Number(config.poll_interval_seconds);
  const interval =
    Number.isFinite(seconds) && seconds > 0 ? Math.min(Math.max(seconds, INTERVALS[0]), INTERVALS[1]) : undefined;
  const endpoint = readEndpoint(objectOf(config.export) ?? {});
  return { ...(endpoint && { endpoint }), ...(interval !== undefined && { interval: interval * 1000 }) };
}

/** Empty texts mean "keep your own". */
function readEndpoint(sent: Json): DashboardEndpoint | undefined {
  const address = (name: string): string | undefined => {
    const text = textOf(sent[name])?.trim();
    return text && /^(https?|grpc):\/\//.test(text) ? text : undefined;
  };
  const endpoint = address('otlp_endpoint');
  const signals = { traces: 'otlp_traces_endpoint', metrics: 'otlp_metrics_endpoint', logs: 'otlp_logs_endpoint' };
  const signalEndpoints = Object.fromEntries(
    Object.entries(signals).flatMap(([signal, name]) => {
      const own = address(name);
      return own === undefined ? [] : [[signal, own]];
    }),
  );
  if (endpoint === undefined && Object.keys(signalEndpoints).length === 0) return undefined;
  const headers = Object.fromEntries(
    Object.entries(objectOf(sent.otlp_headers) ?? {}).filter(
      (pair): pair is [string, string] => typeof pair[1] === 'string',
    ),
  );
  const protocol = protocolOf(textOf(sent.otlp_protocol));
  return { signalEndpoints, headers, ...(endpoint !== undefined && { endpoint }), ...(protocol && { protocol }) };
}

function protocolOf(text: string | undefined): DashboardEndpoint['protocol'] {
  if (text === 'grpc' || text === 'http/json') return text;
  return text === 'http' || text === 'http/protobuf' ? 'http/protobuf' : undefined;
}

const objectOf = (value: unknown): Json | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
