/** The rules of `scripts/arrows.cjs` as dependency-cruiser reads them; `npm run lint` runs it over `src/`. */
const path = require('node:path');
const { ARROWS, OWNED_PACKAGES, OWNED_NODE_MODULES, ALLOWED_NODE_MODULES } = require('./scripts/arrows.cjs');

const literal = text => text.replace(/[.+?^${}()|[\]\\]/g, '\\$&');

/** `wire` -> everything below it; `wire/*` -> files directly in it; `errors.ts` -> that file. */
function pattern(place) {
  if (place.endsWith('/*')) return `^src/${literal(place.slice(0, -1))}[^/]+$`;
  return /\.\w+$/.test(place) ? `^src/${literal(place)}$` : `^src/${literal(place)}/`;
}

/** Folders below a folder that have a row of their own, relative to it. */
function innerFolders(folder) {
  return ARROWS.filter(row => row.folder.startsWith(`${folder}/`)).map(row => row.folder.slice(folder.length + 1));
}

/** Files of a row: below its folder, and not below a folder that has a row of its own: an arrow there is one like any. */
function ownPart({ folder }) {
  const inner = innerFolders(folder);
  return inner.length === 0 ? pattern(folder) : `${pattern(folder)}(?!(${inner.map(literal).join('|')})/)`;
}

function arrowRules(row) {
  const from = { path: ownPart(row) };
  const allowed = [ownPart(row), ...row.imports.map(pattern)];
  const types = (row.types ?? []).map(pattern);
  const rules = [
    {
      name: `${row.folder} imports only what its row allows`,
      comment: 'See scripts/arrows.cjs: a new arrow is a decision, and is made there.',
      severity: 'error',
      from,
      to: { path: '^src/', pathNot: [...allowed, ...types] },
    },
  ];
  if (types.length > 0)
    rules.push({
      name: `${row.folder} imports only types from there`,
      comment: 'See scripts/arrows.cjs: `types` are for `import type`.',
      severity: 'error',
      from,
      to: { path: types, pathNot: allowed, dependencyTypesNot: ['type-only'] },
    });
  return rules;
}

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...ARROWS.flatMap(arrowRules),
    {
      name: 'every folder has a row',
      comment: 'A file that no row of scripts/arrows.cjs covers may not exist: add the row, and what it may import.',
      severity: 'error',
      from: { path: '^src/', pathNot: ARROWS.map(({ folder }) => pattern(folder)) },
      to: {},
    },
    {
      name: 'no cycles',
      comment: 'Two files that import each other, over any number of files, cannot be understood one by one.',
      severity: 'error',
      from: { path: '^src/' },
      to: { circular: true },
    },
    {
      name: 'every import is found',
      severity: 'error',
      from: { path: '^src/' },
      to: { couldNotResolve: true },
    },
    ...Object.entries(OWNED_PACKAGES).map(([name, owners]) => ({
      name: `${name} has one owner`,
      comment: `Only ${owners.join(' and ')} may import it: it is heavy at start, or has a native part.`,
      severity: 'error',
      from: { path: '^src/', pathNot: owners.map(pattern) },
      to: { path: `node_modules/${literal(name)}/` },
    })),
    ...Object.entries(OWNED_NODE_MODULES).map(([name, owners]) => ({
      name: `node:${name} has few owners`,
      comment: `Only ${owners.join(', ')} may import it; see scripts/arrows.cjs.`,
      severity: 'error',
      from: { path: '^src/', pathNot: owners.map(pattern) },
      to: { dependencyTypes: ['core'], path: `^(node:)?${name}$` },
    })),
    ...Object.entries(ALLOWED_NODE_MODULES).map(([folder, modules]) => ({
      name: `${folder} does no I/O`,
      comment: `Of Node's own modules it may import ${modules.join(', ')}.`,
      severity: 'error',
      from: { path: pattern(folder) },
      to: { dependencyTypes: ['core'], pathNot: modules.map(module => `^(node:)?${module}$`) },
    })),
  ],
  options: {
    // `import type` is an arrow too.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: path.join(__dirname, 'tsconfig.json') },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
