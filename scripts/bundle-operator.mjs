// The maker of certificates with its library inside: it is no dependency of ours.
import path from 'node:path';
import { build } from 'esbuild';

/** @param {string} folder the built project, `dist` */
export async function bundleOperator(folder) {
  await build({
    entryPoints: ['src/runs/operator/make-certificate.ts'],
    outfile: path.join(folder, 'runs', 'operator', 'make-certificate.js'),
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    // The library asks for Node's crypto with `require`.
    banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
    legalComments: 'none',
    logLevel: 'warning',
  });
}
