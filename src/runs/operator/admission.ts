/**
 * One AdmissionReview (admission.k8s.io/v1) -> its answer. Whatever happens, the pod is admitted: an error, a fact that comes
 * too late, a review that cannot be read. What was not done is a warning for whoever creates the pod, and an event on its owner.
 */
import { redactCredentials } from '../../calls/redact.js';
import { requestsOf } from '../../operator/annotations.js';
import { type NamespaceFacts, type OperatorSettings, type Owner, type Reason, reason } from '../../operator/facts.js';
import type { Pod } from '../../operator/kubernetes.js';
import { type Mutation, mutate } from '../../operator/mutate.js';
import type { ClusterFacts } from './cluster-facts.js';

export interface AdmissionRequest {
  readonly uid: string;
  readonly kind?: { readonly kind?: string };
  readonly operation?: string;
  readonly namespace?: string;
  readonly dryRun?: boolean;
  readonly object?: Pod | null;
}

export interface AdmissionReview {
  readonly apiVersion: 'admission.k8s.io/v1';
  readonly kind: 'AdmissionReview';
  readonly response: {
    readonly uid: string;
    readonly allowed: true;
    readonly patchType?: 'JSONPatch';
    /** Base64. */
    readonly patch?: string;
    readonly warnings?: readonly string[];
  };
}

export type Result = 'changed' | 'left' | 'not-asked' | 'late' | 'failed';

/** What was decided, for counters and events. */
export interface Admitted {
  readonly result: Result;
  readonly reasons: readonly Reason[];
  readonly pod: Pod | undefined;
  readonly namespace: string;
  readonly owner: Owner;
  readonly dryRun: boolean;
}

export interface AdmissionOptions {
  readonly facts: Pick<ClusterFacts, 'namespace' | 'owner' | 'resources'>;
  readonly settings: OperatorSettings;
  /** Called after the answer is made. */
  readonly admitted: (what: Admitted) => void;
  /** Milliseconds for everything that is looked up: less than what the API server waits. */
  readonly patience?: number;
}

const PATIENCE = 1_500;
/** Characters: the API server cuts each at 256 and all at 4096. */
const LONGEST_WARNING = 250;

export async function answerReview(review: unknown, options: AdmissionOptions): Promise<AdmissionReview> {
  const request = (review as { request?: AdmissionRequest } | null)?.request;
  const { facts, settings, patience = PATIENCE } = options;
  const pod = request?.object ?? undefined;
  const namespace = request?.namespace ?? '';
  const found: { owner: Owner } = { owner: [] };
  let result: Result;
  let mutation: Mutation = { reasons: [] };
  try {
    if (request?.kind?.kind !== 'Pod' || request.operation !== 'CREATE' || pod?.spec === undefined)
      result = 'not-asked';
    else {
      const decided = await within(patience, decide(pod, namespace, facts, settings, found));
      mutation = decided ?? { reasons: [reason('late', LATE)] };
      if (decided === undefined) result = 'late';
      else if (mutation.patch !== undefined) result = 'changed';
      else result = mutation.reasons.length > 0 ? 'left' : 'not-asked';
    }
  } catch (error) {
    result = 'failed';
    mutation = { reasons: [reason('internal', `nothing is added: ${(error as Error).message}`)] };
  }
  // A reason quotes what the pod or the resource says.
  const reasons = mutation.reasons.map(one => ({ ...one, text: redactCredentials(one.text) }));
  const { owner } = found;
  options.admitted({ result, reasons, pod, namespace, owner, dryRun: request?.dryRun === true });
  const warnings = reasons.filter(({ code }) => code !== 'already-observed').map(warningOf);
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: {
      uid: request?.uid ?? '',
      allowed: true,
      ...(mutation.patch === undefined || mutation.patch.length === 0
        ? {}
        : { patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(mutation.patch)).toString('base64') }),
      ...(warnings.length === 0 ? {} : { warnings }),
    },
  };
}

const LATE = 'nothing is added: the API server did not say in time what the operator has to know';

/** Most pods ask for nothing, and are looked up for nothing. */
async function decide(
  pod: Pod,
  namespace: string,
  facts: AdmissionOptions['facts'],
  settings: OperatorSettings,
  found: { owner: Owner },
): Promise<Mutation> {
  const outer: NamespaceFacts = await facts.namespace(namespace);
  if (requestsOf(pod, outer, []).wanted.length === 0) return mutate(pod, [], outer, NOTHING, settings);
  const [owner, resources] = await Promise.all([facts.owner(pod, namespace), facts.resources(pod, namespace)]);
  found.owner = owner;
  return mutate(pod, owner, outer, resources, settings);
}

const NOTHING = { instrumentations: [], configMaps: {}, secrets: {}, images: {} };

/** @returns undefined when it takes longer; then it may go on, and nobody listens */
async function within<T>(milliseconds: number, work: Promise<T>): Promise<T | undefined> {
  let clock: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>(resolve => {
    clock = setTimeout(() => resolve(undefined), milliseconds);
  });
  work.catch(() => {});
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(clock);
  }
}

function warningOf({ text, container, language }: Reason): string {
  const where = [language, container].filter(Boolean).join(', ');
  const line = `openlit-instrument: ${where === '' ? '' : `${where}: `}${text}`;
  return line.length > LONGEST_WARNING ? `${line.slice(0, LONGEST_WARNING - 1)}…` : line;
}
