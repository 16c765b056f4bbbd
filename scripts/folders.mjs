// Writes the table of folders in AGENTS.md from `scripts/arrows.cjs`; with --check it only says whether it is up to date.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import arrows from './arrows.cjs';

const FILE = fileURLToPath(new URL('../AGENTS.md', import.meta.url));
const [BEGIN, END] = ['<!-- folders: npm run folders -->', '<!-- end of folders -->'];

const code = name => `\`${name}\``;

/** The table as Markdown; `types` are in brackets. */
export function foldersTable(rows = arrows.ARROWS) {
  const lines = rows.map(({ folder, holds, imports, types = [] }) => {
    const own = path.extname(folder) === '' ? `src/${folder}/` : `src/${folder}`;
    const names = [...imports.map(code), ...types.map(name => `(${code(name)})`)];
    return `| ${code(own)} | ${holds} | ${names.join(' ') || 'nothing'} |`;
  });
  return ['| folder | holds | may import (in brackets: types only) |', '|---|---|---|', ...lines].join('\n');
}

/** AGENTS.md with the table in its place; throws where the marks are missing. */
export function withFoldersTable(text, rows) {
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`AGENTS.md lacks the lines ${BEGIN} and ${END}`);
  return `${text.slice(0, begin)}${BEGIN}\n${foldersTable(rows)}\n${text.slice(end)}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const text = readFileSync(FILE, 'utf8');
  const wanted = withFoldersTable(text);
  if (!process.argv.includes('--check')) writeFileSync(FILE, wanted);
  else if (text !== wanted) {
    process.stderr.write('AGENTS.md shows other folders than scripts/arrows.cjs: npm run folders\n');
    process.exit(1);
  }
}
