/** `setup python --offline DIR`: whether the folder has what the lock wants, said before anything is started. */
import { readdirSync, readFileSync } from 'node:fs';
import { EXIT_STATUS, Problem } from '../errors.js';

export interface Wheels {
  readonly python: string;
  readonly lock: string;
  /** As the user wrote it. */
  readonly folder: string;
}

/** What to type to fill the folder and use it. The first needs a network and the same Python version and platform. */
export function downloadWheels({ python, lock, folder }: Wheels): string[] {
  return [
    `${python} -m pip download --no-deps --require-hashes -r ${lock} -d ${folder}  # where there is a network`,
    `openlit-instrument setup python --python ${python} --offline ${folder}`,
  ];
}

/** @throws Problem `NO_WHEELS` when there is no such folder */
export function checkFolder(wheels: Wheels): void {
  list(wheels);
}

/** @throws Problem `NO_WHEELS` that names each package without a file; hashes and platforms are the installer's to judge */
export function checkWheels(wheels: Wheels, version: string): void {
  const files = list(wheels).map(name => name.toLowerCase());
  const missing = lockedPackages(readFileSync(wheels.lock, 'utf8')).filter(
    ([name, release]) => !files.some(file => file.startsWith(`${name}-${release}-`) && file.endsWith('.whl')),
  );
  if (missing.length === 0) return;
  throw new Problem({
    code: 'NO_WHEELS',
    message: `${wheels.folder} has no wheel of ${missing.map(each => each.join(' ')).join(', ')}`,
    reason: `OpenLIT's SDK for Python ${version} is installed from exactly these versions`,
    fixes: downloadWheels(wheels),
  });
}

/** `name==version` lines of a lock, the name as it stands in the name of a wheel. */
export function lockedPackages(lock: string): [name: string, version: string][] {
  return [...lock.matchAll(/^([A-Za-z0-9._-]+)==([^\s;\\]+)/gm)].map(([, name, version]) => [
    name!.toLowerCase().replace(/[-_.]+/g, '_'),
    version!,
  ]);
}

function list(wheels: Wheels): string[] {
  try {
    return readdirSync(wheels.folder);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new Problem({
      code: 'NO_WHEELS',
      message: `--offline ${wheels.folder} is no folder of wheels`,
      reason: code === 'ENOENT' ? 'it does not exist' : code === 'ENOTDIR' ? 'it is a file' : message,
      fixes: downloadWheels(wheels),
      exit: EXIT_STATUS.usage,
    });
  }
}
