/**
 * Files and parts of files that are made from others: from the tables of `wire/providers` the taps' look-ahead and the table
 * of `docs/providers.md`, from the finders of attach their version. `npm run build` writes them; they are committed, and a test fails when one is stale.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { FAMILIES } from '../src/wire/providers/families.js';
import type { Family, Route } from '../src/wire/providers/family.js';
import { type LookAheadExpressions, lookAhead } from '../src/wire/providers/recognize/look-ahead.js';

export interface GeneratedFile {
  /** From the root of the project. */
  readonly file: string;
  /** The file as it must be. @param before as it is; a generated part is replaced in it */
  text(before: string): string;
}

const ORIGIN = 'Made by `npm run build` from the families of src/wire/providers; a change belongs there.';
const BEGIN = '<!-- formats: made by `npm run build` -->';
const END = '<!-- end of formats -->';

const WORDS: readonly (readonly [keyof LookAheadExpressions, string, string])[] = [
  ['path', 'PATH', 'Path of a POST, without its query and without a slash at its end.'],
  ['getPath', 'GET_PATH', 'The same of a GET: it may open a WebSocket, listen to a session or fetch a later result.'],
  ['host', 'HOST', 'Host of a POST, lower-case and without its port: those whose paths say too little.'],
  ['body', 'BODY', 'First 4 KiB of the JSON body of a POST on any path, at a host that is not closed.'],
  ['closedHost', 'CLOSED_HOST', 'Hosts of providers whose paths are all known: a body says nothing there.'],
  ['header', 'HEADER', 'Name of a request header, lower-case, of any method.'],
];

function typescript(): string {
  const expressions = lookAhead();
  const lines = WORDS.map(([key, name, meaning]) => {
    const value = `'${expressions[key].replaceAll('\\', '\\\\').replaceAll("'", "\\'")}';`;
    const line = `export const ${name} = ${value}`;
    return `\n/** ${meaning} */\n${line.length > 120 ? `export const ${name} =\n  ${value}` : line}\n`;
  });
  return `/**\n * What a request that may be a call looks like: sources of regular expressions, to be searched for.\n * ${ORIGIN}\n */\n${lines.join('')}`;
}

function python(): string {
  const expressions = lookAhead();
  const lines = WORDS.map(([key, name, meaning]) => `\n# ${meaning}\n${name} = r'''${expressions[key]}'''\n`);
  return `"""What a request that may be a call looks like: regular expressions, to be searched for (re.search).\n\n${ORIGIN}\n"""\n${lines.join('')}`;
}

/** `…/chat/completions`, `/model/…/converse`, `/ai/run/@…`. */
function pathWords({ method, end, contains = '' }: Pick<Route, 'method' | 'end' | 'contains'>): string {
  if (method === 'GET') return `\`GET …${end}/{id}\``;
  const middle = contains.endsWith('/') && end.startsWith('/') ? contains.slice(0, -1) : contains;
  return `\`${contains === '' && end !== '/' ? '…' : middle}${contains === '' ? '' : `${middle === contains ? '' : '/'}…`}${end}\``;
}

function row({ title, reads, routes = [], sockets = [], hosts = [] }: Family): string {
  const paths = [...routes.map(pathWords), ...sockets.map(socket => `${pathWords(socket)} (WebSocket)`)];
  const providers = new Set(hosts.map(host => host.provider));
  return `| ${title} | ${reads} | ${[...new Set(paths)].join(', ')} | ${[...providers].join(', ')} |`;
}

function table(before: string): string {
  const begin = before.indexOf(BEGIN);
  const end = before.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`docs/providers.md has no part between ${BEGIN} and ${END}`);
  const rows = ['| Formats | What is read | Paths | Providers by host |', '|---|---|---|---|', ...FAMILIES.map(row)];
  return `${before.slice(0, begin)}${BEGIN}\n${rows.join('\n')}\n${before.slice(end)}`;
}

/** Not of the finders: what they have found is kept by it. */
const NO_FINDERS = new Set(['finders-version.ts', 'kept-findings.ts', 'loader.ts']);
const SOURCES = 'src/attach/sources';

/** A digest of the code that finds functions in files: what other code has found is not believed. Run from the project's root. */
function findersVersion(): string {
  const own = readdirSync(SOURCES).filter(name => name.endsWith('.ts') && !NO_FINDERS.has(name));
  const machine = ['elf.ts', 'elf-search.ts', 'unwind-table.ts', 'go-functions.ts'].map(name => `src/machine/${name}`);
  const hash = createHash('sha256');
  for (const file of [...own.map(name => `${SOURCES}/${name}`).sort(), ...machine]) hash.update(readFileSync(file));
  return `/** Made by \`npm run build\` from the finders' own code. */
export const FINDERS = '${hash.digest('hex').slice(0, 16)}';
`;
}

export const GENERATED: readonly GeneratedFile[] = [
  { file: 'src/bootstrap/node/lookahead.ts', text: typescript },
  { file: 'src/bootstrap/python/openlit_bootstrap/lookahead.py', text: python },
  { file: 'docs/providers.md', text: table },
  { file: 'src/attach/sources/finders-version.ts', text: findersVersion },
];
