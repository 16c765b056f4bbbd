/**
 * `npm run bench`: every benchmark of this folder but the long one, one after another, each beside a bare run or a peer and printed as
 * medians and ratios of paired runs. `npm run bench -- launcher node` runs only those, and `npm run bench -- soak 30`
 * the long one, for as many minutes. `npm run bench -- decode --before DIR` also compares with another built clone. Builds first; a benchmark installs
 * its own peers into `.cache/`, and one that cannot run says why and ends with 0.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { cpus } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = path.dirname(fileURLToPath(import.meta.url));
const root = path.dirname(folder);

/** Files that the benchmarks share. */
const SHARED = new Set(['run', 'paired', 'python-environment', 'tap', 'decode-cases']);
/** Only when it is asked for. */
const LONG = new Set(['soak', 'night']);

const names = readdirSync(folder)
  .filter(name => name.endsWith('.mjs'))
  .map(name => path.basename(name, '.mjs'))
  .filter(name => !SHARED.has(name));
const words = process.argv.slice(2);
// Flags and their values, and numbers, are the benchmark's own.
const isOwn = (word, at) => /^(?:--.+|[\d.]+)$/.test(word) || words[at - 1] === '--before';
const wanted = words.filter((word, at) => !isOwn(word, at));
const own = words.filter(isOwn);
const unknown = wanted.filter(name => !names.includes(name));
if (unknown.length > 0) {
  process.stderr.write(`no benchmark ${unknown.join(', ')}; there are ${names.join(', ')}\n`);
  process.exit(2);
}

const built = spawnSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: 'inherit' });
if (built.status !== 0) process.exit(1);

process.stdout.write(`Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model.trim()}\n`);
let failed = 0;
for (const name of wanted.length > 0 ? wanted : names.filter(name => !LONG.has(name))) {
  process.stdout.write(`\n# ${name}\n\n`);
  const { status } = spawnSync(process.execPath, [path.join(folder, `${name}.mjs`), ...own], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) failed += 1;
}
process.exit(failed === 0 ? 0 : 1);
