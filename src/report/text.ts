/** Text for a terminal: safe, measured in columns, cut and padded. What comes from outside may hold anything. */
import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'string-width';

const segmenter = new Intl.Segmenter();

/**
 * Without control characters, which could move the cursor or change the terminal, and without the marks that turn the
 * direction of writing. Line breaks become spaces.
 */
export function clean(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/[\t\r\n]+/g, ' ')
    .replace(/[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '');
}

/** As `clean`, for one line of a longer text: what it begins with is kept, a tabulator is two spaces. */
export function cleanText(text: string): string {
  return clean(text.replaceAll('\t', '  '));
}

/** Columns that the text takes on a terminal; a CJK character takes two. */
export function width(text: string): number {
  return stringWidth(text);
}

/** At most `columns` wide, with `…` in the place of what was cut at the end. */
export function cut(text: string, columns: number): string {
  if (width(text) <= columns) return text;
  let kept = '';
  let used = 0;
  for (const { segment } of segmenter.segment(text)) {
    const next = width(segment);
    if (used + next > columns - 1) break;
    kept += segment;
    used += next;
  }
  return columns > 0 ? `${kept}…` : '';
}

export type Align = 'left' | 'right';

/** Exactly `columns` wide. */
export function fitTo(text: string, columns: number, align: Align = 'left'): string {
  const kept = cut(text, columns);
  const space = ' '.repeat(Math.max(0, columns - width(kept)));
  return align === 'left' ? kept + space : space + kept;
}

/** `provider/model` in so many columns. The model is what people look for: the provider is cut first. */
export function qualified(provider: string | undefined, model: string | undefined, columns: number): string {
  if (provider === undefined || model === undefined) return cut(model ?? provider ?? '-', columns);
  const room = columns - width(model) - 1;
  return cut(room >= Math.min(4, width(provider)) ? `${cut(provider, room)}/${model}` : model, columns);
}

/** Breaks at spaces. A word that is wider than the line stands alone on one. */
export function wrap(text: string, columns: number | undefined): string[] {
  if (columns === undefined || width(text) <= columns) return [text];
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && width(line) + 1 + width(word) > columns) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** As `wrap`, and a word that is wider than the line is broken: no line is wider than `columns`. */
export function fill(text: string, columns: number | undefined): string[] {
  if (columns === undefined) return [text];
  return wrap(text, columns).flatMap(line => (width(line) <= columns ? [line] : chop(line, columns)));
}

function chop(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  let used = 0;
  for (const { segment } of segmenter.segment(text)) {
    const next = width(segment);
    if (used + next > columns && line !== '') {
      lines.push(line);
      line = '';
      used = 0;
    }
    line += segment;
    used += next;
  }
  return [...lines, line];
}

/** Wrapped, with `indent` before every line but the first. */
export function hang(text: string, columns: number | undefined, indent: string): string[] {
  if (columns === undefined || width(text) <= columns) return [text];
  return wrap(text, columns - indent.length).map((line, index) => (index === 0 ? line : indent + line));
}
