/**
 * What a team asks for. Ours are `openlit.io/…`; those of the OpenTelemetry operator are read where ours are silent, so that
 * a pod that was annotated for it needs no change. A pod's words and its namespace's are merged as there (fleet: decision
 * order of the OpenTelemetry operator): the pod's `false` holds, and its `true` takes the namespace's choice of a resource.
 */
import { LANGUAGES, type Language, type NamespaceFacts, type Owner, type Reason, reason } from './facts.js';
import type { Pod } from './kubernetes.js';

export const OURS = 'openlit.io/';
export const THEIRS = 'instrumentation.opentelemetry.io/';
/** `true`, `false` or a resource: Python and Node, whichever the container runs. */
const INSTRUMENT = `${OURS}instrument`;
/** Languages of the OpenTelemetry operator that no hook of ours and no agent of theirs serves here. */
const BY_THE_NODE_AGENT = ['go', 'apache-httpd', 'nginx', 'php'];

type Annotations = Readonly<Record<string, string>> | undefined;

export interface Request {
  readonly language: Language;
  /** `true` or the name of a resource, perhaps with its namespace. */
  readonly value: string;
  /** Of the containers; undefined: nobody named any. */
  readonly names: readonly string[] | undefined;
}

export interface Requests {
  readonly wanted: readonly Request[];
  readonly reasons: readonly Reason[];
}

/** Everything that pod and namespace ask for, in the order of `LANGUAGES`. */
export function requestsOf(pod: Pod, namespace: NamespaceFacts, owner: Owner): Requests {
  const own = pod.metadata?.annotations;
  const merged = (name: string) => mergeValues(wordFrom(own, name), wordFrom(namespace.annotations, name));
  const general = mergeValues(own?.[INSTRUMENT], namespace.annotations?.[INSTRUMENT]);
  if (isOff(own?.[INSTRUMENT])) return { wanted: [], reasons: [] };
  const reasons: Reason[] = [];
  const wanted: Request[] = [];
  for (const language of LANGUAGES) {
    const value = merged(`inject-${language}`) || (language === 'python' || language === 'nodejs' ? general : '');
    if (value === '' || isOff(value)) continue;
    const names = namesOf(own, language);
    if (typeof names === 'string') reasons.push(reason('bad-names', names, { language }));
    else wanted.push({ language, value, names });
  }
  for (const language of BY_THE_NODE_AGENT) {
    const value = merged(`inject-${language}`);
    if (value === '' || isOff(value)) continue;
    reasons.push(
      reason('node-agent', `${language} is observed by the node agent, with nothing added to the pod`, { language }),
    );
  }
  if (wanted.length === 0 && reasons.length === 0) reasons.push(...misplaced(owner));
  return { wanted, reasons };
}

/** An annotation of ours wins over its alias. */
export function wordFrom(annotations: Annotations, name: string): string | undefined {
  return annotations?.[OURS + name] ?? annotations?.[THEIRS + name];
}

const isOff = (value: string | undefined): boolean => value?.trim().toLowerCase() === 'false';
const isOn = (value: string): boolean => value.toLowerCase() === 'true';

function mergeValues(pod = '', namespace = ''): string {
  const [own, outer] = [pod.trim(), namespace.trim()];
  if (outer === '') return own;
  if (own === '') return outer;
  if (!isOn(own) || isOff(outer)) return own;
  return outer;
}

/** The general list and the language's, once each and in their order; a sentence where they cannot be read. */
function namesOf(annotations: Annotations, language: Language): readonly string[] | undefined | string {
  const lists = [wordFrom(annotations, 'container-names'), wordFrom(annotations, `${language}-container-names`)];
  const given = lists.filter((list): list is string => list !== undefined && list.trim() !== '');
  if (given.length === 0) return undefined;
  const names = given.flatMap(list => list.split(',')).map(name => name.trim());
  const wrong = names.find(name => !/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(name));
  if (wrong !== undefined) return `"${wrong}" among the container names is no name of a container`;
  return [...new Set(names)];
}

/**
 * The commonest slip: the annotation stands on the Deployment, and pods get that of its template. Its ReplicaSets have a copy
 * of it, so the outermost owner is named.
 */
function misplaced(owner: Owner): Reason[] {
  const asking = owner.flatMap(({ kind, name, annotations = {} }) => {
    const found = Object.keys(annotations).find(
      key => key === INSTRUMENT || /^(openlit|instrumentation\.opentelemetry)\.io\/inject-/.test(key),
    );
    const where = `annotation ${found} stands on ${kind} ${name}; pods get those of spec.template.metadata`;
    return found === undefined ? [] : [reason('annotation-on-owner', where)];
  });
  return asking.slice(-1);
}
