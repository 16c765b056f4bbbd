/**
 * The coverage matrix: real libraries at pinned versions, one small program each, run bare and observed against a local
 * provider. Compared: what the program's caller sees, every call with the provider's own account of it, and the place of
 * the calls under the spans of a framework. Writes docs/coverage.md when all rows ran.
 *
 *   npm run libraries -- [NAME…] [--bare] [--lock] [--language python|node] [--json FILE]
 *
 * NAME is a library or an environment of test/libraries/libraries.json. `--bare` only runs the programs, to see that
 * they work. `--lock` resolves the versions of the environments anew. Nothing but package indexes is reached.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { compareCalls, compareRuns, compareSpans } from './libraries/compare.mjs';
import { environment, lock, say } from './libraries/environments.mjs';
import { page } from './libraries/page.mjs';
import { runProgram } from './libraries/run-program.mjs';
import { environmentsOf, ROOT, readTable } from './libraries/table.mjs';

/** What was measured last, row by row, so that a run of some rows can renew the document. */
const RESULTS = path.join(ROOT, '.cache/libraries/results.json');

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    bare: { type: 'boolean' },
    lock: { type: 'boolean' },
    language: { type: 'string' },
    verbose: { type: 'boolean' },
  },
});

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

/** @returns the row of results */
async function tryLibrary(row, packages) {
  const bare = await runProgram(row, packages, false);
  const broken = [];
  if (bare.status !== 0) broken.push(`the program failed bare: ${bare.stderr.trim().split('\n').at(-1)}`);
  if (bare.unknown.length > 0) broken.push(`the provider did not know ${bare.unknown[0].split('\n')[0]}`);
  if (bare.calls.length !== row.calls) broken.push(`${bare.calls.length} calls, the table says ${row.calls}`);
  const result = { name: row.name, language: row.language, broken, seconds: bare.seconds };
  if (values.verbose) process.stdout.write(`${bare.stdout}${bare.stderr}\n`);
  if (values.bare || broken.length > 0) return result;
  const observed = await runProgram(row, packages, true);
  let changes = compareRuns(bare, observed);
  // A difference that the program makes by itself, bare and bare again, is none of ours.
  if (changes.length > 0) {
    const again = compareRuns(bare, await runProgram(row, packages, false));
    if (again.length > 0)
      changes = changes.filter(each => !again.some(other => other.split(':')[0] === each.split(':')[0]));
  }
  const calls = compareCalls(observed.calls, observed.spans);
  const places = compareSpans(row, observed.spans);
  return {
    ...result,
    changes,
    expected: observed.calls.length,
    exact: calls.exact,
    calls: calls.problems,
    places,
    spans: observed.spans.map(({ name, kind, spanId, parentSpanId, scope, attributes }) => ({
      name,
      kind,
      spanId,
      parentSpanId,
      scope,
      attributes,
    })),
  };
}

function verdict({ broken, changes = [], calls = [], places = [], exact, expected, seconds }) {
  const problems = [
    ...broken,
    ...changes.map(each => `changed: ${each}`),
    ...calls.map(each => `call: ${each}`),
    ...places.map(each => `place: ${each}`),
  ];
  const first = problems.length === 0 ? 'ok' : 'NOT ok';
  const count = exact === undefined ? '' : `, ${exact} of ${expected} calls exact`;
  return [`${first}${count} (${seconds.toFixed(1)} s bare)`, ...problems.map(each => `    ${each}`)].join('\n');
}

const results = existsSync(RESULTS) ? JSON.parse(readFileSync(RESULTS, 'utf8')) : {};
let failed = 0;
for (const [key, rows] of environmentsOf(chosen)) {
  // A lock belongs to all rows of its environment, also to those that do not run now.
  if (values.lock) await lock(key, environmentsOf(table).find(([each]) => each === key)[1]);
  const packages = await environment(key);
  for (const row of rows) {
    const result = await tryLibrary(row, packages);
    process.stdout.write(`${row.language} ${row.name}: ${verdict(result)}\n`);
    const { broken, changes = [], calls = [], places = [] } = result;
    if (broken.length + changes.length + calls.length + places.length > 0) failed += 1;
    if (!values.bare) {
      results[`${row.language} ${row.name}`] = result;
      writeFileSync(RESULTS, JSON.stringify(results, undefined, 1));
    }
  }
}
process.stdout.write(`${chosen.length - failed} passed, ${failed} failed\n`);
if (!values.bare && table.every(({ language, name }) => results[`${language} ${name}`])) {
  writeFileSync(path.join(ROOT, 'docs/coverage.md'), page(table, results));
  say('wrote docs/coverage.md');
}
process.exitCode = failed > 0 ? 1 : 0;
