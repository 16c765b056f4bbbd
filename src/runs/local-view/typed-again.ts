/** A command line as a person can type it again, for a line that says what to do next. */
import path from 'node:path';
import { redactCredentials } from '../../calls/redact.js';

/** A longer one makes the line unreadable. */
const LONGEST = 100;
const PLAIN = /^[\w@%+=:,./-]+$/;
const ON_ONE_LINE = /^[^\p{Cc}]*$/u;

/** The name and `…` where the words are long, go over lines or hold a credential. */
export function typedAgain(words: readonly string[]): string {
  const text = words.map(word => (PLAIN.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(' ');
  const fits = text !== '' && text.length <= LONGEST && ON_ONE_LINE.test(text) && redactCredentials(text) === text;
  return fits ? text : `${path.basename(words[0] ?? 'program')} …`;
}
