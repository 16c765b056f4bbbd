/**
 * `npm ci` on any platform needs an entry for every platform's binary package. npm leaves out those that the registry in
 * use could not serve when the lock was written, and refuses the lock everywhere from then on.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';

const ROOT = path.resolve(import.meta.dirname, '..');

interface LockEntry {
  optionalDependencies?: Record<string, string>;
}

test.each(['.', 'examples/node'])('the lock of %s holds the binaries of every platform', folder => {
  const file = path.join(ROOT, folder, 'package-lock.json');
  const { packages } = JSON.parse(readFileSync(file, 'utf8')) as { packages: Record<string, LockEntry> };
  const missing = Object.entries(packages).flatMap(([place, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter(
      name => !(`${place}/node_modules/${name}` in packages || `node_modules/${name}` in packages),
    ),
  );
  expect(missing).toEqual([]);
});
