// The page as one script and one style sheet, and the server's Markdown with its parser inside: none of the page's packages
// is a dependency of ours.
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';

/** Bytes that the page's script may have: it is there within a second on a slow machine too. */
const LARGEST = 100_000;

/** @param {string} folder the built project, `dist` */
export async function bundleUi(folder) {
  const page = path.join(folder, 'ui', 'page');
  rmSync(page, { recursive: true, force: true });
  mkdirSync(page, { recursive: true });
  const { metafile } = await build({
    entryPoints: { page: 'src/ui/page/main.tsx' },
    outdir: page,
    bundle: true,
    minify: true,
    metafile: true,
    format: 'esm',
    platform: 'browser',
    target: ['chrome109', 'firefox115', 'safari16'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    tsconfig: 'src/ui/page/tsconfig.json',
    legalComments: 'none',
    logLevel: 'warning',
  });
  const [, { bytes }] = Object.entries(metafile.outputs).find(([name]) => name.endsWith('page.js'));
  if (bytes > LARGEST) throw new Error(`dist/ui/page/page.js has ${bytes} bytes; at most ${LARGEST}`);
  for (const name of ['index.html', 'icon.svg']) cpSync(`src/ui/page/${name}`, path.join(page, name));
  await build({
    entryPoints: ['src/ui/server/markdown.ts'],
    outfile: path.join(folder, 'ui', 'server', 'markdown.js'),
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    legalComments: 'none',
    logLevel: 'warning',
  });
}
