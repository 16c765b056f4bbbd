// The observers of a launch as one file each: one is started beside a program's first call, the other before a program that
// is observed from outside, and reading a hundred files then would take longer than that call.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';

/** @param {string} folder the built project, `dist` */
export async function bundleObserver(folder) {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  const common = {
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    // Names stay as they are, for profiles and stack traces. `keepNames` would do the same at the price of a defineProperty
    // for every closure: a fifth of the observer's time.
    minifyWhitespace: true,
    minifySyntax: true,
    logLevel: 'warning',
  };
  const observer = (main, outfile, define, banner) =>
    build({
      ...common,
      stdin: {
        contents: `import { main } from './src/runs/${main}/main.js';\nvoid main(process.argv.slice(2));\n`,
        resolveDir: process.cwd(),
        loader: 'ts',
      },
      outfile: path.join(folder, outfile),
      define: { PACKAGE_VERSION: JSON.stringify(version), ...define },
      external: ['ffi-rs'],
      banner: { js: `'use strict';${banner}` },
    });
  await observer('observer', 'observer.cjs', { 'import.meta.url': 'undefined' }, '');
  // Its kernel half lies where src/attach/kernel/prebuilt.ts says.
  const place =
    "require('node:url').pathToFileURL(require('node:path').join(__dirname,'attach/kernel/bundled.js')).href";
  await observer('launched', 'attach-observer.cjs', { 'import.meta.url': 'ownUrl' }, `const ownUrl=${place};`);
}
