/** What is wrong with a configuration file, each error with file, line, key, value and what is allowed. */
import { type Document, isNode, type LineCounter, type YAMLParseError } from 'yaml';
import { EXIT_STATUS, Problem } from '../errors.js';
import { SETTINGS, type SettingRow } from './flags.js';
import { maskAddresses } from './mask.js';
import { type Form, keysOf } from './schema.js';
import { unknownKeyReason } from './unknown-key.js';

export interface FileError {
  readonly code: string;
  /** `openlit.yml:3: traces.sampling_rate is 3`. */
  readonly text: string;
  readonly reason?: string;
  readonly fix?: string;
  /** Dotted key, `''` for the whole content; absent where the file was not understood at all. */
  readonly key?: string;
  readonly line?: number | undefined;
  /** Nothing of the file could be read. */
  readonly whole?: true;
}

/** A parsed file with what is needed to name a line of it. */
export interface Source {
  readonly file: string;
  readonly document: Document;
  readonly lines: LineCounter;
  /** Path of our part inside the file: `['openlit']` in a package.json. */
  readonly root: readonly string[];
}

interface Issue {
  readonly code: string;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly keys?: readonly string[];
}

/** One error as itself, several as a list: a person fixes them all before the next try. */
export function fileProblem(file: string, errors: readonly FileError[]): Problem {
  const [first] = errors;
  if (errors.length === 1 && first) {
    const { code, text, reason, fix } = first;
    return new Problem({
      code,
      message: text,
      ...(reason === undefined ? {} : { reason }),
      ...(fix === undefined ? {} : { fixes: [fix] }),
      exit: EXIT_STATUS.usage,
    });
  }
  const message = `${errors.length} errors in ${file}`;
  return new Problem({ code: 'CONFIG', message, details: errors.map(errorLine), exit: EXIT_STATUS.usage });
}

export const errorLine = ({ text, reason }: FileError): string => (reason === undefined ? text : `${text}: ${reason}`);

/**
 * Each with the line where the fault is. The parser names the end of the file for a bracket or quote that is never closed,
 * and the line above for one that is indented too far.
 */
export function syntaxErrors(
  file: string,
  text: string,
  lines: LineCounter,
  errors: readonly YAMLParseError[],
): FileError[] {
  const indented = errors.some(({ code }) => code === 'MULTILINE_IMPLICIT_KEY');
  return errors
    .filter(({ code }) => !(indented && code === 'BLOCK_AS_IMPLICIT_KEY'))
    .map(error => {
      const [from, to] = error.pos;
      const [what = error.message] = error.message.split('\n');
      const over = error.code === 'MULTILINE_IMPLICIT_KEY';
      const { line } = lines.linePos(Math.min(opening(text.slice(0, from), what) ?? (over ? to : from), text.length));
      const fault = over ? 'this line is indented further than the one above, which has a value already' : what;
      return { code: 'CONFIG_SYNTAX', line, whole: true, text: `${file}:${line}: ${fault}` };
    });
}

/** Offset of what was never closed. */
function opening(before: string, what: string): number | undefined {
  if (/flow (sequence|map)/i.test(what)) return lastOpened(before);
  const quote = /missing closing (["'])/i.exec(what)?.[1];
  const at = quote === undefined ? -1 : before.lastIndexOf(quote);
  return at < 0 ? undefined : at;
}

/** Offset of the last bracket that is still open at the end of `text`. */
function lastOpened(text: string): number | undefined {
  const open: number[] = [];
  for (const { 0: bracket, index } of text.matchAll(/[[{\]}]/g)) {
    if (bracket === '[' || bracket === '{') open.push(index);
    else open.pop();
  }
  return open.at(-1);
}

/** zod's issues in our words. */
export function refusals(source: Source, form: Form, content: unknown, issues: readonly Issue[]): FileError[] {
  const named = new Set<string>();
  return issues.flatMap(issue => {
    const at = issue.path.map(String);
    // A value that fails two rules is one fault.
    const known = issue.code !== 'unrecognized_keys' && named.has(at.join('.'));
    named.add(at.join('.'));
    if (known) return [];
    if (issue.code !== 'unrecognized_keys') return [refusedValue(source, form, content, at, issue.message)];
    return (issue.keys ?? []).map((name): FileError => {
      const full = [...at, name];
      const key = full.join('.');
      return {
        code: 'CONFIG_UNKNOWN_KEY',
        key,
        line: lineOf(source, full),
        text: `${where(source, full)}: unknown key ${key}`,
        reason: unknownKeyReason(key, form),
      };
    });
  });
}

function refusedValue(source: Source, form: Form, content: unknown, at: readonly string[], message: string): FileError {
  const value = at.reduce<unknown>(
    (node, word) => (typeof node === 'object' && node !== null ? (node as Record<string, unknown>)[word] : undefined),
    content,
  );
  const row = (SETTINGS as readonly SettingRow[]).find(candidate =>
    keysOf(candidate, form).some(key => `${at.join('.')}.`.startsWith(`${key}.`)),
  );
  const shown = row?.secret
    ? 'has a value that is not accepted'
    : `is ${maskAddresses(JSON.stringify(value) ?? 'nothing')}`;
  return {
    code: 'CONFIG_VALUE',
    key: at.join('.'),
    line: lineOf(source, at),
    text: `${where(source, at)}: ${at.join('.') || 'the file'} ${shown}`,
    reason: row ? `allowed: ${message}` : `expected ${at.length === 0 ? 'keys and values' : 'a section with keys'}`,
  };
}

export function where(source: Source, at: readonly string[]): string {
  const line = lineOf(source, at);
  return line === undefined ? source.file : `${source.file}:${line}`;
}

/** Line of a key's value, or of the nearest thing around it that has one. */
export function lineOf({ document, lines, root }: Source, at: readonly string[]): number | undefined {
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
