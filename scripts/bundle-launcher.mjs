// The launcher's way as single files over what tsc made of them: each imported file costs a launch a millisecond. The
// first one is all that a plain launch loads; the others, oclif, ffi-rs and the local view are loaded where needed.
// CommonJS, because starting Node's ESM loader is a tenth of what Node itself takes to start.
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';

/** Loaded on need, each one file: a file of settings, a child process. */
const ON_NEED = ['config/file', 'machine/exec/spawn'];
/** Loaded on need as tsc made them: Python's set-up, the local view, observing from outside, the page. */
const AS_COMPILED = [
  'discovery/rights',
  'runs/launched/beside',
  'runs/launched/child',
  'runs/launched/program',
  'runs/local-view/local-view',
  'runs/prepare-python',
  'runs/ui',
];

/** Modules that stay as tsc made them are imported; ours are required, without that loader. Paths are those below `dist/`. */
const required = own => ({
  name: 'required',
  setup(builder) {
    builder.onResolve({ filter: /^\.{1,2}\/.*\.js$/ }, ({ path: specifier, resolveDir }) => {
      const name = path.relative('src', path.resolve(resolveDir, specifier)).replace(/\.js$/, '');
      if (name === own) return undefined;
      const to = path.relative(path.dirname(own), name);
      const from = to.startsWith('.') ? to : `./${to}`;
      if (ON_NEED.includes(name)) return { path: `${from}.cjs`, external: true };
      return AS_COMPILED.includes(name) ? { path: `${from}.js`, external: true } : undefined;
    });
  },
});

/** @param {string} folder the built project, `dist` */
export async function bundleLauncher(folder) {
  const common = {
    bundle: true,
    minify: true,
    keepNames: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    write: false,
    logLevel: 'warning',
    external: ['@oclif/core', 'typescript', 'ffi-rs'],
    define: { 'import.meta.url': 'ownUrl' },
  };
  for (const name of ['launcher', ...ON_NEED]) {
    // What a bundled file says of its place is true of src/machine/package-folder.ts, the only one that asks for folders.
    const place = path.join(path.relative(path.dirname(name), '.'), 'machine/bundled.js');
    const banner = `'use strict';const ownUrl=require('node:url').pathToFileURL(require('node:path').join(__dirname,${JSON.stringify(place)})).href;`;
    const plugins = [required(name)];
    const { outputFiles } = await build({
      ...common,
      plugins,
      banner: { js: banner },
      entryPoints: [`src/${name}.ts`],
    });
    const text = outputFiles[0].text.replaceAll(/\bimport\("([^"]+\.cjs)"\)/g, 'Promise.resolve(require("$1"))');
    writeFileSync(path.join(folder, `${name}.cjs`), text);
    // One copy: our commands import the same file; nobody imports the first one.
    if (name === 'launcher') rmSync(path.join(folder, 'launcher.js'));
    else writeFileSync(path.join(folder, `${name}.js`), `export * from './${path.basename(name)}.cjs';\n`);
  }
}
