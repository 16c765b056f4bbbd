/** The first line of a script, read as the kernel and `env` read it. Pure. */

export interface Shebang {
  /** Path of the interpreter, or a bare name when `env` looks it up. */
  readonly interpreter: string;
  readonly throughEnv: boolean;
  /** Words for the interpreter that stand in the line. */
  readonly args: readonly string[];
}

/** Linux reads this many bytes of a script (BINPRM_BUF_SIZE). */
export const HEAD_BYTES = 256;

export function parseShebang(head: Buffer): Shebang | undefined {
  if (head[0] !== 0x23 || head[1] !== 0x21) return undefined;
  const text = head.toString('latin1');
  const [line = ''] = text.slice(2).split('\n', 1);
  const words = line.trim().match(/^(\S+)(?:[ \t]+(.*))?$/);
  if (!words?.[1]) return undefined;
  const [, interpreter, rest = ''] = words;
  if (/\/env$/.test(interpreter)) return throughEnv(rest.trim());
  const trampoline = /\/sh$/.test(interpreter) ? longPath(text) : undefined;
  return trampoline ?? { interpreter, throughEnv: false, args: rest.trim() === '' ? [] : [rest.trim()] };
}

/** `#!/usr/bin/env python3`, `#!/usr/bin/env -S python3 -I -u`, `#!/usr/bin/env -S FOO=1 node`. */
function throughEnv(rest: string): Shebang | undefined {
  const words = rest.startsWith('-') ? splitWords(rest.replace(/^(-S|--split-string=?|-vS)\s*/, '')) : [rest];
  const at = words.findIndex(word => !word.startsWith('-') && !/^[A-Za-z_]\w*=/.test(word));
  const interpreter = words[at];
  if (!interpreter) return undefined;
  return { interpreter, throughEnv: true, args: words.slice(at + 1) };
}

/** As a shell splits: quoted parts keep their spaces, also in the middle of a word. */
function splitWords(text: string): string[] {
  const words = text.match(/(?:"(?:\\.|[^"\\])*"|'[^']*'|[^\s"'])+/g) ?? [];
  return words.map(word =>
    word.replace(/"((?:\\.|[^"\\])*)"|'([^']*)'/g, (_whole, double, single) => double ?? single),
  );
}

/** pip writes this form when the path of the interpreter is too long for the kernel or has spaces. */
function longPath(text: string): Shebang | undefined {
  const match = /^#!.*\n'''exec'\s+(?:"([^"\n]+)"|(\S+))\s+((?:-\S+\s+)*)"\$0"/.exec(text);
  const interpreter = match?.[1] ?? match?.[2];
  if (!interpreter) return undefined;
  return { interpreter, throughEnv: false, args: (match?.[3] ?? '').split(/\s+/).filter(Boolean) };
}
