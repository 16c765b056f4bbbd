/** `kill -9` of the agent at every step of a deed: nothing is restarted twice, nothing half done stays, it converges. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, jest, test } from '@jest/globals';
import { cleanEnvironment, run } from '../support/launcher.js';

jest.setTimeout(120_000);

const PROGRAM = path.resolve(import.meta.dirname, '../support/agent-steps.mjs');
const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

interface End {
  readonly restarts: readonly string[];
  readonly definition?: string;
  readonly running?: string;
  readonly state: string;
  readonly code: string;
  readonly steps: number;
}

function newFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'agent-killed-'));
  folders.push(folder);
  return folder;
}

async function agent(folder: string, wish: string, killAt?: number): Promise<End | undefined> {
  const env = cleanEnvironment(killAt === undefined ? {} : { KILL_AT: `${killAt}` });
  const { status, signal, stdout, stderr } = await run([process.execPath, PROGRAM, folder, wish], { env });
  if (signal === 'SIGKILL') return undefined;
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as End;
}

test('inject and undo, killed once at each step', async () => {
  const calm = await agent(newFolder(), 'inject on');
  expect(calm).toMatchObject({ state: 'on', definition: 'v1', running: 'v1', restarts: ['inject inject 1'] });
  for (let step = 1; step <= calm!.steps; step++) {
    const folder = newFolder();
    expect(await agent(folder, 'inject on', step)).toBeUndefined();
    const on = await agent(folder, 'inject on');
    expect([step, on]).toEqual([
      step,
      {
        state: 'on',
        code: 'as-asked',
        definition: 'v1',
        running: 'v1',
        restarts: ['inject inject 1'],
        steps: on!.steps,
      },
    ]);
    // The wish is turned round, and that is killed, too: after so many steps as well, or it ends before.
    await agent(folder, 'inject off', step);
    const off = await agent(folder, 'inject off');
    expect([step, off]).toEqual([
      step,
      { state: 'off', code: 'switched-off', restarts: ['inject inject 1', 'undo inject 2'], steps: off!.steps },
    ]);
  }
});

test('killed again and again, one step further each time', async () => {
  const folder = newFolder();
  let end: End | undefined;
  for (let step = 4; end === undefined && step < 60; step++) end = await agent(folder, 'inject on', step);
  expect(end).toMatchObject({ state: 'on', definition: 'v1', running: 'v1', restarts: ['inject inject 1'] });
});
