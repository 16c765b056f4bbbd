/** Names that say that what they name is a secret: of fields, headers, variables, flags. One list for structures and texts. */

/** Of a key, by what it opens: `sort_key`, `primary_key` and `cache_key` are none of these. */
const KEY =
  '(?:api|access|secret|private|account|shared|subscription|signing|encryption|master|auth|storage|functions)[_-]?(?:access[_-]?)?keys?';
const WORD = `passw(?:or)?ds?|pwd|passphrases?|secrets?|authorization|cookies?|credentials?|${KEY}`;

/** A source of a regular expression, for what has a value of any kind after it. Case does not matter. */
export const SECRET_WORD = `(?:${WORD}|token)`;
/** The same for places where prose may stand: of these words no sentence is made. */
export const COMPOUND_WORD = `(?:${KEY}|[_-](?:passw(?:or)?d|pwd|passphrase|secret|token|authorization|credentials?))`;

/** Not inside of a word. The `n` of a line break in a text of JSON is no part of one, nor are the digits of `%3D`. */
export const WORD_BEGIN = '(?:(?<![A-Za-z0-9])|(?<=\\\\[bfnrt])|(?<=\\\\u[0-9A-Fa-f]{4})|(?<=%[0-9A-Fa-f]{2}))';

/** A quick no for texts and names without any of the words. */
const HINT = /pass|pwd|secret|token|key|auth|cookie|credential/i;

const NAME = new RegExp(`^.{0,60}(?:${WORD}|token)$|^_?auth$|^(?:.{0,60}[_-])?pass$`, 'i');
/** Tokens that open nothing: of pages, and of tokenizers. */
const HARMLESS_TOKEN = /(?:page|continuation|cursor|bos|cls|eos|mask|max|min|pad|sep|stop|unk)[_-]?token$/i;
/** Where a number is a secret too: a PIN, a password of digits. */
const NAME_OF_NUMBER = new RegExp(`(?:passw(?:or)?d|pwd|passphrase|secret|${KEY})$`, 'i');

let asked = '';
let answer = false;

/** Whether a text may name a secret at all. Asked several times of one text, and answered once. */
export function mentionsSecrets(text: string): boolean {
  if (text !== asked) {
    asked = text;
    answer = HINT.test(text);
  }
  return answer;
}

/** Of a field: `apiKey`, `DB_PASSWORD`, `x-auth-token`. */
export function isSecretName(name: string): boolean {
  return HINT.test(name) && NAME.test(name) && !HARMLESS_TOKEN.test(name);
}

/** Whether a number under this name is a secret: counts of tokens are none. */
export function isSecretNumberName(name: string): boolean {
  return HINT.test(name) && NAME_OF_NUMBER.test(name);
}

/** Of a word of a command line that announces a secret: `--password`. */
export function isSecretFlag(word: string): boolean {
  return word.startsWith('-') && !word.includes('=') && isSecretName(word);
}
