// What runs inside Node programs (18 and newer): a first file as it is, its sources, and what is loaded on need.
//
//   node scripts/bundle-node-hook.mjs FOLDER
import { cpSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const SOURCE = fileURLToPath(new URL('../src/bootstrap/node/', import.meta.url));

/** [entry, file]. */
const BUNDLES = [
  ['sources', 'sources'],
  ['http2-source', 'http2'],
];

/** Writes the bundles into `folder`; what the compiler left there of the same sources goes. */
export async function bundleNodeHook(folder) {
  for (const [entry, name] of BUNDLES) {
    await build({
      entryPoints: [path.join(SOURCE, `${entry}.ts`)],
      outfile: path.join(folder, `${name}.cjs`),
      bundle: true,
      format: 'cjs',
      platform: 'node',
      target: 'node18',
      minify: true,
      external: ['./http2.cjs'],
      banner: { js: "'use strict';" },
      logLevel: 'warning',
    });
  }
  cpSync(path.join(SOURCE, 'hook.cjs'), path.join(folder, 'hook.cjs'));
  for (const file of readdirSync(folder)) if (file.endsWith('.js')) rmSync(path.join(folder, file));
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await bundleNodeHook(process.argv[2]);
