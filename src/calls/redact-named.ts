/**
 * Credentials that their surroundings give away, in forms that no sentence has: members of JSON, headers, cookies, flags,
 * tags, queries, connection strings. Assignments that could as well be prose are in `redact.ts`.
 */
import { COMPOUND_WORD, mentionsSecrets, SECRET_WORD, WORD_BEGIN } from './secret-names.js';

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
/** Schemes with parameters, one of which is the credential: the rest of the line. */
const HEADER_OF_PARTS = new RegExp(
  `(authorization(?:${QUOTE})?\\s*[:=]\\s*(?:${QUOTE})?)(?:NTLM|Digest|Hawk|OAuth|AWS4-HMAC-SHA256)\\s+(?:[^\\r\\n\\\\]|\\\\"){1,4096}`,
  'gi',
);
/** `Cookie: theme=dark; session=…` to the end of the line. */
const COOKIE = new RegExp(`(cookie(?:${QUOTE})?\\s*[:=]\\s*(?:${QUOTE})?)[^\\s=;"'\\\\]{1,128}=[^\\r\\n"'\\\\]*`, 'gi');
/**
 * `"password": "…"`, `'api_key': '…'`, `"token" => "…"`, `secret="…"`: all that the quotes hold, and where they are not closed,
 * all of the line. A text inside of another has its quotes escaped.
 */
const MEMBER = new RegExp(
  `(${SECRET_WORD}(?:${QUOTE}\\]?\\s*(?:=>|[:=])|\\s*(?:=>?|:=))\\s*[bBrRfFuU]{0,2}(${QUOTE}))(?!\\[REDACTED)(?:\\\\{1,15}\\2|\\\\[^"'\\n]|(?!\\2)[^\\n\\\\]){1,8192}`,
  'gi',
);
/** `"pass": "…"`, and in Docker's settings `"auth": "…"`: words that mean other things where no quotes are. */
const SHORT_MEMBER = new RegExp(
  `((pass|pw|auth(?=${QUOTE}\\s*:\\s*${QUOTE}[A-Za-z0-9+/]{12,4096}=))(?<=${WORD_BEGIN}(?:\\w{0,40}[_-])?\\2)` +
    `${QUOTE}\\]?\\s*(?:=>|[:=])\\s*${QUOTE})(?!\\[REDACTED)[^"'\\n\\\\]{1,8192}`,
  'gi',
);
/** `{"name": "DB_PASSWORD", "value": "…"}`, `<add key="ApiKey" value="…"/>` */
const ENTRY = new RegExp(
  `((?:key|name)(?:${QUOTE})?\\s*[:=]\\s*${QUOTE}[\\w.:-]{0,60}?${SECRET_WORD}${QUOTE}\\s*,?\\s*(?:${QUOTE})?value(?:${QUOTE})?\\s*[:=]\\s*${QUOTE})` +
    '(?!\\[REDACTED)[^"\'\\n\\\\]{1,8192}',
  'gi',
);
/** The same in YAML: `- name: DB_PASSWORD` and `value: …` below it. */
const ENTRY_OF_YAML = new RegExp(
  `(name:[ \\t]*[\\w.-]{0,60}?${SECRET_WORD}[ \\t]*(?:\\\\n|\\r?\\n)[ \\t]*value:[ \\t]*)(?!\\[REDACTED)(?:${QUOTE})?[^\\s"'\\\\]+`,
  'gi',
);
/** `["--token", "…"]`: words of a command line as a list. */
const LISTED_FLAG = new RegExp(
  `(--[A-Za-z0-9-]{0,40}?${SECRET_WORD}${QUOTE}\\s*,\\s*${QUOTE})(?!-|\\[REDACTED)[^"'\\n\\\\]{1,8192}`,
  'gi',
);
/** `db_pass: …`, with letters and a digit: `two_pass: 0.25` is a measure. */
const SHORT_COMPOUND =
  /(_pass[ \t]*[:=][ \t]*["']?)(?=[^\s"',;&}]{0,256}\d)(?=[^\s"',;&}]{0,256}[A-Za-z])(?!\[REDACTED)[^\s"',;&}<\\]{6,}/gi;
/** `Incorrect API key provided: …`, `the password is …`: what has letters and a digit is no word of the sentence. */
const SAID =
  /((?:(?:api|secret|access)[ _-]?key|(?:access|auth|api|bearer)[ _-]?token)(?:[ \t]+(?:provided|is|was|given|supplied))?[ \t]{0,2}[:=]?[ \t]+["'`]?)(?=[^\s"'`]{0,256}\d)(?=[^\s"'`]{0,256}[A-Za-z])(?!\[REDACTED)[A-Za-z0-9_~.+/=-]{16,}/gi;
const SAID_PASSWORD =
  /((?:password|passphrase)[ \t]+(?:is|was)[ \t]*:?[ \t]+["'`]?)(?=[^\s"'`]{0,256}\d)(?=[^\s"'`]{0,256}[A-Za-z])(?!\[REDACTED)[^\s"'`\\]{6,}/gi;
/** Keys of Mailchimp, New Relic and Entra, which have their mark inside or at the end. */
const MARKED_INSIDE = new RegExp(
  `${WORD_BEGIN}(?:[0-9a-f]{32}-us\\d{1,2}|[0-9a-f]{36}NRAL|[A-Za-z0-9_~.-]{3}\\dQ~[A-Za-z0-9_~.-]{31,34})(?![A-Za-z0-9])`,
  'g',
);
/** `<password>…</password>` */
const TAG = new RegExp(`(<[\\w:.-]{0,40}?${SECRET_WORD}>)[^<\\n]+`, 'gi');
/** `--password …`, `--api-key=…`; after a space no word of prose. */
const FLAG = new RegExp(
  `(--[A-Za-z0-9-]{0,40}?${SECRET_WORD}(?:=|\\s+(?=[^\\s"']{0,256}[^a-z.,;:!?)\\s"']))["']?)(?!-|\\[REDACTED)[^\\s"'\\\\]+`,
  'gi',
);
/** `curl -u ada:…`; numbers are ids, as in `docker run -u 1000:1000`. */
const USER_FLAG = /((?:\s-u|--user)(?:\s+|=)["']?[^\s:"']{1,128}:)(?!\d{1,7}(?:\s|$))[^\s"'\\]+/g;
/** A bot's token, and an address that is one. */
const TELEGRAM = /(?<!\d)\d{8,10}:AA[A-Za-z0-9_-]{30,}/g;
const DISCORD = /(\/api\/webhooks\/\d{10,}\/)[A-Za-z0-9_-]{20,}/g;
/** What some programs call their password. */
const OF_PROGRAMS =
  /((?:sshpass\s+-p|requirepass)\s*|identified\s+by\s+|machine\s+\S{1,128}\s+login\s+\S{1,128}\s+password\s+|mysql\w{0,16}\s[^\n]{0,200}?\s-p(?=[^\s"']{0,256}\d))["']?[^\s"'\\]{4,}/gi;
/** `x-api-key: …`, `aws_secret_access_key = …`, `github_token: …`: names that are made of words; the value has a digit. */
const COMPOUND = new RegExp(
  `(${COMPOUND_WORD}["']?[ \\t]*[:=][ \\t]*["']?)(?=[^\\s"',;&}]{0,256}\\d)(?!\\[REDACTED)[^\\s"',;&}<\\\\]{6,}`,
  'gi',
);
/** The same for any name that begins a line: what stands above may be a title. */
const LINE = new RegExp(
  `((?:^|\\\\n)[ \\t>*-]{0,16}[\\w-]{0,40}?${SECRET_WORD}[ \\t]*[:=][ \\t]*)(?=[^\\s"',;&}]{0,256}\\d)(?!\\[REDACTED)[^\\s"',;&}<\\\\]{6,}`,
  'gim',
);
/** `token=…`, `token: …`, with letters and digits in it: a price of a token has none. */
const TOKEN = /(token[ \t]*[:=][ \t]*)(?=[^\s"',;&}]{0,256}\d)(?=[^\s"',;&}]{0,256}[A-Za-z])[^\s"',;&}<\\]{8,}/gi;
/** Of databases and queues. `PWD=/home/ada` is a folder. */
const CONNECTION = new RegExp(
  `((pwd|pass|AccountKey|SharedAccessKey|SharedAccessSignature)(?<=${WORD_BEGIN}\\2)\\s*=\\s*)(?![/~.[])[^\\s"';&]{4,}`,
  'gi',
);
const QUERY = new RegExp(
  `([?&#;](?:[\\w.~-]{0,40}?(?:${SECRET_WORD}|signature|credential)|key|sig|code|auth|pass)=)(?!\\[REDACTED)[^&\\s"'#\\\\]+`,
  'gi',
);
/** A password without a user, and a token in the place of both: what is long and has a digit is no name. */
const USER_INFO = /:\/\/(?::[^\s/"']+|(?=[^\s/@:"'?#]*\d)[^\s/@:"'?#]{16,})@/g;

const SHORT = /(?:pass|pw|auth)\\*["']/i;
const has = (...words: string[]) => {
  const expression = new RegExp(words.join('|'), 'i');
  return (text: string) => expression.test(text);
};

/** In these spellings, which is a search for bytes: a third of the cost of one that tells no case apart. */
const spelled =
  (...words: string[]) =>
  (text: string) =>
    words.some(each => text.includes(each));

const named = (text: string) => mentionsSecrets(text) && /[:=]/.test(text);

/** In the order in which they are applied. */
export const NAMED_PATTERNS: readonly NamedPattern[] = [
  { expression: HEADER_OF_PARTS, instead: `$1${REDACTED}`, mayMatch: spelled('uthorization', 'UTHORIZATION') },
  { expression: HEADER, instead: `$1${REDACTED}`, mayMatch: has('authorization') },
  { expression: USER_FLAG, instead: `$1${REDACTED}`, mayMatch: text => text.includes('-u') },
  {
    expression: OF_PROGRAMS,
    instead: `$1${REDACTED}`,
    mayMatch: spelled('sshpass', 'requirepass', 'dentified by', 'DENTIFIED BY', 'machine', 'mysql'),
  },
  { expression: TELEGRAM, instead: REDACTED, mayMatch: spelled(':AA') },
  { expression: DISCORD, instead: `$1${REDACTED}`, mayMatch: spelled('/api/webhooks/') },
  { expression: COOKIE, instead: `$1${REDACTED}`, mayMatch: has('cookie') },
  { expression: MEMBER, instead: `$1${REDACTED}`, mayMatch: text => named(text) && /["']/.test(text) },
  { expression: TAG, instead: `$1${REDACTED}`, mayMatch: text => text.includes('<') && mentionsSecrets(text) },
  { expression: FLAG, instead: `$1${REDACTED}`, mayMatch: text => text.includes('--') && mentionsSecrets(text) },
  { expression: SHORT_MEMBER, instead: `$1${REDACTED}`, mayMatch: text => SHORT.test(text) },
  { expression: ENTRY, instead: `$1${REDACTED}`, mayMatch: text => named(text) && text.includes('alue') },
  { expression: ENTRY_OF_YAML, instead: `$1${REDACTED}`, mayMatch: text => named(text) && text.includes('alue:') },
  { expression: LISTED_FLAG, instead: `$1${REDACTED}`, mayMatch: text => text.includes('--') && mentionsSecrets(text) },
  { expression: SHORT_COMPOUND, instead: `$1${REDACTED}`, mayMatch: text => /_pass/i.test(text) },
  { expression: SAID, instead: `$1${REDACTED}`, mayMatch: mentionsSecrets },
  { expression: SAID_PASSWORD, instead: `$1${REDACTED}`, mayMatch: mentionsSecrets },
  { expression: MARKED_INSIDE, instead: REDACTED, mayMatch: spelled('-us', 'NRAL', 'Q~') },
  { expression: COMPOUND, instead: `$1${REDACTED}`, mayMatch: named },
  { expression: LINE, instead: `$1${REDACTED}`, mayMatch: named },
  { expression: TOKEN, instead: `$1${REDACTED}`, mayMatch: named },
  { expression: CONNECTION, instead: `$1${REDACTED}`, mayMatch: named },
  { expression: QUERY, instead: `$1${REDACTED}`, mayMatch: text => text.includes('=') && /[?&#;]/.test(text) },
  { expression: USER_INFO, instead: `://${REDACTED}@`, mayMatch: text => text.includes('://') },
];
