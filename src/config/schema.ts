/**
 * The file's schema, built from the rows of `flags.ts`: the short form and the long one (`kind: Config`). zod validates;
 * `openlit.schema.json` is made from the same schemas. Loaded only when there is a file.
 */
import * as z from 'zod/mini';
import { SETTINGS, type SettingRow } from './flags.js';
import { allowedFor, isHttpUrl, parseText } from './values.js';

export type Form = 'short' | 'long';

/** The part of a key tree: `{content: {capture: row}}`. */
interface Tree {
  [key: string]: Tree | SettingRow;
}

export function keyOf(row: SettingRow, form: Form): string | undefined {
  return form === 'short' ? row.keys?.[0] : row.keys?.[1];
}

/** Every key of a row, the one that wins last. */
export function keysOf(row: SettingRow, form: Form): string[] {
  const index = form === 'short' ? 0 : 1;
  return [row.alsoKeys?.[index], row.keys?.[index]].filter(key => key !== undefined);
}

function valueSchema(row: SettingRow): z.ZodMiniType {
  const description = row.keyIsOpposite ? `default true (false: ${row.summary})` : row.summary;
  return z.optional(leafSchema(row)).register(z.globalRegistry, { description });
}

function leafSchema(row: SettingRow): z.ZodMiniType {
  const error = () => allowedFor(row);
  switch (row.kind) {
    case 'switch':
      return z.boolean({ error });
    case 'choice':
      return z.enum(row.choices as [string, ...string[]], { error });
    case 'count':
      return z.int({ error }).check(z.minimum(1, { error }));
    case 'fraction':
      return z.number({ error }).check(z.minimum(0, { error }), z.maximum(1, { error }));
    case 'list':
    case 'lines':
      return z.array(z.string({ error }), { error });
    case 'pairs':
      return z.record(z.string(), z.string({ error }), { error });
    case 'json':
      return z.record(z.string(), z.unknown(), { error });
    case 'size':
      return z.union([z.int({ error }).check(z.minimum(1, { error })), amountSchema(row, error)], { error });
    case 'age':
      return amountSchema(row, error);
    case 'url':
      return z.string({ error }).check(z.regex(/^https?:\/\//i, { error }), z.refine(isHttpUrl, { error }));
    default:
      return z.string({ error }).check(z.minLength(1, { error }));
  }
}

function amountSchema(row: SettingRow, error: () => string): z.ZodMiniType {
  return z.string({ error }).check(z.refine(text => parseText(row, text).ok, { error }));
}

function treeOf(form: Form): Tree {
  const root: Tree = {};
  for (const row of SETTINGS as readonly SettingRow[]) {
    for (const key of keysOf(row, form)) {
      const words = key.split('.');
      const last = words.pop() as string;
      let at = root;
      for (const word of words) {
        at[word] ??= {};
        at = at[word] as Tree;
      }
      at[last] = row;
    }
  }
  return root;
}

const isRow = (node: Tree | SettingRow): node is SettingRow => typeof (node as SettingRow).id === 'string';

function shapeOf(tree: Tree): Record<string, z.ZodMiniType> {
  return Object.fromEntries(
    Object.entries(tree).map(([key, node]) => [
      key,
      isRow(node) ? valueSchema(node) : z.nullish(z.strictObject(shapeOf(node))),
    ]),
  );
}

/** What the long form has besides the settings. */
const LONG_FORM_HEAD = {
  kind: z.literal('Config'),
  apiVersion: z.optional(z.string()),
  version: z.optional(z.union([z.string(), z.number()])),
  metadata: z.optional(z.record(z.string(), z.unknown())),
};

export function fileSchema(form: Form): z.ZodMiniType {
  const head = form === 'long' ? LONG_FORM_HEAD : {};
  return z.strictObject({ ...shapeOf(treeOf(form)), ...head, $schema: z.optional(z.string()) });
}

/** All keys of one form, dotted, for suggestions. */
export function knownKeys(form: Form): string[] {
  const keys = (SETTINGS as readonly SettingRow[]).flatMap(row => keysOf(row, form));
  return [...new Set(keys.flatMap(key => [key, ...key.split('.').slice(0, -1)]))];
}

/** The JSON Schema that editors use: either form. */
export function jsonSchema(): object {
  const options = { target: 'draft-7', io: 'input' } as const;
  const { $schema: _short, ...short } = z.toJSONSchema(fileSchema('short'), options);
  const { $schema: _long, ...long } = z.toJSONSchema(fileSchema('long'), options);
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'openlit.yml',
    description:
      'Settings of openlit-instrument; variables such as $' + '{NAME:-default} are replaced from the environment.',
    anyOf: [short, long],
  };
}
