/**
 * Takes credentials and the user's own patterns out of texts before they leave the process: content, error messages,
 * attributes, notices. A missed secret is worse than a word too many, but identifiers must survive: every pattern has a
 * prefix or a name that only credentials have.
 */
import { Problem } from '../errors.js';
import type { AnyValue } from './model.js';

export const REDACTED = '[REDACTED]';

export type Redactor = (text: string) => string;

/**
 * Key formats as the issuers publish them, as how they begin and what follows; each is one alternative of one expression, so
 * that a text is read once.
 */
const TOKENS: readonly (readonly [begin: string, rest: string])[] = [
  // OpenAI, Anthropic, OpenRouter, DeepSeek, Stripe
  ['sk[-_]', '[A-Za-z0-9_-]{16,}'],
  ['rk_live_', '[A-Za-z0-9]{16,}'],
  // Groq, xAI, Perplexity, NVIDIA, Replicate, Hugging Face, Fireworks, Cerebras, Together, Voyage, Databricks
  ['gsk_', '[A-Za-z0-9]{20,}'],
  ['xai-', '[A-Za-z0-9]{20,}'],
  ['pplx-', '[A-Za-z0-9]{20,}'],
  ['nvapi-', '[A-Za-z0-9_-]{20,}'],
  ['r8_', '[A-Za-z0-9]{20,}'],
  ['hf_', '[A-Za-z0-9]{20,}'],
  ['fw_', '[A-Za-z0-9]{16,}'],
  ['csk-', '[A-Za-z0-9]{20,}'],
  ['tgp_v1_', '[A-Za-z0-9_-]{20,}'],
  ['pa-', '[A-Za-z0-9_-]{32,}'],
  ['dapi', '[0-9a-f]{32}'],
  // AWS, Google, GitHub, GitLab, Slack, npm, PyPI
  ['A[KS]IA', '[0-9A-Z]{16}'],
  ['AIza', '[0-9A-Za-z_-]{30,}'],
  ['ya29\\.', '[0-9A-Za-z_-]{20,}'],
  ['gh[pousr]_', '[A-Za-z0-9]{20,}'],
  ['github_pat_', '[A-Za-z0-9_]{20,}'],
  ['glpat-', '[A-Za-z0-9_-]{16,}'],
  ['xox[abeprs]-', '[A-Za-z0-9-]{10,}'],
  ['npm_', '[A-Za-z0-9]{36}'],
  ['pypi-', '[A-Za-z0-9_-]{20,}'],
  // JSON Web Tokens
  ['eyJ', '[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]*'],
];

const UNWORDED = '(?<![A-Za-z0-9_-])';
const TOKEN = new RegExp(`${UNWORDED}(?:${TOKENS.map(([begin, rest]) => begin + rest).join('|')})`, 'g');
/**
 * How tokens begin, in a form that is searched four times as fast as `TOKEN` (1.4 for 5.7 ns a character of prose, which was
 * the larger part of all redaction): a beginning that ends in `-` or `_` is looked for by that rare character.
 */
const isMarked = ([begin]: (typeof TOKENS)[number]) => /[-_]\]?$/.test(begin);
const beginnings = (tokens: typeof TOKENS) => tokens.map(([begin]) => begin).join('|');
const MARKED_TOKEN = new RegExp(`[-_](?<=${UNWORDED}(?:${beginnings(TOKENS.filter(isMarked))}))`);
const OTHER_TOKEN = new RegExp(beginnings(TOKENS.filter(token => !isMarked(token))));

const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g;
/**
 * A scheme of HTTP authentication with something that is no word after it. What follows `Basic` is base64, and a token is
 * long: "basic Python3.11" and "token limit-2024" are not meant.
 */
const AUTHORIZATION =
  /\b(Bearer(?=\s+[^\s"',;]*[\d=])|Token(?=\s+[^\s"',;]*\d)(?=\s+\S{16})|Basic(?=\s+(?:[A-Za-z0-9+/]{8,}={1,2}|[A-Za-z0-9+/]{16,}|(?:[A-Za-z0-9+/]{4}){2,})(?![\w.~+/=-]))(?=\s+\S*[\d=]))\s+[A-Za-z0-9._~+/=-]{8,}/gi;
const USER_INFO = /:\/\/[^\s/@:"']+:[^\s/@"']+@/g;
const SECRET_NAME =
  '(?:api[_-]?key|x-goog-api-key|(?:access|refresh|auth|session|id|security)[_-]?token|client[_-]?secret|' +
  'secret(?:[_-]?(?:access[_-]?)?key)?|private[_-]?key|passw(?:or)?d|passphrase|authorization|cookie)';
/**
 * A sentence after "The secret: ": a word as people write it, and another one that begins no assignment of its own. One
 * word alone may be a password, and so may what is written like none.
 */
const WORD = "[*_]*\\p{Lu}?[\\p{Ll}\\p{Lo}]+(?:['’-][\\p{Ll}\\p{Lo}]+)*[*_]*";
const SENTENCE = `(?<=[A-Za-z]:\\s{1,3})${WORD}[.!?,;]?(?:[ \\t]+[—–])?[ \\t]+["“(*_]*\\p{L}[\\p{L}'’-]*(?![\\p{L}\\p{N}_'’-]|\\s*[:=])`;
const anyCase = (source: string) => source.replace(/[a-z]/g, letter => `[${letter}${letter.toUpperCase()}]`);
/**
 * `api_key=…`, `"password": "…"`, `x-api-key: …`, `?key=AIza…`: the name stays, the value goes. What stands before the name
 * (`my_api_key`) is left to itself: to match it as well made this expression cost more than all others together.
 */
const NAMED = new RegExp(
  `(${anyCase(SECRET_NAME)}["']?\\s*[:=]\\s*["']?)(?!\\[REDACTED|${SENTENCE})[^\\s"',;&}]{6,}`,
  'gu',
);
/**
 * The same in quotes, which hold the whole value: words of a passphrase, two characters of a JSON member, and all of it
 * once more inside the text of another JSON.
 */
const QUOTED = new RegExp(
  `(${anyCase(SECRET_NAME)}(?:\\\\*["'])?\\s*[:=]\\s*(\\\\*["']))(?!\\[REDACTED)(?:(?<=["']\\s*:\\s*\\\\*["'])|(?=[^\\n]{6}))` +
    `(?:\\\\{1,8}\\2|(?!\\2)[^\\n]){1,4096}(?=\\2)`,
  'gu',
);
/** The end of a secret's name before what assigns to it, searched by the rarer character: a fifth of the cost of the whole. */
const ASSIGNS = new RegExp(
  `[:=](?<=${anyCase('(?:key|token|secret|passw(?:or)?d|passphrase|authorization|cookie)')}\\\\*["']?\\s*[:=])`,
);
const assigns = (text: string): boolean => (text.includes(':') || text.includes('=')) && ASSIGNS.test(text);
const QUERY_KEY = /([?&](?:key|sig|signature|token|code)=)[^&\s"'#]+/gi;
/** Names of fields whose texts and numbers are secrets whatever they look like. */
const SECRET_FIELD = new RegExp(`^[A-Za-z0-9_-]{0,40}${SECRET_NAME}$`, 'i');

interface Pattern {
  readonly expression: RegExp;
  readonly instead: string;
  /** False: the expression cannot match. Most texts hold no credential, so this is what redaction costs. */
  mayMatch(text: string): boolean;
}

/** In the order in which they are applied. Exported for the test that holds `mayMatch` to its word. */
export const PATTERNS: readonly Pattern[] = [
  { expression: PRIVATE_KEY, instead: REDACTED, mayMatch: text => text.includes('-----BEGIN ') },
  { expression: TOKEN, instead: REDACTED, mayMatch: text => MARKED_TOKEN.test(text) || OTHER_TOKEN.test(text) },
  { expression: AUTHORIZATION, instead: `$1 ${REDACTED}`, mayMatch: text => /\s/.test(text) },
  { expression: USER_INFO, instead: `://${REDACTED}@`, mayMatch: text => text.includes('://') },
  { expression: QUOTED, instead: `$1${REDACTED}`, mayMatch: assigns },
  { expression: NAMED, instead: `$1${REDACTED}`, mayMatch: assigns },
  {
    expression: QUERY_KEY,
    instead: `$1${REDACTED}`,
    mayMatch: text => text.includes('=') && (text.includes('?') || text.includes('&')),
  },
];

/** Takes credentials out of a text; what is none stays byte for byte. */
export const redactCredentials: Redactor = text => {
  // Nothing that could hold a credential is shorter.
  if (text.length < 8) return text;
  let rest = text;
  for (const { expression, instead, mayMatch } of PATTERNS) {
    if (mayMatch(rest)) rest = rest.replace(expression, instead);
  }
  return rest;
};

/**
 * Credentials and the user's patterns (JavaScript regular expressions, searched everywhere). Throws a `Problem` that names
 * a pattern that is none; the caller must then keep content off.
 */
export function createRedactor(patterns: readonly string[]): Redactor {
  const own = patterns.map(pattern => {
    try {
      return new RegExp(pattern, 'gu');
    } catch (error) {
      throw new Problem({
        code: 'REDACT_PATTERN',
        message: `The redaction pattern ${JSON.stringify(pattern)} is no regular expression`,
        reason: (error as Error).message,
      });
    }
  });
  if (own.length === 0) return redactCredentials;
  return text => own.reduce((rest, pattern) => rest.replace(pattern, REDACTED), redactCredentials(text));
}

/** Every text inside a value, field names that say "secret" included. Copies; the caller's value stays. */
export function redactValue(value: AnyValue, redact: Redactor): AnyValue {
  if (typeof value === 'string') return redact(value);
  if (Array.isArray(value)) return value.map(item => redactValue(item, redact));
  if (value === null || typeof value !== 'object') return value;
  const copy: Record<string, AnyValue> = {};
  for (const [key, inner] of Object.entries(value)) {
    const secret = (typeof inner === 'number' || (typeof inner === 'string' && inner !== '')) && SECRET_FIELD.test(key);
    copy[redact(key)] = secret ? REDACTED : redactValue(inner, redact);
  }
  return copy;
}
