import { mkdtempSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { makeFolder } from '../../../src/runs/agent/folders.js';
import { openMemory } from '../../../src/runs/agent/memory.js';

test.each(['state-dir', 'run-dir'] as const)('a folder that cannot be made is said with --%s', flag => {
  const inside = path.join(import.meta.filename, 'folder');
  expect(() => makeFolder(inside, flag)).toThrow(
    expect.objectContaining({ name: 'Problem', fixes: [`--${flag} FOLDER`, 'run it as root'] }),
  );
  expect(() => makeFolder(os.tmpdir(), flag)).not.toThrow();
});

test('hooks lie below the state folder, so others may go through it, and read nothing of ours', () => {
  const above = mkdtempSync(path.join(os.tmpdir(), 'agent-folders-'));
  try {
    const folder = path.join(above, 'state');
    openMemory(folder);
    const mode = (file: string) => statSync(file).mode & 0o777;
    expect([mode(folder), mode(path.join(folder, 'instance.json'))]).toEqual([0o755, 0o600]);
  } finally {
    rmSync(above, { recursive: true });
  }
});
