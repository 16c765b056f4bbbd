/**
 * Credentials that their surroundings give away, in forms that no sentence has: members of JSON, headers, cookies, flags,
 * tags, queries, connection strings. Assignments that could as well be prose are in `redact.ts`.
 */
import { COMPOUND_WORD, SECRET_WORD } from './secret-names.js';

export interface NamedPattern {
  readonly expression: RegExp;
  readonly instead: string;
  /** False: the expression cannot match. */
  mayMatch(text: string): boolean;
}

const REDACTED = '[REDACTED]';

/** A quote, also one that is escaped because the text stands inside of another one. */
const QUOTE = '\\\\{0,15}["\']';
const SCHEME = '(?:Bearer|Basic|Token|Bot|Key|Api-?Key|Digest|Negotiate|GitHub-Bearer|GoogleLogin|SSWS)';

/** `Authorization: Bearer abcdef`: the name says enough, so the value may look like a word. */
const HEADER = new RegExp(`(authorization(?:${QUOTE})?\\s*[:=]\\s*(?:${QUOTE})?)${SCHEME}\\s+[^\\s"'\\\\,;}]+`, 'gi');
/** `Cookie: theme=dark; session=…` to the end of the line. */
const COOKIE = new RegExp(`(cookie(?:${QUOTE})?\\s*[:=]\\s*(?:${QUOTE})?)[^\\s=;"'\\\\]+=[^\\r\\n"'\\\\]*`, 'gi');
/**
 * `"password": "…"`, `'api_key': '…'`, `"token" => "…"`, `secret="…"`: all that the quotes hold, and where they are not closed,
 * all of the line. A text inside of another has its quotes escaped.
 */
const MEMBER = new RegExp(
  `(${SECRET_WORD}(?:${QUOTE}\\s*(?:=>|[:=])|\\s*=>?)\\s*(${QUOTE}))(?!\\[REDACTED)(?:\\\\{1,15}\\2|\\\\[^"'\\n]|(?!\\2)[^\\n\\\\]){1,8192}`,
  'gi',
);
/** `<password>…</password>` */
const TAG = new RegExp(`(<[\\w:.-]{0,40}?${SECRET_WORD}>)[^<\\n]+`, 'gi');
/** `--password …`, `--api-key=…` */
const FLAG = new RegExp(`(--[A-Za-z0-9-]{0,40}?${SECRET_WORD}(?:=|\\s+)["']?)(?!-|\\[REDACTED)[^\\s"'\\\\]+`, 'gi');
/** `x-api-key: …`, `aws_secret_access_key = …`, `github_token: …`: names that are made of words; the value has a digit. */
const COMPOUND = new RegExp(
  `(${COMPOUND_WORD}["']?[ \\t]*[:=][ \\t]*["']?)(?=[^\\s"',;&}]*\\d)(?!\\[REDACTED)[^\\s"',;&}<\\\\]{6,}`,
  'gi',
);
/** `token=…`, `token: …`, with letters and digits in it: a price of a token has none. */
const TOKEN = /(\btoken[ \t]*[:=][ \t]*)(?=[^\s"',;&}]*\d)(?=[^\s"',;&}]*[A-Za-z])[^\s"',;&}<\\]{8,}/gi;
/** Of databases and queues. `PWD=/home/ada` is a folder. */
const CONNECTION = /\b((?:pwd|pass|AccountKey|SharedAccessKey|SharedAccessSignature)\s*=\s*)(?![/~.[])[^\s"';&]{4,}/gi;
const QUERY = new RegExp(
  `([?&#;](?:[\\w.~-]{0,40}?(?:${SECRET_WORD}|signature|credential)|key|sig|code|auth|pass)=)(?!\\[REDACTED)[^&\\s"'#\\\\]+`,
  'gi',
);
/** A password without a user, and a token in the place of both: what is long and has a digit is no name. */
const USER_INFO = /:\/\/(?::[^\s/"']+|(?=[^\s/@:"'?#]*\d)[^\s/@:"'?#]{16,})@/g;

const has = (...words: string[]) => {
  const expression = new RegExp(words.join('|'), 'i');
  return (text: string) => expression.test(text);
};

/** In the order in which they are applied. */
export const NAMED_PATTERNS: readonly NamedPattern[] = [
  { expression: HEADER, instead: `$1${REDACTED}`, mayMatch: has('authorization') },
  { expression: COOKIE, instead: `$1${REDACTED}`, mayMatch: has('cookie') },
  { expression: MEMBER, instead: `$1${REDACTED}`, mayMatch: text => /["']/.test(text) && /[:=]/.test(text) },
  { expression: TAG, instead: `$1${REDACTED}`, mayMatch: text => text.includes('<') },
  { expression: FLAG, instead: `$1${REDACTED}`, mayMatch: text => text.includes('--') },
  { expression: COMPOUND, instead: `$1${REDACTED}`, mayMatch: text => /[:=]/.test(text) },
  { expression: TOKEN, instead: `$1${REDACTED}`, mayMatch: has('token') },
  { expression: CONNECTION, instead: `$1${REDACTED}`, mayMatch: text => text.includes('=') },
  { expression: QUERY, instead: `$1${REDACTED}`, mayMatch: text => text.includes('=') && /[?&#;]/.test(text) },
  { expression: USER_INFO, instead: `://${REDACTED}@`, mayMatch: text => text.includes('://') },
];
