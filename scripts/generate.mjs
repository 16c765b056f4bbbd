// Writes the files that are made from the tables of src/wire/providers (scripts/generated-files.ts says which). Part of
// `npm run build`; writes only what has changed.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

export async function generate() {
  const { outputFiles } = await build({
    entryPoints: [path.join(root, 'scripts/generated-files.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    write: false,
    logLevel: 'error',
  });
  const source = Buffer.from(outputFiles[0].text).toString('base64');
  const { GENERATED } = await import(`data:text/javascript;base64,${source}`);
  for (const { file, text } of GENERATED) {
    const target = path.join(root, file);
    const before = readIfThere(target);
    const after = text(before);
    if (after !== before) writeFileSync(target, after);
  }
}

function readIfThere(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await generate();
