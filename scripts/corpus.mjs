// `npm run corpus [-- --chunks] [--clothes] [--show N] [--only TEXT]`: decodes the corpus beside the clone and prints agreement per provider
// and per attribute. `--clothes` also dresses every exchange in other headers, encodings, hosts and paths (test/support/clothes.ts). `--chunks` also feeds every stream byte by byte and cut at random places. Sources are bundled in memory, so
// that no build is needed and what is measured is what is there.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values } = parseArgs({
  options: {
    chunks: { type: 'boolean' },
    clothes: { type: 'boolean' },
    show: { type: 'string', default: '20' },
    only: { type: 'string' },
  },
});

const folder = mkdtempSync(path.join(tmpdir(), 'openlit-corpus-'));
const bundle = path.join(folder, 'corpus.mjs');
await build({
  entryPoints: [path.join(root, 'test/support/corpus-report.ts')],
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  outfile: bundle,
  logLevel: 'error',
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
});
const { reportCorpus } = await import(pathToFileURL(bundle).href);
rmSync(folder, { recursive: true, force: true });
process.exitCode = await reportCorpus({
  root,
  chunks: values.chunks === true,
  clothes: values.clothes === true,
  show: Number(values.show),
  only: values.only,
});
