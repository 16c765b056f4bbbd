// One row of the table: bare, observed, compared.
import { compareCalls, compareRuns, compareSpans } from './compare.mjs';
import { runProgram } from './run-program.mjs';

const KEPT = ['name', 'kind', 'spanId', 'parentSpanId', 'scope', 'attributes'];

/**
 * @param row of the table
 * @param {{interpreter: string, folder: string}} packages its environment
 * @param {boolean} onlyBare
 * @returns `broken` (why the row says nothing), `changes` (what the program's caller would notice), `calls` and `places`
 *   (what is wrong with the spans), each a list of sentences; `expected` and `exact` calls; the spans
 */
export async function tryLibrary(row, packages, onlyBare = false) {
  const bare = await runProgram(row, packages, false);
  const broken = [];
  if (bare.status !== 0) broken.push(`the program failed bare: ${lastWords(bare.stderr)}`);
  if (bare.unknown.length > 0) broken.push(`the provider did not know ${bare.unknown[0].split('\n')[0]}`);
  if (bare.calls.length !== row.calls) broken.push(`${bare.calls.length} calls, the table says ${row.calls}`);
  const result = { name: row.name, language: row.language, seconds: bare.seconds, said: bare.stdout + bare.stderr };
  if (onlyBare || broken.length > 0) return { ...result, broken, changes: [], calls: [], places: [] };
  const observed = await runProgram(row, packages, true);
  let changes = compareRuns(bare, observed);
  // What differs between two bare runs as well is not our doing.
  if (changes.length > 0) {
    const again = compareRuns(bare, await runProgram(row, packages, false)).map(about);
    changes = changes.filter(each => !again.includes(about(each)));
  }
  const calls = compareCalls(row, observed.calls, observed.spans);
  return {
    ...result,
    broken,
    changes,
    expected: observed.calls.length - (row.reported ?? 0),
    exact: calls.exact,
    calls: calls.problems,
    places: compareSpans(row, observed.spans),
    spans: observed.spans.map(span => Object.fromEntries(KEPT.map(key => [key, span[key]]))),
  };
}

const about = sentence => sentence.split(':')[0];

/** The line of a traceback that says what happened. */
function lastWords(stderr) {
  const lines = stderr.trim().split('\n');
  return (lines.find(line => /^\w*Error\b/.test(line)) ?? lines.at(-1)).slice(0, 300);
}

/** Everything that is wrong with a row. */
export function problemsOf({ broken, changes, calls, places }) {
  return [
    ...broken,
    ...changes.map(each => `changed: ${each}`),
    ...calls.map(each => `call: ${each}`),
    ...places.map(each => `place: ${each}`),
  ];
}
