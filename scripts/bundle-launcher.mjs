// The launcher's way as single files over what tsc made of them: each imported file costs a launch a millisecond. The
// first one is all that a plain launch loads; the others, oclif, ffi-rs and the local view are loaded where needed.
// CommonJS, because starting Node's ESM loader is a tenth of what Node itself takes to start.
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';

/** Loaded on need: a file of settings, a child process, Python's set-up. */
const ON_NEED = ['config/file', 'injectors/spawn'];

/** Modules that stay as tsc made them are imported; ours are required, without that loader. */
const required = {
  name: 'required',
  setup(builder) {
    const names = new Map(ON_NEED.map(name => [`./${name}.js`, `./${name}.cjs`]));
    builder.onResolve({ filter: /^\.\/.*\.js$/ }, ({ path: from }) =>
      names.has(from) ? { path: names.get(from), external: true } : undefined,
    );
  },
};

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
    plugins: [required],
    external: ['@oclif/core', 'typescript', 'ffi-rs', './prepare-python.js', './local-view/*'],
    define: { 'import.meta.url': 'ownUrl' },
    banner: { js: "'use strict';const ownUrl=require('node:url').pathToFileURL(__filename).href;" },
  };
  for (const name of ['launcher', ...ON_NEED]) {
    const { outputFiles } = await build({ ...common, entryPoints: [`src/${name}.ts`] });
    const text = outputFiles[0].text.replaceAll(/\bimport\("([^"]+\.cjs)"\)/g, 'Promise.resolve(require("$1"))');
    writeFileSync(path.join(folder, `${name}.cjs`), text);
    // One copy: our commands import the same file; nobody imports the first one.
    if (name === 'launcher') rmSync(path.join(folder, 'launcher.js'));
    else writeFileSync(path.join(folder, `${name}.js`), `export * from './${path.basename(name)}.cjs';\n`);
  }
}
