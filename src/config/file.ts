/**
 * The configuration file as a layer: found by cosmiconfig, read with `yaml` (JSON is read by it too, which gives line
 * numbers for both), `${NAME}` replaced, validated by zod. Every error names file, line, key, value and what is allowed.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { cosmiconfigSync } from 'cosmiconfig';
import { type Document, isNode, LineCounter, parseDocument } from 'yaml';
import { EXIT_STATUS, Problem } from '../errors.js';
import { expand } from './expand.js';
import { FILE_NAMES, PACKAGE_FILE, PACKAGE_KEY } from './find-file.js';
import { SETTINGS, type SettingId, type SettingRow } from './flags.js';
import type { Given } from './layers.js';
import type { FileLayer } from './load.js';
import { maskAddresses } from './mask.js';
import { type Form, fileSchema, keysOf } from './schema.js';
import { unknownKeyReason } from './unknown-key.js';
import { parseText, type Value } from './values.js';

/** A parsed file with what is needed to name a line of it. */
interface Source {
  readonly file: string;
  readonly document: Document;
  readonly lines: LineCounter;
  /** Path of our part inside the file: `['openlit']` in a package.json. */
  readonly root: readonly string[];
}

/**
 * @param folder where the search begins, upwards
 * @param chosen the file of `--config`, relative to `folder`
 * @throws Problem (status 2) when the file cannot be read, parsed or accepted
 */
export function loadFile(folder: string, chosen: string | undefined, env: NodeJS.ProcessEnv): FileLayer | undefined {
  const source = chosen === undefined ? search(folder) : readSource(path.resolve(folder, chosen));
  return source && { file: source.file, layer: toLayer(source, env) };
}

function search(folder: string): Source | undefined {
  // The loaders hand on the text; the document has to be parsed with line numbers anyway.
  const text = (_file: string, content: string) => ({ text: content });
  const explorer = cosmiconfigSync('openlit', {
    searchPlaces: [...FILE_NAMES, PACKAGE_FILE],
    packageProp: [],
    searchStrategy: 'global',
    stopDir: path.parse(path.resolve(folder)).root,
    loaders: { '.yml': text, '.yaml': text, '.json': packageLoader },
    cache: false,
  });
  const found = explorer.search(folder);
  return found ? readSource(found.filepath) : undefined;
}

/** A package.json without our key is no configuration: null lets cosmiconfig look further up. */
function packageLoader(file: string, content: string): { text: string } | null {
  if (path.basename(file) !== PACKAGE_FILE) return { text: content };
  return parseDocument(content).has(PACKAGE_KEY) ? { text: content } : null;
}

function readSource(file: string): Source {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw problem('CONFIG_UNREADABLE', `${file} cannot be read`, (error as NodeJS.ErrnoException).code);
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const [error] = document.errors;
  if (error) {
    const { line } = lines.linePos(error.pos[0]);
    throw problem('CONFIG_SYNTAX', `${file}:${line}: ${firstLine(error.message)}`);
  }
  return { file, document, lines, root: path.basename(file) === PACKAGE_FILE ? [PACKAGE_KEY] : [] };
}

const firstLine = (text: string) => text.split('\n')[0] ?? text;

function toLayer(source: Source, env: NodeJS.ProcessEnv): Map<SettingId, Given> {
  const raw: unknown =
    source.root.length > 0 ? (source.document.toJS() as Record<string, unknown>)[PACKAGE_KEY] : source.document.toJS();
  if (raw === null || raw === undefined) return new Map();
  const content = expandAll(raw, [], source, env);
  const form: Form = isObject(content) && 'kind' in content ? 'long' : 'short';
  normalize(content, form);
  const result = fileSchema(form).safeParse(content);
  if (!result.success) throw refusal(source, form, content, result.error.issues[0]!);
  return collect(source, form, content as Record<string, unknown>);
}

function expandAll(node: unknown, at: string[], source: Source, env: NodeJS.ProcessEnv): unknown {
  if (typeof node === 'string') {
    const expanded = expand(node, env);
    if (expanded.ok) return expanded.text;
    const reason = 'it is not set and the file has no default for it';
    const fix = `\${${expanded.missing}:-default}`;
    throw problem(
      'CONFIG_VARIABLE',
      `${where(source, at)}: ${at.join('.')} needs the variable ${expanded.missing}`,
      reason,
      fix,
    );
  }
  if (Array.isArray(node)) return node.map((item, index) => expandAll(item, [...at, String(index)], source, env));
  if (!isObject(node)) return node;
  return Object.fromEntries(
    Object.entries(node).map(([key, value]) => [key, expandAll(value, [...at, key], source, env)]),
  );
}

/** Text that stands for a typed value (quoted, or out of a variable) becomes that value; what cannot is left to zod. */
function normalize(content: unknown, form: Form): void {
  for (const row of SETTINGS as readonly SettingRow[]) {
    for (const key of keysOf(row, form)) {
      const words = key.split('.');
      const last = words.pop() as string;
      const parent = words.reduce<unknown>((node, word) => (isObject(node) ? node[word] : undefined), content);
      if (isObject(parent) && last in parent) normalizeValue(row, parent, last);
    }
  }
}

function normalizeValue(row: SettingRow, parent: Record<string, unknown>, last: string): void {
  const value = parent[last];
  if (value === null) delete parent[last];
  else if (row.kind === 'pairs' && isObject(value)) parent[last] = scalarsToText(value);
  else if (typeof value === 'boolean' && row.kind === 'choice' && row.bare)
    parent[last] = value ? row.bare : row.choices?.[0];
  else if (typeof value === 'number' && row.kind === 'text') parent[last] = String(value);
  else if (typeof value === 'string' && (row.kind === 'list' || row.kind === 'lines'))
    parent[last] = (parseText(row, value) as { value: Value }).value;
  else if (typeof value === 'string' && ['switch', 'count', 'fraction', 'choice', 'pairs'].includes(row.kind)) {
    const parsed = parseText(row, value);
    if (parsed.ok) parent[last] = parsed.value;
  }
}

/** `retries: 3` among headers or attributes means the text "3". */
function scalarsToText(object: Record<string, unknown>): Record<string, unknown> {
  const scalar = (value: unknown) => (typeof value === 'number' || typeof value === 'boolean' ? String(value) : value);
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, scalar(value)]));
}

function collect(source: Source, form: Form, content: Record<string, unknown>): Map<SettingId, Given> {
  const layer = new Map<SettingId, Given>();
  for (const row of SETTINGS as readonly SettingRow[]) {
    for (const key of keysOf(row, form)) {
      const words = key.split('.');
      const value = words.reduce<unknown>((node, word) => (isObject(node) ? node[word] : undefined), content);
      if (value === undefined) continue;
      const origin = { from: 'file', file: source.file, line: lineOf(source, words), key } as const;
      layer.set(row.id as SettingId, { value: finish(row, value, source.file), origin });
    }
  }
  return layer;
}

function finish(row: SettingRow, value: unknown, file: string): Value {
  if (row.keyIsOpposite) return !(value as boolean);
  if (row.kind === 'json') return JSON.stringify(value);
  const isFile = row.kind === 'path' || (row.id === 'pricingFile' && !/^https?:/.test(String(value)));
  return isFile ? path.resolve(path.dirname(file), String(value)) : (value as Value);
}

function refusal(
  source: Source,
  form: Form,
  content: unknown,
  issue: { code: string; path: PropertyKey[]; message: string; keys?: string[] },
): Problem {
  const at = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    const full = [...at, issue.keys?.[0] ?? ''];
    return problem(
      'CONFIG_UNKNOWN_KEY',
      `${where(source, full)}: unknown key ${full.join('.')}`,
      unknownKeyReason(full.join('.'), form),
    );
  }
  const value = at.reduce<unknown>(
    (node, word) => (isObject(node) || Array.isArray(node) ? (node as Record<string, unknown>)[word] : undefined),
    content,
  );
  const row = (SETTINGS as readonly SettingRow[]).find(candidate =>
    keysOf(candidate, form).some(key => `${at.join('.')}.`.startsWith(`${key}.`)),
  );
  const shown = row?.secret
    ? 'has a value that is not accepted'
    : `is ${maskAddresses(JSON.stringify(value) ?? 'nothing')}`;
  const allowed = row ? issue.message : `expected ${at.length === 0 ? 'keys and values' : 'a section with keys'}`;
  return problem(
    'CONFIG_VALUE',
    `${where(source, at)}: ${at.join('.') || 'the file'} ${shown}`,
    row ? `allowed: ${allowed}` : allowed,
  );
}

function where(source: Source, at: readonly string[]): string {
  const line = lineOf(source, at);
  return line === undefined ? source.file : `${source.file}:${line}`;
}

/** Line of a key's value, or of the nearest thing around it that has one. */
function lineOf({ document, lines, root }: Source, at: readonly string[]): number | undefined {
  const path = [...root, ...at];
  for (let length = path.length; length >= 0; length--) {
    const node = document.getIn(
      path.slice(0, length).map(word => (/^\d+$/.test(word) ? Number(word) : word)),
      true,
    );
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return undefined;
}

function problem(code: string, message: string, reason?: string, fix?: string): Problem {
  return new Problem({
    code,
    message,
    ...(reason === undefined ? {} : { reason }),
    fixes: [...(fix === undefined ? [] : [fix]), 'openlit-instrument config'],
    exit: EXIT_STATUS.usage,
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
