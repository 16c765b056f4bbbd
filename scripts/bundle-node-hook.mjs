// What runs inside Node programs (18 and newer): a first file as it is, its sources, and what is loaded on need.
//
//   node scripts/bundle-node-hook.mjs FOLDER
import { cpSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const SOURCE = fileURLToPath(new URL('../src/bootstrap/node/', import.meta.url));
const PACKAGE = fileURLToPath(new URL('../package.json', import.meta.url));

/** [entry, file, first line]. What is loaded late gets the clock from before the program could fake it (runtime.ts). */
const REAL_TIMERS =
  'const{setTimeout,clearTimeout,setInterval,clearInterval,setImmediate,clearImmediate,Date}=' +
  '(globalThis[Symbol.for("openlit-instrument.node")]?.runtime?.timers??globalThis);';
const BUNDLES = [
  ['sources', 'sources', ''],
  ['http2-source', 'http2', ''],
  ['observe', 'observe', REAL_TIMERS],
  ['observe-worker', 'observe-worker', ''],
  ['exit-worker', 'exit-worker', ''],
];

/** Writes the bundles into `folder`; what the compiler left there of the same sources goes. */
export async function bundleNodeHook(folder) {
  const { version } = JSON.parse(readFileSync(PACKAGE, 'utf8'));
  for (const [entry, name, banner] of BUNDLES) {
    await build({
      entryPoints: [path.join(SOURCE, `${entry}.ts`)],
      outfile: path.join(folder, `${name}.cjs`),
      bundle: true,
      format: 'cjs',
      platform: 'node',
      target: 'node18',
      minify: true,
      define: { PACKAGE_VERSION: JSON.stringify(version), 'import.meta.url': 'undefined' },
      external: ['./observe.cjs', './http2.cjs'],
      banner: { js: `'use strict';${banner}` },
      logLevel: 'warning',
    });
  }
  cpSync(path.join(SOURCE, 'hook.cjs'), path.join(folder, 'hook.cjs'));
  for (const file of readdirSync(folder)) if (file.endsWith('.js')) rmSync(path.join(folder, file));
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await bundleNodeHook(process.argv[2]);
