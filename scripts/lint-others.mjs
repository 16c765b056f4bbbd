// What biome does for TypeScript, for the other languages: ruff for Python, clang-format and clang-tidy for bpf/. A tool that
// is not here is named, with how to get it, and is no failure. With --write layout is mended instead of checked.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { findRuff, onPath, RUFF_HINT } from './tools.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const write = process.argv.includes('--write');
let failed = false;

function run(program, words, options = {}) {
  const { status, signal, error } = spawnSync(program, words, { stdio: 'inherit', ...options });
  if (error) throw error;
  if (status !== 0 || signal) failed = true;
}

const skipped = (what, tool, hint) =>
  process.stdout.write(`${what} not checked, because there is no ${tool}. To have it: ${hint}\n`);

const sources = folder =>
  readdirSync(folder)
    .filter(name => /\.[ch]$/.test(name))
    .map(name => `${folder}/${name}`);

const ruff = findRuff();
if (ruff === undefined) skipped('Python', 'ruff', RUFF_HINT);
else {
  run(ruff, ['check', '--quiet', ...(write ? ['--fix'] : []), '.']);
  run(ruff, ['format', '--quiet', ...(write ? [] : ['--check']), '.']);
}

const clangFormat = onPath('clang-format');
const files = [...sources('bpf'), ...sources('bpf/libbpf/elf')];
if (clangFormat === undefined) skipped('Layout of bpf/', 'clang-format', 'apt-get install clang-format');
else run(clangFormat, [...(write ? ['-i'] : ['--dry-run', '--Werror']), ...files]);

const clangTidy = onPath('clang-tidy');
if (clangTidy === undefined) skipped('Faults in bpf/', 'clang-tidy', 'apt-get install clang-tidy libbpf-dev');
else if (!write) {
  const quiet = { stdio: ['ignore', 'inherit', 'ignore'] };
  run(clangTidy, ['--quiet', 'bpf/tls.bpf.c', '--', '-O2', '-target', 'bpf', '-D__TARGET_ARCH_x86'], quiet);
  run(clangTidy, ['--quiet', 'bpf/libbpf/elf/elf.c', '--', '-O2', '-Ibpf/libbpf/elf'], quiet);
}

process.exit(failed ? 1 : 0);
