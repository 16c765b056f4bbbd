/**
 * The configuration file as a layer: found by cosmiconfig, read with `yaml` (JSON is read by it too, which gives line
 * numbers for both), `${NAME}` replaced, validated by zod. All errors are collected; what is wrong is left out of the layer.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { cosmiconfigSync } from 'cosmiconfig';
import { LineCounter, parseDocument } from 'yaml';
import { fileReason } from '../errors.js';
import { expand } from './expand.js';
import { type FileError, fileProblem, lineOf, refusals, type Source, syntaxErrors, where } from './file-errors.js';
import { FILE_NAMES, PACKAGE_FILE, PACKAGE_KEY } from './find-file.js';
import { SETTINGS, type SettingId, type SettingRow } from './flags.js';
import type { Given } from './layers.js';
import type { FileLayer } from './load.js';
import { type Form, fileSchema, keysOf } from './schema.js';
import { parseText, type Value } from './values.js';

/** What a file says, and what is wrong with it. */
export interface CheckedFile extends FileLayer {
  readonly errors: readonly FileError[];
}

/**
 * @param folder where the search begins, upwards
 * @param chosen the file of `--config`, relative to `folder`
 * @throws Problem (status 2) with every error of a file that cannot be read, parsed or accepted
 */
export function loadFile(folder: string, chosen: string | undefined, env: NodeJS.ProcessEnv): FileLayer | undefined {
  const checked = checkFile(folder, chosen, env);
  if (checked !== undefined && checked.errors.length > 0) throw fileProblem(checked.file, checked.errors);
  return checked && { file: checked.file, layer: checked.layer };
}

/** The same without throwing: what is right, and what is wrong. */
export function checkFile(folder: string, chosen: string | undefined, env: NodeJS.ProcessEnv): CheckedFile | undefined {
  const errors: FileError[] = [];
  const file = chosen === undefined ? search(folder) : path.resolve(folder, chosen);
  if (file === undefined) return undefined;
  const source = readSource(file, errors);
  const layer = source === undefined ? new Map<SettingId, Given>() : toLayer(source, env, errors);
  return { file, layer, errors: errors.sort((a, b) => (a.line ?? 0) - (b.line ?? 0)) };
}

function search(folder: string): string | undefined {
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
  return explorer.search(folder)?.filepath;
}

/** A package.json without our key is no configuration: null lets cosmiconfig look further up. */
function packageLoader(file: string, content: string): { text: string } | null {
  if (path.basename(file) !== PACKAGE_FILE) return { text: content };
  return parseDocument(content).has(PACKAGE_KEY) ? { text: content } : null;
}

/** Undefined where nothing of the file can be used. */
function readSource(file: string, errors: FileError[]): Source | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    errors.push({ code: 'CONFIG_UNREADABLE', whole: true, text: `${file} cannot be read`, reason: fileReason(error) });
    return undefined;
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  errors.push(...syntaxErrors(file, text, lines, document.errors));
  if (document.errors.length > 0) return undefined;
  return { file, document, lines, root: path.basename(file) === PACKAGE_FILE ? [PACKAGE_KEY] : [] };
}

function toLayer(source: Source, env: NodeJS.ProcessEnv, errors: FileError[]): Map<SettingId, Given> {
  const raw: unknown =
    source.root.length > 0 ? (source.document.toJS() as Record<string, unknown>)[PACKAGE_KEY] : source.document.toJS();
  if (raw === null || raw === undefined) return new Map();
  const content = expandAll(raw, [], source, env, errors);
  const form: Form = isObject(content) && 'kind' in content ? 'long' : 'short';
  normalize(content, form);
  const result = fileSchema(form).safeParse(content);
  if (!result.success) errors.push(...refusals(source, form, content, result.error.issues));
  return collect(source, form, isObject(content) ? content : {}, new Set(errors.map(({ key }) => key)));
}

/** A text whose variable is not set becomes `undefined`, and an error. */
function expandAll(
  node: unknown,
  at: readonly string[],
  source: Source,
  env: NodeJS.ProcessEnv,
  errors: FileError[],
): unknown {
  const inside = (value: unknown, key: string) => expandAll(value, [...at, key], source, env, errors);
  if (typeof node === 'string') {
    const expanded = expand(node, env);
    if (expanded.ok) return expanded.text;
    errors.push({
      code: 'CONFIG_VARIABLE',
      key: at.join('.'),
      line: lineOf(source, at),
      text: `${where(source, at)}: ${at.join('.')} needs the variable ${expanded.missing}`,
      reason: 'it is not set and the file has no default for it',
      fix: `\${${expanded.missing}:-default}`,
    });
    return undefined;
  }
  if (Array.isArray(node)) {
    return node.map((item, index) => inside(item, String(index))).filter(item => item !== undefined);
  }
  if (!isObject(node)) return node;
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, inside(value, key)]));
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

/** @param wrong dotted keys with an error at or below them: they, and what lies above or below, are left out */
function collect(
  source: Source,
  form: Form,
  content: Record<string, unknown>,
  wrong: ReadonlySet<string | undefined>,
): Map<SettingId, Given> {
  const layer = new Map<SettingId, Given>();
  for (const row of SETTINGS as readonly SettingRow[]) {
    for (const key of keysOf(row, form)) {
      const words = key.split('.');
      const value = words.reduce<unknown>((node, word) => (isObject(node) ? node[word] : undefined), content);
      if (value === undefined || touches(wrong, key)) continue;
      const origin = { from: 'file', file: source.file, line: lineOf(source, words), key } as const;
      layer.set(row.id as SettingId, { value: finish(row, value, source.file), origin });
    }
  }
  return layer;
}

function touches(wrong: ReadonlySet<string | undefined>, key: string): boolean {
  for (const bad of wrong)
    if (bad !== undefined && (`${bad}.`.startsWith(`${key}.`) || key.startsWith(`${bad}.`))) return true;
  return wrong.has('');
}

function finish(row: SettingRow, value: unknown, file: string): Value {
  if (row.keyIsOpposite) return !(value as boolean);
  if (row.kind === 'json') return JSON.stringify(value);
  const isFile = row.kind === 'path' || (row.id === 'pricingFile' && !/^https?:/.test(String(value)));
  return isFile ? path.resolve(path.dirname(file), String(value)) : (value as Value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
