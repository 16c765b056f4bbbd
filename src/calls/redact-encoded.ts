/**
 * Credentials in what is encoded as a whole: percent-encoded (a URL within a URL, the body of a form), and JSON in base64
 * (Docker's `.dockerconfigjson`). Inside, the same rules hold as for any text.
 */

/** An encoded `:`, `=` or `"`, without which no name stands before a value; also encoded once more. */
const PERCENT = /%(?:25){0,3}(?:3[AD]|22)/i;
/** What an encoder leaves as it is, and what it writes. What stands around it (`?to=…&`) is not encoded. */
const PERCENT_RUN = /[\w.~!*()%+-]{8,}/g;
const ESCAPE = /%([\da-f]{2})/gi;
/** `{"` in base64 is `eyJ`. The parts of a JSON web token have dots beside them, and are no secrets apart from it. */
const BASE64_JSON = /(?<![\w+/.-])eyJ[\w+/-]{16,}(?![\w+/.-])={0,2}/g;
/** Longer ones are files. */
const MOST_BASE64 = 65_536;

/**
 * @param redact what takes credentials out of a text that is not encoded
 * @param redacted what it puts in their place
 */
export function redactEncoded(text: string, redact: (text: string) => string, redacted: string): string {
  let rest = text;
  if (rest.includes('%') && PERCENT.test(rest))
    rest = rest.replace(PERCENT_RUN, run => {
      if (!PERCENT.test(run)) return run;
      const decoded = run.replaceAll('+', ' ').replace(ESCAPE, (_, digits) => byte(Number.parseInt(digits, 16)));
      const clean = redact(decoded);
      return clean === decoded ? run : encode(clean).replaceAll(encode(redacted), redacted);
    });
  if (rest.includes('eyJ'))
    rest = rest.replace(BASE64_JSON, run => {
      if (run.length > MOST_BASE64) return run;
      const decoded = Buffer.from(run, 'base64').toString();
      return redact(decoded) === decoded ? run : redacted;
    });
  return rest;
}

/** A character for each byte: so what is no UTF-8 comes back as it was. */
const byte = String.fromCharCode;
const encode = (bytes: string): string =>
  bytes.replace(/[^\w.~!*()-]/g, char => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
