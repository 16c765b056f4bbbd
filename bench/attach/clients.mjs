/** Programs that the benchmarks of attach share with its tests: real clients, a library each. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** Where the tests put it; it may be missing. */
export const BUN = path.join(
  root,
  '.cache/runtimes/oven-bun-linux-x64-latest/node_modules/@oven/bun-linux-x64/bin/bun',
);

/** A Python with all clients of test/attach/programs/client.py, where the tests have made one. */
export function clientsPython() {
  const made = path.join(root, '.cache/python');
  return (existsSync(made) ? readdirSync(made) : [])
    .filter(name => name.startsWith('attach-') && existsSync(path.join(made, name, '.ready')))
    .map(name => path.join(made, name, 'bin/python'))
    .find(python => hasLibrary(path.resolve(python, '../../lib'), 'curl_cffi'));
}

const hasLibrary = (lib, name) =>
  readdirSync(lib).some(version => existsSync(path.join(lib, version, 'site-packages', name)));

/** test/attach/programs/client.go, stripped, built into a folder once. Needs Go. */
export function goClient(folder) {
  const file = path.join(folder, 'go-client');
  if (!existsSync(file)) {
    const env = { ...process.env, GOFLAGS: '', GO111MODULE: 'off' };
    execFileSync('go', ['build', '-ldflags=-s -w', '-o', file, path.join(root, 'test/attach/programs/client.go')], {
      env,
    });
  }
  return file;
}
