/** Programs whose output, status and signal must be the same bare and launched, whatever way the launcher starts them. */
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Run, RunOptions } from './launcher.js';

export type Case = readonly [name: string, argv: (folder: string) => string[], options: RunOptions];

export const OUTCOME_CASES: readonly Case[] = [
  ['status 0', () => ['sh', '-c', 'echo out; echo err >&2'], {}],
  ['status 3', () => ['python3', '-c', 'raise SystemExit(3)'], {}],
  ['status 255', () => ['node', '-e', 'process.exit(255)'], {}],
  ['killed by SIGTERM', () => ['sh', '-c', 'kill -TERM $$'], {}],
  ['killed by SIGKILL', () => ['python3', '-c', 'import os; os.kill(os.getpid(), 9)'], {}],
  ['killed by SIGSEGV', () => ['sh', '-c', 'ulimit -c 0; kill -SEGV $$'], {}],
  ['killed by SIGPIPE', () => ['sh', '-c', 'kill -PIPE $$'], {}],
  ['an uncaught exception in Python', () => ['python3', '-c', 'def f():\n  raise ValueError("x")\nf()'], {}],
  ['an uncaught exception in Node', () => ['node', '-e', 'throw new Error("x")'], {}],
  ['a script without a shebang', folder => [path.join(folder, 'no-shebang'), 'a'], {}],
  ['a Python script with env', folder => [path.join(folder, 'python-script'), '-m', '--help'], {}],
  ['a Node script with env', folder => [path.join(folder, 'node-script'), '--version', '--'], {}],
  ['a path with spaces', folder => ['python3', path.join(folder, 'with space/app.py')], {}],
  ['a link to a shell', folder => [path.join(folder, 'my-shell'), '-c', 'echo "$0"'], {}],
  ['Python help', () => ['python3', '-m', 'json.tool', '--help'], {}],
  ['Node version', () => ['node', '--version'], {}],
  ['repeated words', () => ['echo', 'a', 'b', 'a', '--', 'a'], {}],
  ['odd words', () => ['printf', '<%s>', '', ' ', 'a b', 'x\ny', '*', '$HOME', '`id`', '\\'], {}],
  [
    'odd words for Python',
    () => ['python3', '-c', 'import sys; print(sys.argv)', '', ' ', 'x\ny', '*', '--', '-m', '\\'],
    {},
  ],
  [
    'odd words for Node',
    () => ['node', '-e', 'console.log(process.argv)', '--', '', ' ', 'x\ny', '*', '--', '-m', '\\'],
    {},
  ],
  ['unicode', () => ['printf', '<%s>', 'héllo', '日本語', '🙂'], {}],
  ['100 kB in one word', () => ['printf', '%s', 'x'.repeat(100_000)], {}],
  ['1.5 MB in many words', () => ['sh', '-c', 'echo $#', ...Array.from({ length: 15 }, () => 'y'.repeat(100_000))], {}],
  ['stdin, 10 MB', () => ['sha256sum'], { input: Buffer.alloc(10_000_000, 'abc') }],
  [
    'stdin into Python',
    () => ['python3', '-c', 'import sys; print(len(sys.stdin.buffer.read()))'],
    { input: 'x'.repeat(200_000) },
  ],
  ['a program read from stdin', () => ['python3', '-'], { input: 'print("from stdin")' }],
  ['a Node program read from stdin', () => ['node', '-'], { input: 'console.log("from stdin")' }],
  ['a program that warns on stderr', () => ['python3', '-W', 'error', '-c', 'import warnings; warnings.warn("x")'], {}],
  ['the words of a shell', () => ['sh', '-c', 'echo "$0|$1|$2"', 'zero', 'one two', ''], {}],
];

/** The programs that the cases name, in a folder of their own. */
export function writePrograms(folder: string): void {
  const script = (name: string, text: string, mode = 0o755) => {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
    chmodSync(path.join(folder, name), mode);
  };
  mkdirSync(path.join(folder, 'dir'));
  script('not-executable', 'x', 0o644);
  script('bad-shebang', '#!/no/such/interpreter\n');
  script('no-shebang', 'echo "no shebang: $0 $1"\nexit 9\n');
  script('python-script', '#!/usr/bin/env python3\nimport sys\nprint(sys.argv[1:])\n');
  script('node-script', '#!/usr/bin/env node\nconsole.log(process.argv.slice(2));\n');
  script('with space/app.py', 'import sys\nprint(sys.argv[0].endswith("with space/app.py"), sys.path[0])\n');
  symlinkSync('/bin/sh', path.join(folder, 'my-shell'));
}

export function outcome({ stdout, stderr, status, signal }: Run) {
  return { stdout, stderr, status, signal };
}
