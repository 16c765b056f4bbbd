/**
 * The coverage matrix: real libraries at pinned versions, one small program each, run bare and observed against a local
 * provider. Compared: what the program's caller sees, every call with the provider's own account of it, and the place of
 * the calls under the spans of a framework. Writes docs/coverage.md as soon as every row has a result.
 *
 *   npm run libraries -- [NAME…] [--bare] [--lock] [--language python|node] [--said]
 *
 * NAME is a library or an environment of test/libraries/libraries.json. `--bare` only runs the programs, to see that they
 * work; `--said` prints what they say. `--lock` resolves the versions of the environments anew. Build first: the programs
 * are observed by `dist/`, or by that of `LAUNCHER_ROOT`. Nothing but package indexes is reached.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { environment, lock, say } from './libraries/environments.mjs';
import { page } from './libraries/page.mjs';
import { environmentsOf, ROOT, readTable } from './libraries/table.mjs';
import { problemsOf, tryLibrary } from './libraries/try-library.mjs';

/** What was measured last, row by row, so that a run of some rows renews the document. */
const RESULTS = path.join(ROOT, '.cache/libraries/results.json');

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    bare: { type: 'boolean' },
    lock: { type: 'boolean' },
    said: { type: 'boolean' },
    language: { type: 'string' },
  },
});

const keyOf = ({ language, name }) => `${language} ${name}`;
const table = readTable();
const chosen = table.filter(
  ({ name, environment: of, language }) =>
    (values.language === undefined || language === values.language) &&
    (positionals.length === 0 || positionals.includes(name) || positionals.includes(of)),
);
if (chosen.length === 0) {
  say(`no library ${positionals.join(', ')}; there are ${table.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}

/** The results are read again for each row: two runs at once do not undo each other's. */
function keep(key, result) {
  const results = existsSync(RESULTS) ? JSON.parse(readFileSync(RESULTS, 'utf8')) : {};
  results[key] = result;
  writeFileSync(RESULTS, JSON.stringify(results, undefined, 1));
  return results;
}

let failed = 0;
let results = {};
for (const [key, rows] of environmentsOf(chosen)) {
  // A lock belongs to all rows of its environment, also to those that do not run now.
  if (values.lock) {
    const [, all] = environmentsOf(table).find(([each]) => each === key);
    await lock(key, all);
  }
  const packages = await environment(key);
  for (const row of rows) {
    const { said, ...result } = await tryLibrary(row, packages, values.bare);
    const problems = problemsOf(result);
    const count = result.exact === undefined ? '' : `, ${result.exact} of ${result.expected} calls exact`;
    const verdict = problems.length === 0 ? 'ok' : 'NOT ok';
    process.stdout.write(`${keyOf(row)}: ${verdict}${count} (${result.seconds.toFixed(1)} s bare)\n`);
    for (const each of problems) process.stdout.write(`    ${each}\n`);
    if (values.said) process.stdout.write(said);
    if (problems.length > 0) failed += 1;
    if (!values.bare) results = keep(keyOf(row), result);
  }
}
process.stdout.write(`${chosen.length - failed} passed, ${failed} failed\n`);
if (!values.bare && table.every(row => results[keyOf(row)])) {
  writeFileSync(path.join(ROOT, 'docs/coverage.md'), page(table, results));
  say('wrote docs/coverage.md');
}
process.exitCode = failed > 0 ? 1 : 0;
