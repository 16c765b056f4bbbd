/**
 * Containers of ours in a pod: one that copies files for each image, and the observer as a native sidecar (an init container
 * that stays, and is gone when the program is: a Job completes). They fit restricted pods, quotas and limit ranges.
 */
import { type NamespaceFacts, type OperatorSettings, type Reason, reason } from './facts.js';
import type { Container, EnvVar, Pod, ResourceNeeds, SecurityContext, VolumeMount } from './kubernetes.js';
import { bytesOf } from './quantities.js';

/** OpenShift gives each namespace its own range of users and refuses any other number. */
const OPENSHIFT = 'openshift.io/sa.scc.uid-range';

/** What is said where a quota counts something of which the settings say nothing. */
const LEAST = { cpu: '100m', memory: '128Mi', 'ephemeral-storage': '64Mi' };
/** As a limit: with the little that it asks for, an observer would take half a minute to start. */
const ROOM = { ...LEAST, cpu: '500m' };

export interface OwnContainer {
  readonly name: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly mounts: readonly VolumeMount[];
  readonly env?: readonly EnvVar[];
  readonly stays?: true;
  /** What ends when it is ready; the next container starts then. */
  readonly ready?: readonly string[];
}

export interface Surroundings {
  readonly pod: Pod;
  readonly namespace: NamespaceFacts;
  readonly settings: OperatorSettings;
  /** The first container that is observed: whose user may be ours too. */
  readonly first: Container;
}

export function ownContainer(own: OwnContainer, around: Surroundings): Container {
  const { settings } = around;
  return {
    name: own.name,
    image: own.image,
    ...(settings.imagePullPolicy === undefined ? {} : { imagePullPolicy: settings.imagePullPolicy }),
    command: own.command,
    ...(own.env === undefined || own.env.length === 0 ? {} : { env: own.env }),
    ...(own.stays ? { restartPolicy: 'Always' } : {}),
    ...(own.ready === undefined ? {} : { lifecycle: { postStart: { exec: { command: own.ready } } } }),
    resources: needsOf(own, around),
    securityContext: securityOf(around),
    volumeMounts: own.mounts,
  };
}

function needsOf({ stays }: OwnContainer, { namespace, settings }: Surroundings): ResourceNeeds {
  const needs = stays ? settings.observerResources : settings.copyResources;
  const all = { requests: { ...needs.requests }, limits: { ...needs.limits } };
  const most = namespace.limitRange?.max ?? {};
  // A quota refuses every container that says nothing of what it counts.
  for (const counted of namespace.quota ?? []) {
    // Without a prefix it counts requests.
    const [kind, resource] = /^(requests|limits)\.(.+)$/.exec(counted)?.slice(1) ?? ['requests', counted];
    if (resource !== 'cpu' && resource !== 'memory' && resource !== 'ephemeral-storage') continue;
    if (kind === 'requests') all.requests[resource] ??= all.limits[resource] ?? LEAST[resource];
    else all.limits[resource] ??= atMost(most[resource], larger(all.requests[resource], ROOM[resource]));
  }
  for (const [resource, fewest] of Object.entries(namespace.limitRange?.min ?? {})) {
    for (const kind of ['requests', 'limits'] as const) {
      const ours = bytesOf(all[kind][resource]);
      if (ours !== undefined && ours < bytesOf(fewest)!) all[kind][resource] = fewest;
    }
  }
  // With a maximum, a container without a limit is refused.
  for (const [resource, allowed] of Object.entries(most)) all.limits[resource] ??= allowed;
  return all;
}

const larger = (one: string | undefined, other: string): string =>
  one !== undefined && bytesOf(one)! > bytesOf(other)! ? one : other;
const atMost = (allowed: string | undefined, wanted: string): string =>
  allowed !== undefined && bytesOf(allowed)! < bytesOf(wanted)! ? allowed : wanted;

/** A limit range whose maximum is below what we need would refuse the whole pod. */
export function limitRangeFault({ limitRange }: NamespaceFacts, settings: OperatorSettings): Reason | undefined {
  for (const [resource, most] of Object.entries(limitRange?.max ?? {})) {
    for (const { limits, requests } of [settings.copyResources, settings.observerResources]) {
      const ours = limits?.[resource] ?? requests?.[resource];
      if (ours === undefined || bytesOf(ours)! <= bytesOf(most)!) continue;
      return reason(
        'limit-range',
        `the namespace's LimitRange allows ${most} of ${resource} a container, and ours needs ${ours}`,
      );
    }
  }
  return undefined;
}

/** The restricted profile of pod security, whatever the namespace asks for. */
function securityOf({ pod, namespace, settings, first }: Surroundings): SecurityContext {
  const theirs = first.securityContext?.runAsUser ?? pod.spec.securityContext?.runAsUser;
  const assigned = namespace.annotations?.[OPENSHIFT] !== undefined;
  // The program's own user, so that both may use the socket; root is no user of ours.
  const user = theirs !== undefined && theirs > 0 ? theirs : assigned ? undefined : settings.user;
  const labels = first.securityContext?.seLinuxOptions;
  return {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    readOnlyRootFilesystem: true,
    runAsNonRoot: true,
    ...(user === undefined ? {} : { runAsUser: user }),
    ...(labels === undefined ? {} : { seLinuxOptions: labels }),
    seccompProfile: { type: 'RuntimeDefault' },
  };
}
