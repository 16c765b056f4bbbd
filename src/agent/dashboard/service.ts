/**
 * A workload as OpenLIT's dashboard reads it. It has two words for each thing, and loses a whole batch, with status 200, for
 * any other: our states are mapped onto them, and stand in full beside them in the resource attributes. Pure.
 */
import type { Feature } from '../observed.js';
import type { FeatureState, WorkloadState } from '../reconcile.js';
import { longReason, REASON_CODES, type ReasonCode, STATES, type State } from '../words.js';
import { fieldText, fieldTime } from './fields.js';

/** What discovery knows of a workload beside its state. */
export interface ServiceFacts {
  /** The same as `service.name` of its spans: the dashboard joins both by it. */
  readonly serviceName: string;
  readonly namespace?: string;
  readonly runtime?: string;
  readonly providers?: readonly string[];
  readonly ports?: readonly number[];
  readonly deployment?: string;
  readonly pid?: number;
  readonly executable?: string;
  /** ms */
  readonly firstSeen: number;
  readonly attributes?: Readonly<Record<string, string>>;
}

export interface DashboardService {
  readonly service_name: string;
  readonly workload_key: string;
  readonly namespace: string;
  readonly language_runtime: string;
  readonly llm_providers: readonly string[];
  readonly open_ports: readonly number[];
  readonly deployment_name: string;
  readonly pid: number;
  readonly exe_path: string;
  readonly instrumentation_status: 'discovered' | 'instrumented';
  readonly first_seen: string;
  readonly resource_attributes: Readonly<Record<string, string>>;
}

const FEATURES: readonly Feature[] = ['observe', 'inject', 'lifecycle'];
const SETTLED: readonly State[] = ['on', 'off'];
/** States that only a person ends. */
const BY_HAND: readonly State[] = ['refused', 'failed', 'rolled-back', 'unclear'];
const OURS = 'openlit.instrument';
const PORTS = 64;
const LIST = 256;

export function toService(state: WorkloadState, facts: ServiceFacts): DashboardService {
  const observed = isOn(state.features.observe);
  return {
    service_name: fieldText(facts.serviceName),
    workload_key: state.key,
    namespace: fieldText(facts.namespace ?? ''),
    language_runtime: facts.runtime === 'node' ? 'nodejs' : (facts.runtime ?? ''),
    llm_providers: (facts.providers ?? []).slice(0, LIST),
    open_ports: (facts.ports ?? []).slice(0, PORTS),
    deployment_name: fieldText(facts.deployment ?? ''),
    pid: facts.pid ?? 0,
    exe_path: fieldText(facts.executable ?? ''),
    instrumentation_status: observed ? 'instrumented' : 'discovered',
    first_seen: fieldTime(facts.firstSeen),
    resource_attributes: { ...facts.attributes, ...attributesOf(state) },
  };
}

function attributesOf({ key, workload, features }: WorkloadState): Record<string, string> {
  const conflict = workload?.conflict;
  const why = FEATURES.filter(feature => !SETTLED.includes(features[feature].state))
    .map(feature => `${feature}: ${longReason(features[feature].reason)}`)
    .join('; ');
  const attributes: Record<string, string> = {
    'service.workload.key': key,
    'openlit.agent_observability.status': agentStatus(features.inject),
    'openlit.agent_observability.source': agentSource(features.inject),
    'openlit.lifecycle.status': workload?.lifecycle ?? (workload ? '' : 'stopped'),
    'openlit.observability.conflict': conflict
      ? `existing_${conflict.by === 'opentelemetry' ? 'otel' : conflict.by}`
      : '',
    'openlit.observability.reason': why,
  };
  for (const feature of FEATURES) {
    const { state, reason } = features[feature];
    attributes[`${OURS}.${feature}.state`] = state;
    attributes[`${OURS}.${feature}.code`] = reason.code;
    attributes[`${OURS}.${feature}.reason`] = reason.text;
    attributes[`${OURS}.${feature}.fix`] = reason.fix ?? '';
  }
  return Object.fromEntries(
    Object.entries(attributes).flatMap(([name, text]) => (text === '' ? [] : [[name, fieldText(text)]])),
  );
}

const isOn = ({ state }: FeatureState): boolean => state === 'on' || state === 'adopted';

/** `manual` is asked for again on every poll; what is adopted has to be `enabled`, or it would be too. */
function agentStatus(inject: FeatureState): 'enabled' | 'disabled' | 'manual' {
  if (isOn(inject)) return 'enabled';
  return BY_HAND.includes(inject.state) ? 'manual' : 'disabled';
}

function agentSource({ state }: FeatureState): 'none' | 'controller_managed' | 'existing_openlit' {
  if (state === 'adopted') return 'existing_openlit';
  return state === 'on' ? 'controller_managed' : 'none';
}

/** Our states out of what was sent; undefined for a service that another controller reported. */
export function fromService({
  resource_attributes: sent,
}: Pick<DashboardService, 'resource_attributes'>): Record<Feature, FeatureState> | undefined {
  const read = (feature: Feature): FeatureState | undefined => {
    const [state, code] = [sent[`${OURS}.${feature}.state`], sent[`${OURS}.${feature}.code`]];
    if (!STATES.includes(state as State) || !REASON_CODES.includes(code as ReasonCode)) return undefined;
    const fix = sent[`${OURS}.${feature}.fix`];
    const text = sent[`${OURS}.${feature}.reason`] ?? '';
    return { state: state as State, reason: { code: code as ReasonCode, text, ...(fix !== undefined && { fix }) } };
  };
  const [observe, inject, lifecycle] = FEATURES.map(read);
  return observe && inject && lifecycle && { observe, inject, lifecycle };
}
