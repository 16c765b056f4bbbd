// The table of libraries: one row a program.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Programs, locks and the table. */
export const FOLDER = path.join(ROOT, 'test/libraries');

/**
 * @typedef {object} Library
 * @property {string} name
 * @property {'python' | 'node'} language
 * @property {string} group heading in the document
 * @property {string[]} requires requirements with their versions; the first one is the library's
 * @property {string} environment rows of one language and environment share packages
 * @property {number} calls what the program makes the provider answer: model calls and MCP requests
 * @property {string} tried what the program does, for the document
 * @property {Record<string, number>} [within] how many calls have an ancestor of this operation
 * @property {Record<string, number>} [spans] how many other spans of this operation there are
 * @property {number} [nested] how many calls are children of a span of the program's own OpenTelemetry
 * @property {number} [reported] how many of the calls the program's own instrumentation reports, so that we do not
 * @property {number} [mocked] how many calls a mock inside the program answers that are reported all the same
 * @property {boolean} [quick] runs in `npm test`
 * @property {string} [note] for the document
 */

/** @returns {Library[]} */
export function readTable() {
  return JSON.parse(readFileSync(path.join(FOLDER, 'libraries.json'), 'utf8'));
}

/** The program of a row. */
export function programOf({ name, language }) {
  const file = name.replace(/^@/, '').replaceAll('/', '-');
  // A Python program must not have the name of the module that it imports.
  if (language === 'python') return path.join(FOLDER, 'python', `try_${file.replaceAll('-', '_')}.py`);
  return path.join(FOLDER, 'node', `${file}.mjs`);
}

/** `['python/core', [rows]]…`, in the table's order. */
export function environmentsOf(rows) {
  const found = new Map();
  for (const row of rows) {
    const key = `${row.language}/${row.environment}`;
    found.set(key, [...(found.get(key) ?? []), row]);
  }
  return [...found];
}
