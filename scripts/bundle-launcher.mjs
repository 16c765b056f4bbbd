// The launcher's way as single files over what tsc made of them: each imported file costs a launch a millisecond. The
// first one is all that a plain launch loads; the others, oclif, ffi-rs and the local view are loaded where needed.
import { build } from 'esbuild';

/** Loaded on need: a file of settings, a child process, Python's set-up. */
const ON_NEED = ['config/file', 'injectors/spawn'];

/** @param {string} folder the built project, `dist` */
export async function bundleLauncher(folder) {
  const common = {
    bundle: true,
    minify: true,
    keepNames: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    allowOverwrite: true,
    logLevel: 'warning',
    external: [
      '@oclif/core',
      'typescript',
      'ffi-rs',
      ...ON_NEED.map(name => `./${name}.js`),
      './prepare-python.js',
      './local-view/*',
    ],
    // Packages that are CommonJS inside call require.
    banner: {
      js: "import { createRequire as createRequireForBundle } from 'node:module'; const require = createRequireForBundle(import.meta.url);",
    },
  };
  await build({ ...common, entryPoints: ['src/launcher.ts'], outfile: `${folder}/launcher.js` });
  for (const name of ON_NEED)
    await build({ ...common, entryPoints: [`src/${name}.ts`], outfile: `${folder}/${name}.js` });
}
