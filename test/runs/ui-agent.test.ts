/** The page beside a running agent: a click is a wish in the agent's folder, and the answer is what the agent says of it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openLock } from '../../src/runs/agent/lock.js';
import { takeRequests } from '../../src/runs/agent/requests.js';
import { agentBeside, withAgent } from '../../src/runs/ui-agent.js';

const PID = 4242;
const KEY = 'linux:systemd:app.service';
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'ui-agent-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const find = () => agentBeside({ STATE_DIRECTORY: folder, RUNTIME_DIRECTORY: folder }, false);

/** Stands for the agent: this process holds its lock and writes its status. */
function says(state: string, observed = false): void {
  const feature = { state, code: 'x', reason: 'why' };
  const features = { observe: feature, inject: feature, lifecycle: feature };
  const workloads = [{ key: KEY, providers: [], pids: [PID], observed, injected: false, features }];
  openLock(path.join(folder, 'agent.lock')).hold();
  writeFileSync(path.join(folder, 'status.json'), JSON.stringify({ pid: process.pid, workloads }));
}

const row = { pid: PID, name: 'app', command: 'app', evidence: '', way: 'attach now', mayStart: true };

test('no agent: the page is as it was', () => {
  expect(find()).toBeUndefined();
  expect(withAgent(row, undefined)).toBe(row);
});

test('one click: the wish is in its folder, and the page waits until the agent says that it is so', async () => {
  says('off');
  const answer = find()!.observe(PID);
  const asked: unknown[] = [];
  takeRequests(folder, request => asked.push(request));
  expect(asked).toEqual([{ action: 'observe', workload: KEY }]);
  says('on', true);
  expect(await answer).toMatchObject({ state: 'attached', text: expect.stringContaining(KEY) });
  expect(withAgent(row, find())).toMatchObject({
    way: `observed by the agent (process ${process.pid})`,
    mayStart: false,
  });
});

test('what the agent refuses is said in its words', async () => {
  says('refused');
  expect(await find()!.observe(PID)).toEqual({
    pid: PID,
    state: 'ended',
    text: `the agent says of ${KEY}: refused: why`,
  });
  expect(await find()!.observe(PID + 1)).toMatchObject({ text: 'the agent does not see this process any more' });
});
