/**
 * The files that `EnvironmentFile=` names, read and written by systemd's rules (systemd.exec(5); src/basic/env-file.c). Pure.
 * No `%` is expanded in them, so a value goes in and comes out as it is.
 */

/** A name that systemd takes; it warns of others and skips them. */
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Later lines win. Lines that are no assignment are skipped, as systemd does. */
export function parseEnvFile(text: string): Record<string, string> {
  const env: Record<string, string> = {};
  let at = 0;
  while (at < text.length) {
    while (at < text.length && /\s/.test(text[at]!)) at++;
    if (text[at] === '#' || text[at] === ';') {
      at = endOfComment(text, at);
      continue;
    }
    const line = /[^=\n]*/y;
    line.lastIndex = at;
    const name = line.exec(text)![0];
    at += name.length;
    if (text[at] !== '=') continue;
    const read = readValue(text, at + 1);
    at = read.at;
    if (NAME.test(name.trim())) env[name.trim()] = read.value;
  }
  return env;
}

/** A backslash at its end carries a comment on. */
function endOfComment(text: string, from: number): number {
  let at = from;
  while (at < text.length && text[at] !== '\n') at += text[at] === '\\' ? 2 : 1;
  return at;
}

function readValue(text: string, from: number): { value: string; at: number } {
  let at = from;
  while (at < text.length && /[ \t\r]/.test(text[at]!)) at++;
  let value = '';
  // White space at the end counts only inside quotes or behind a backslash.
  let solid = 0;
  while (at < text.length && text[at] !== '\n') {
    const char = text[at]!;
    if (char === '\\') {
      if (text[at + 1] !== '\n') value += text[at + 1] ?? '';
      solid = value.length;
      at += 2;
    } else if (char === "'" || char === '"') {
      const quoted = char === "'" ? readSingle(text, at + 1) : readDouble(text, at + 1);
      value += quoted.value;
      solid = value.length;
      at = quoted.at;
    } else {
      value += char;
      if (!/\s/.test(char)) solid = value.length;
      at++;
    }
  }
  return { value: value.slice(0, solid), at };
}

function readSingle(text: string, from: number): { value: string; at: number } {
  const end = text.indexOf("'", from);
  const stop = end < 0 ? text.length : end;
  return { value: text.slice(from, stop), at: stop + 1 };
}

/** Inside double quotes a backslash is itself but before `" \ \` $` and the end of a line. */
function readDouble(text: string, from: number): { value: string; at: number } {
  let value = '';
  let at = from;
  while (at < text.length && text[at] !== '"') {
    if (text[at] !== '\\') {
      value += text[at++];
      continue;
    }
    const next = text[at + 1] ?? '';
    if ('"\\`$'.includes(next)) value += next;
    else if (next !== '\n') value += `\\${next}`;
    at += 2;
  }
  return { value, at: at + 1 };
}

/** @throws Error for what no such file can hold */
export function formatEnvFile(env: Readonly<Record<string, string>>): string {
  return Object.entries(env)
    .map(([name, value]) => {
      if (!NAME.test(name)) throw new Error(`${JSON.stringify(name)} is no name of a variable`);
      // systemd refuses the whole file otherwise.
      if (/[\0-\x08\x0b-\x1f\x7f]/.test(value))
        throw new Error(`${name} holds characters that no environment file can hold`);
      return `${name}="${value.replace(/["\\`$]/g, '\\$&')}"\n`;
    })
    .join('');
}
