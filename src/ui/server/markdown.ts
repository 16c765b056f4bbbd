/**
 * Markdown of answers as HTML that is safe by construction: no HTML of the text comes through, no address but the web's and
 * mail's, and no picture is fetched. Made here and not in the page: the parser would be most of what the browser loads.
 */
import { micromark } from 'micromark';
import { gfm, gfmHtml } from 'micromark-extension-gfm';

/** Longer texts stay as they are: nobody reads them as a document, and parsing takes a second a megabyte. */
const LONGEST = 100_000;

const extensions = [gfm(), { disable: { null: ['labelStartImage'] } }];
const htmlExtensions = [gfmHtml()];

/** Undefined where the text has nothing that Markdown would change, or is too long. */
export function markdown(text: string): string | undefined {
  if (text.length > LONGEST || !/[*_`#|[\]>~-]|\d[.)]|\n\s*\n|https?:|www\./.test(text)) return undefined;
  return micromark(text, { allowDangerousHtml: false, allowDangerousProtocol: false, extensions, htmlExtensions });
}
