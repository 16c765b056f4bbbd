import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { isPythonSdkReady, LOCK_FILES, pythonSdkStore, readyMark } from '../../src/setup/python-store.js';
import { BOOTSTRAP, python } from '../bootstrap/python/run.js';

describe('where the copies lie', () => {
  const cases: [Record<string, string>, string][] = [
    [{ HOME: '/h' }, '/h/.cache/openlit-instrument/python'],
    [{ HOME: '/h', XDG_CACHE_HOME: '/x' }, '/x/openlit-instrument/python'],
    [{ HOME: '/h', XDG_CACHE_HOME: '/x', OPENLIT_INSTRUMENT_CACHE_DIR: '/c' }, '/c/python'],
    [{ HOME: '/h', OPENLIT_INSTRUMENT_CACHE_DIR: '/c', OPENLIT_INSTRUMENT_PYTHON_SDK: '/s' }, '/s'],
  ];
  test.each(cases)('%j -> %s, for us and for the hook', (env, folder) => {
    expect(pythonSdkStore(env)).toBe(folder);
    const code = `
import os
for name in list(os.environ):
    if name.startswith(("OPENLIT_", "XDG_")):
        del os.environ[name]
os.environ.update(given)
from openlit_bootstrap import sdk
print(json.dumps(sdk.store()))
`;
    expect(python(code, env)).toBe(folder);
  });
});

test('a copy is ready for one interpreter file and one lock; a removed copy is not', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'openlit-store-'));
  const env = { OPENLIT_INSTRUMENT_PYTHON_SDK: path.join(folder, 'store') };
  const interpreter = path.join(folder, 'python');
  writeFileSync(interpreter, 'x');
  expect(isPythonSdkReady(interpreter, BOOTSTRAP, env)).toBe(false);
  const copy = path.join(folder, 'copy');
  writeFileSync(copy, '');
  const mark = readyMark(interpreter, BOOTSTRAP, env.OPENLIT_INSTRUMENT_PYTHON_SDK);
  mkdirSync(path.dirname(mark), { recursive: true });
  symlinkSync(copy, mark);
  expect(isPythonSdkReady(interpreter, BOOTSTRAP, env)).toBe(true);
  expect(isPythonSdkReady('/no/such/python', BOOTSTRAP, env)).toBe(false);
  const other = path.join(folder, 'bootstrap');
  mkdirSync(path.join(other, 'locks'), { recursive: true });
  for (const lock of LOCK_FILES) writeFileSync(path.join(other, 'locks', lock), 'changed');
  expect(isPythonSdkReady(interpreter, other, env)).toBe(false);
  writeFileSync(interpreter, 'another build');
  expect(isPythonSdkReady(interpreter, BOOTSTRAP, env)).toBe(false);
  rmSync(folder, { recursive: true });
});
