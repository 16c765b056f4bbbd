import os from 'node:os';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { makeFolder } from '../../../src/runs/agent/folders.js';

test.each(['state-dir', 'run-dir'] as const)('a folder that cannot be made is said with --%s', flag => {
  const inside = path.join(import.meta.filename, 'folder');
  expect(() => makeFolder(inside, flag, 0o700)).toThrow(
    expect.objectContaining({ name: 'Problem', fixes: [`--${flag} FOLDER`, 'run it as root'] }),
  );
  expect(() => makeFolder(os.tmpdir(), flag, 0o755)).not.toThrow();
});
