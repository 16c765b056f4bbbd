// The observer of a launch as one file: it is started beside a program's first call, and reading a hundred files then would
// take longer than that call.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';

/** @param {string} folder the built project, `dist` */
export async function bundleObserver(folder) {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  await build({
    stdin: {
      contents: "import { main } from './src/runs/observer/main.js';\nvoid main(process.argv.slice(2));\n",
      resolveDir: process.cwd(),
      loader: 'ts',
    },
    outfile: path.join(folder, 'observer.cjs'),
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    // Names stay as they are, for profiles and stack traces. `keepNames` would do the same at the price of a defineProperty
    // for every closure: a fifth of the observer's time.
    minifyWhitespace: true,
    minifySyntax: true,
    define: { PACKAGE_VERSION: JSON.stringify(version), 'import.meta.url': 'undefined' },
    banner: { js: "'use strict';" },
    logLevel: 'warning',
  });
}
