/** A folder of wheels is looked at before anything is started: what is missing is named, with what to type. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Problem } from '../../src/errors.js';
import { LOCK_FILES } from '../../src/setup/python-store.js';
import { checkFolder, checkWheels, lockedPackages } from '../../src/setup/python-wheels.js';

const LOCKS = path.resolve(import.meta.dirname, '../../src/bootstrap/python/locks');
const lock = path.join(LOCKS, 'python-3.10.txt');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'wheels-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const problem = (check: () => void): Problem => {
  try {
    check();
  } catch (error) {
    return error as Problem;
  }
  throw new Error('there was no problem');
};

test.each(LOCK_FILES)('every package of %s is read', name => {
  const text = readFileSync(path.join(LOCKS, name), 'utf8');
  expect(lockedPackages(text)).toHaveLength(text.match(/==/g)!.length);
  expect(lockedPackages(text)).toContainEqual(['openlit', '1.45.0']);
  expect(lockedPackages(text).map(([package_]) => package_)).toContain('opentelemetry_semantic_conventions');
});

test('whole, and then without one', () => {
  const packages = lockedPackages(readFileSync(lock, 'utf8'));
  for (const each of packages) writeFileSync(path.join(folder, `${each.join('-')}-py3-none-any.whl`), '');
  const wheels = { python: '/usr/bin/python3', lock, folder };
  checkWheels(wheels, '3.11.7');
  const [name, version] = packages.at(-1)!;
  rmSync(path.join(folder, `${name}-${version}-py3-none-any.whl`));
  writeFileSync(path.join(folder, `${name}-0.1-py3-none-any.whl`), '');
  expect(problem(() => checkWheels(wheels, '3.11.7'))).toMatchObject({
    code: 'NO_WHEELS',
    message: `${folder} has no wheel of ${name} ${version}`,
    fixes: [
      expect.stringContaining(`/usr/bin/python3 -m pip download --no-deps --require-hashes -r ${lock} -d ${folder}`),
      `openlit-instrument setup python --python /usr/bin/python3 --offline ${folder}`,
    ],
    exit: 1,
  });
});

test('a folder that is not there, and a file', () => {
  const at = (place: string) => problem(() => checkFolder({ python: 'python3', lock, folder: place }));
  expect(at('/no/such/folder')).toMatchObject({ reason: 'it does not exist', exit: 2 });
  expect(at(lock)).toMatchObject({
    message: `--offline ${lock} is no folder of wheels`,
    reason: 'it is a file',
    exit: 2,
  });
});
