/**
 * Desired-state files -> wishes. Pure: whoever watches the folder hands the texts in. A file with an error asks for nothing
 * new and withdraws nothing: what it said before stays.
 */
import { type Document, isNode, LineCounter, parseDocument } from 'yaml';
import { maskAddresses } from '../../config/mask.js';
import { nearestName } from '../../config/nearest.js';
import { EXIT_STATUS, Problem } from '../../errors.js';
import { type Desired, replaceSource, type Wish } from '../desired.js';
import { ENTRY_NAMES, FILE, FILE_NAMES } from './schema.js';

export interface DesiredFile {
  /** As a person knows it: `fleet.d/web.yml`. */
  readonly file: string;
  readonly text: string;
  /** Why it could not be read; then its text says nothing. */
  readonly unreadable?: string;
}

export interface ReadFiles {
  readonly wishes: readonly Wish[];
  /** `fleet.yml:3: workloads.0.observe is "yes": allowed: on or off`. */
  readonly errors: readonly string[];
  /** Files that were not understood: nothing is known of what they ask for. */
  readonly broken: readonly string[];
}

const FEATURES = ['observe', 'inject', 'lifecycle'] as const;

interface Source extends DesiredFile {
  readonly document: Document;
  readonly lines: LineCounter;
}

/** All files of a folder, in the order of their names. Two that ask for one thing differently are an error of the second. */
export function readDesired(files: readonly DesiredFile[]): ReadFiles {
  const wishes = new Map<string, Wish>();
  const errors: string[] = [];
  const broken: string[] = [];
  const byName = [...files].sort((a, b) => (a.file < b.file ? -1 : 1));
  for (const one of byName) {
    const read = readFile(one);
    errors.push(...read.errors);
    if (read.errors.length > 0) broken.push(one.file);
    for (const wish of read.wishes) {
      const name = `${wish.feature} of ${wish.workload}`;
      const other = wishes.get(name);
      if (other === undefined) wishes.set(name, wish);
      else if (other.value !== wish.value)
        errors.push(`${wish.where}: ${name} is ${wish.value}: ${other.where} says ${other.value}; keep one of them`);
    }
  }
  return { wishes: [...wishes.values()], errors, broken };
}

/** The files as they are now; what a broken one asked for when it was last understood stays. */
export function applyFiles(
  desired: Desired,
  files: readonly DesiredFile[],
  now: number,
): { readonly desired: Desired; readonly errors: readonly string[] } {
  const { wishes, errors, broken } = readDesired(files);
  const named = new Set(wishes.map(({ workload, feature }) => `${feature} ${workload}`));
  const kept = desired.wishes.filter(
    ({ source, workload, feature, where: place = '' }) =>
      source === 'file' &&
      broken.includes(place.slice(0, place.lastIndexOf(':'))) &&
      !named.has(`${feature} ${workload}`),
  );
  return { desired: replaceSource(desired, 'file', [...wishes, ...kept], now), errors };
}

/** @throws Problem (status 2) with every error */
export function mustReadDesired(files: readonly DesiredFile[]): readonly Wish[] {
  const { wishes, errors } = readDesired(files);
  if (errors.length === 0) return wishes;
  const [message = '', ...details] = errors;
  throw new Problem({ code: 'AGENT_DESIRED_FILE', message, details, exit: EXIT_STATUS.usage });
}

function readFile({ file, text, unreadable }: DesiredFile): Omit<ReadFiles, 'broken'> {
  if (unreadable !== undefined) return { wishes: [], errors: [`${file} cannot be read: ${unreadable}`] };
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  if (document.errors.length > 0) {
    const errors = document.errors.map(({ pos, message }) => {
      const [what = message] = message.split('\n');
      return `${file}:${lines.linePos(Math.min(pos[0], text.length)).line}: ${what}`;
    });
    return { wishes: [], errors };
  }
  const source: Source = { file, text, document, lines };
  const content: unknown = document.toJS();
  // An empty file asks for nothing; that is not the same as one that cannot be read.
  if (content === null) return { wishes: [], errors: [] };
  const result = FILE.safeParse(content);
  if (!result.success)
    return { wishes: [], errors: result.error.issues.flatMap(issue => words(source, content, issue)) };
  const wishes = result.data.workloads.flatMap((entry, index) =>
    FEATURES.flatMap((feature): Wish[] => {
      const value = entry[feature];
      if (value === undefined) return [];
      const at = where(source, ['workloads', index, feature]);
      return [{ workload: entry.key, feature, value, source: 'file', where: at }];
    }),
  );
  return { wishes, errors: [] };
}

interface Issue {
  readonly code: string;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly keys?: readonly string[];
}

function words(source: Source, content: unknown, { code, path, message, keys = [] }: Issue): string[] {
  if (code === 'unrecognized_keys') {
    const names = path.length === 0 ? FILE_NAMES : ENTRY_NAMES;
    return keys.map(key => {
      const nearest = nearestName(key, names);
      const help = nearest === undefined ? `allowed: ${names.join(', ')}` : `did you mean ${nearest}?`;
      return `${where(source, [...path, key])}: unknown key ${[...path, key].join('.')}: ${help}`;
    });
  }
  const value = path.reduce<unknown>(
    (node, word) =>
      typeof node === 'object' && node !== null ? (node as Record<PropertyKey, unknown>)[word] : undefined,
    content,
  );
  const shown = value === undefined ? 'is missing' : `is ${shorten(maskAddresses(JSON.stringify(value)))}`;
  return [`${where(source, path)}: ${path.join('.') || 'the file'} ${shown}: allowed: ${message}`];
}

const shorten = (text: string): string => (text.length <= 80 ? text : `${text.slice(0, 79)}…`);

/** File and line of a value, or of the nearest thing around it that has one. */
function where({ file, document, lines }: Source, path: readonly PropertyKey[]): string {
  for (let length = path.length; length >= 0; length--) {
    const node: unknown = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return `${file}:${lines.linePos(node.range[0]).line}`;
  }
  return file;
}
