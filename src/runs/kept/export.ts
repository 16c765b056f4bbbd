/** Kept calls for other programs: JSON, CSV, OTLP, HAR. They hold what was kept, which is without credentials. */
import type { Reader } from '../../store/reader.js';
import { csvOf } from './export-csv.js';
import { harOf } from './export-har.js';
import { otlpOf } from './export-otlp.js';
import { linesOf } from './lines.js';

export const EXPORTS = ['json', 'csv', 'otlp', 'har'] as const;
export type ExportFormat = (typeof EXPORTS)[number];

/** The text of an export, in pieces. @param version ours */
export function exportOf(
  format: ExportFormat,
  reader: Reader,
  rows: readonly number[],
  version: string,
): AsyncGenerator<string> {
  switch (format) {
    case 'json':
      return jsonOf(reader, rows);
    case 'csv':
      return csvOf(reader, rows);
    case 'otlp':
      return otlpOf(reader, rows, version);
    case 'har':
      return harOf(reader, rows, version);
  }
}

/** `--json`: one line for each call and step, as it was kept. */
export async function* ndjsonOf(reader: Reader, rows: readonly number[]): AsyncGenerator<string> {
  for await (const { line } of linesOf(reader, rows)) yield `${JSON.stringify(line)}\n`;
}

/** One JSON list. */
async function* jsonOf(reader: Reader, rows: readonly number[]): AsyncGenerator<string> {
  let separator = '[\n';
  for await (const { line } of linesOf(reader, rows)) {
    yield `${separator}${JSON.stringify(line)}`;
    separator = ',\n';
  }
  yield separator === '[\n' ? '[]\n' : '\n]\n';
}
