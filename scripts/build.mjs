// Builds dist/: tsc for everything that our own commands run, one esbuild bundle for what Node programs load on need, and
// the files that run inside other people's processes as they are. Same input, same output; nothing is downloaded.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundleLauncher } from './bundle-launcher.mjs';
import { bundleNodeHook } from './bundle-node-hook.mjs';
import { bundleObserver } from './bundle-observer.mjs';
import { bundleOperator } from './bundle-operator.mjs';
import { bundleUi } from './bundle-ui.mjs';
import { generate } from './generate.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);

// Committed files of data, made from the wire formats: before anything reads them.
await generate();

rmSync('dist', { recursive: true, force: true });
// A type error fails the build, at its end: what is right is built all the same.
const types = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json'], {
  stdio: 'inherit',
});
if (types.status !== 0) process.exitCode = 1;

cpSync('src/bootstrap/python', 'dist/bootstrap/python', {
  recursive: true,
  filter: source => !source.includes('__pycache__'),
});

cpSync('src/bootstrap/start-observer.sh', 'dist/bootstrap/start-observer.sh');

execFileSync(process.execPath, ['scripts/prices.mjs', 'dist/prices.json'], { stdio: 'inherit' });

await bundleLauncher('dist');

await bundleNodeHook('dist/bootstrap/node');

await bundleObserver('dist');

await bundleUi('dist');

await bundleOperator('dist');
