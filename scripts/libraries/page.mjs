// docs/coverage.md from the table and the results.
import { lockedVersion } from './environments.mjs';

const LANGUAGES = { python: 'Python', node: 'Node' };
const MARK = { true: 'yes', false: '**no**' };

const cell = text => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

/** The library's package and its locked version; the standard library has none. */
function packageOf({ language, environment, requires: [first] }) {
  const name = language === 'node' ? first.slice(0, first.lastIndexOf('@')) : first.replace(/[<=>~! ].*$/, '');
  return { name, version: lockedVersion(`${language}/${environment}`, first) ?? '' };
}

function spansCell(row, { places }) {
  if (places.length > 0) return '**no**';
  const parts = [
    ...Object.entries(row.within ?? {}).map(([operation, count]) => `${count} in \`${operation}\``),
    ...(row.nested ? [`${row.nested} in the program's own span`] : []),
  ];
  return parts.join(', ') || '–';
}

function line(row, result) {
  const { version } = packageOf(row);
  if (result.broken.length > 0) {
    return `| ${row.name} | ${version} | ${cell(row.tried)} | – | – | – | ${cell(result.broken[0].slice(0, 160))} |`;
  }
  const calls = result.expected === 0 && result.calls.length === 0 ? '–' : `${result.exact} of ${result.expected}`;
  const problems = [...result.changes, ...result.calls, ...result.places]
    .slice(0, 2)
    .map(each => `\`${each.replaceAll('`', "'").slice(0, 200)}\``);
  const remark = [row.note, ...problems].filter(Boolean).join('; ');
  return `| ${row.name} | ${version} | ${cell(row.tried)} | ${MARK[result.changes.length === 0]} | ${calls} | ${spansCell(row, result)} | ${cell(remark)} |`;
}

const whole = ({ broken, changes, calls, places }) => [broken, changes, calls, places].every(list => list.length === 0);

/** @returns the document */
export function page(table, results) {
  const of = row => results[`${row.language} ${row.name}`];
  const good = table.filter(row => whole(of(row))).length;
  const exact = table.reduce((sum, row) => sum + (of(row).exact ?? 0), 0);
  const expected = table.reduce((sum, row) => sum + (of(row).expected ?? 0), 0);
  const unchanged = table.filter(row => of(row).changes?.length === 0).length;
  const text = [
    '# Coverage: real libraries, bare and observed',
    '',
    'Written by `npm run libraries`; do not edit. Each row is one small program (`test/libraries/`) that uses one library at the version',
    'named, run bare and then observed, against a local provider that speaks the formats of the real ones and keeps account of what it answered.',
    '',
    '- **Unchanged**: stdout, stderr, exit status and the number of requests are those of the bare run.',
    "- **Calls**: how many calls have a span with the provider's own figures: operation, model asked for and model answered, input and output tokens, finish reasons, the error, the time of a stream's first chunk; and there is no span too many.",
    '- **Spans**: calls that have the ancestor they must have, and no span whose parent is missing.',
    '',
    `${table.length} libraries: ${unchanged} unchanged, ${exact} of ${expected} calls exact; in ${good} rows nothing is wrong.`,
  ];
  for (const [language, title] of Object.entries(LANGUAGES)) {
    text.push('', `## ${title}`);
    const rows = table.filter(row => row.language === language);
    for (const group of new Set(rows.map(row => row.group))) {
      text.push(
        '',
        `### ${group}`,
        '',
        '| library | version | tried | unchanged | calls | spans | remark |',
        '|---|---|---|---|---|---|---|',
      );
      for (const row of rows.filter(each => each.group === group)) text.push(line(row, of(row)));
    }
  }
  return `${text.join('\n')}\n`;
}
