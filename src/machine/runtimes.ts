/**
 * The runtimes that we know, one row each: how to tell one by the name of its program, by a library that embeds it, or by a
 * mark in its executable, and what the conventions call it. `plan`, `discovery`, `doctor` and the resource of a process read
 * this table and no other.
 */
import type { ElfFile } from './elf.js';

export type RuntimeName = 'python' | 'node' | 'bun' | 'deno' | 'java' | 'dotnet' | 'ruby' | 'php' | 'go';

export interface RuntimeRow {
  readonly name: RuntimeName;
  /** For people: "… is a Python interpreter". */
  readonly what: string;
  /** Matches the file name of the program that is the runtime; a compiled program has none. */
  readonly command?: RegExp;
  /** Matches the path of a mapped library: the runtime is embedded (uwsgi, mod_wsgi, a Java launcher). */
  readonly library?: RegExp;
  /** Looks into an executable whose name says nothing: a program that was compiled with this runtime inside. */
  readonly mark?: (file: ElfFile) => boolean;
  /** `process.runtime.name` of the conventions. */
  readonly conventionName: string;
}

export const RUNTIMES: readonly RuntimeRow[] = [
  {
    name: 'python',
    what: 'a Python interpreter',
    command: /^(python|pypy)[\d.]*(t|w|-dbg)?$/,
    library: /\/libpython\d/,
    conventionName: 'cpython',
  },
  { name: 'node', what: 'Node.js', command: /^node(js)?[\d.]*$/, conventionName: 'nodejs' },
  {
    name: 'bun',
    what: 'Bun',
    command: /^bun(-profile)?$/,
    // In Bun itself and in what `bun build --compile` makes of it (seen with 1.4): the place of the program's code.
    mark: file => file.section('.bun', 1) !== undefined,
    conventionName: 'bun',
  },
  { name: 'deno', what: 'Deno', command: /^deno$/, conventionName: 'deno' },
  { name: 'java', what: 'Java', command: /^javaw?$/, library: /\/libjvm\.so/, conventionName: 'java' },
  { name: 'dotnet', what: '.NET', command: /^dotnet$/, library: /\/libcoreclr\.so/, conventionName: 'dotnet' },
  { name: 'ruby', what: 'Ruby', command: /^ruby[\d.]*$/, library: /\/libruby[\d.-]*\.so/, conventionName: 'ruby' },
  {
    name: 'php',
    what: 'PHP',
    command: /^php(-fpm|-cgi)?[\d.]*$/,
    library: /\/libphp[\d.]*\.so/,
    conventionName: 'php',
  },
  // The linker of every Go from 1.13 on writes it, also into stripped programs.
  {
    name: 'go',
    what: 'Go',
    mark: file => file.section('.go.buildinfo', 1) !== undefined,
    conventionName: 'go',
  },
];

/** The row of a program by the name of its file, with or without folders. */
export function runtimeOfCommand(command: string): RuntimeRow | undefined {
  const name = command.slice(command.lastIndexOf('/') + 1);
  return RUNTIMES.find(row => row.command?.test(name) === true);
}

export function runtimeRow(name: RuntimeName): RuntimeRow {
  return RUNTIMES.find(row => row.name === name)!;
}
