/**
 * Who a container is in telemetry: `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES`. What the container says itself wins,
 * then annotations `resource.opentelemetry.io/…` of the pod, then what Kubernetes knows, then the resource's attributes; for
 * names of a service the order of the semantic conventions for Kubernetes (non-normative/k8s-attributes).
 */
import { formatPairs } from '../config/values.js';
import { VARIABLES } from '../config/variables.js';
import { type InstrumentationSpec, type NamespaceFacts, type Owner, type Reason, reason } from './facts.js';
import type { Container, Pod } from './kubernetes.js';
import type { VariableList } from './variable-list.js';

const PREFIX = 'resource.opentelemetry.io/';
const LABELS: Readonly<Record<string, readonly string[]>> = {
  'service.name': ['app.kubernetes.io/instance', 'app.kubernetes.io/name'],
  'service.version': ['app.kubernetes.io/version'],
};
/** From the most telling to the least. */
const KINDS = ['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'CronJob', 'Job'];

export interface Identity {
  readonly pod: Pod;
  readonly owner: Owner;
  readonly namespace: NamespaceFacts;
  readonly spec: InstrumentationSpec;
  readonly container: Container;
}

/** Sets both variables; @returns why the attributes were left as they are, where they were. */
export function addIdentity(list: VariableList, who: Identity): Reason | undefined {
  const { name } = who.container;
  const given = list.entry(VARIABLES.resourceAttributes);
  const hidden = given?.valueFrom !== undefined || (given === undefined && list.has(VARIABLES.resourceAttributes));
  const theirs = given?.value?.trim().replace(/,+$/, '') ?? '';
  const keys = keysOf(theirs);
  if (!keys.has('service.name') && !hidden) list.addDefault({ name: VARIABLES.serviceName, value: serviceName(who) });
  if (hidden) {
    const text = `${VARIABLES.resourceAttributes} comes by valueFrom or envFrom, so no attributes of ours are added`;
    return reason('attributes-kept', text, { container: name });
  }
  const facts = attributesOf(who, keys);
  for (const [variable, field] of facts.fields) list.addDefault({ name: variable, valueFrom: fieldRef(field) });
  const ours = formatPairs(facts.attributes);
  list.setLast(VARIABLES.resourceAttributes, theirs === '' ? ours : ours === '' ? theirs : `${theirs},${ours}`);
  return undefined;
}

export const fieldRef = (fieldPath: string) => ({ fieldRef: { fieldPath } });

const keysOf = (text: string): Set<string> =>
  new Set(text.split(',').flatMap(pair => (pair.includes('=') ? [pair.slice(0, pair.indexOf('=')).trim()] : [])));

function attributesOf(who: Identity, keys: ReadonlySet<string>) {
  const { pod, owner, namespace, spec, container } = who;
  const annotations = Object.entries(pod.metadata?.annotations ?? {});
  const asked = Object.fromEntries(
    annotations.flatMap(([key, value]) => (key.startsWith(PREFIX) ? [[key.slice(PREFIX.length), value]] : [])),
  );
  const fields: [variable: string, field: string][] = [[VARIABLES.attributePodName, 'metadata.name']];
  const known: Record<string, string | undefined> = {
    ...spec.resource?.attributes,
    'k8s.namespace.name': namespace.name,
    'k8s.container.name': container.name,
    'k8s.pod.name': `$(${VARIABLES.attributePodName})`,
    'k8s.node.name': pod.spec.nodeName,
    'service.namespace': namespace.name,
    'service.instance.id': `${namespace.name}.$(${VARIABLES.attributePodName}).${container.name}`,
    'service.version': serviceVersion(who) ?? spec.resource?.attributes?.['service.version'],
  };
  if (pod.spec.nodeName === undefined) {
    fields.push([VARIABLES.attributeNodeName, 'spec.nodeName']);
    known['k8s.node.name'] = `$(${VARIABLES.attributeNodeName})`;
  }
  for (const { kind, name, uid } of owner) {
    const attribute = `k8s.${kind.toLowerCase()}`;
    if (!KINDS.includes(kind)) continue;
    known[`${attribute}.name`] = name;
    if (spec.resource?.addUids && uid !== undefined) known[`${attribute}.uid`] = uid;
  }
  if (spec.resource?.addUids) {
    fields.push([VARIABLES.attributePodUid, 'metadata.uid']);
    known['k8s.pod.uid'] = `$(${VARIABLES.attributePodUid})`;
  }
  // The service's name has a variable of its own.
  const { 'service.name': _, ...rest } = asked;
  const all = Object.entries({ ...known, ...rest }).filter(
    (pair): pair is [string, string] => pair[1] !== undefined && pair[1] !== '' && !keys.has(pair[0]),
  );
  return { fields, attributes: Object.fromEntries(all.sort(([one], [other]) => (one < other ? -1 : 1))) };
}

function saidOf(attribute: string, { pod, spec }: Identity): string | undefined {
  const { annotations = {}, labels = {} } = pod.metadata ?? {};
  const byLabel = spec.resource?.useLabels ? LABELS[attribute]!.map(label => labels[label]) : [];
  return [annotations[PREFIX + attribute], ...byLabel].find(value => value !== undefined && value !== '');
}

function serviceName(who: Identity): string {
  const owner = KINDS.map(kind => who.owner.find(one => one.kind === kind)?.name).find(name => name !== undefined);
  return saidOf('service.name', who) ?? owner ?? who.pod.metadata?.name ?? who.container.name;
}

/** The tag of the image, its digest, or both. */
function serviceVersion(who: Identity): string | undefined {
  const said = saidOf('service.version', who);
  const image = who.container.image;
  if (said !== undefined || image === undefined) return said;
  const [named = '', digest] = image.split('@', 2);
  const tag = /:([\w][\w.-]*)$/.exec(named)?.[1];
  return [tag, digest].filter(part => part !== undefined).join('@') || undefined;
}
