/** The agent as other commands see it: a lock of a living process, its status, and a click that becomes a wish. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openLock } from '../../../src/runs/agent/lock.js';
import { takeRequests } from '../../../src/runs/agent/requests.js';
import { runningAgent } from '../../../src/runs/agent/running.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'running-'));
});
afterEach(() => rmSync(folder, { recursive: true }));
const places = () => ({ state: folder, runtime: folder });

test('nobody holds the lock: none runs, whatever a status of before says', () => {
  writeFileSync(path.join(folder, 'status.json'), '{"pid":1}');
  expect(runningAgent(places())).toBeUndefined();
});

test('the one that holds it, with its own status alone, and what is asked of it', () => {
  openLock(path.join(folder, 'agent.lock')).hold();
  writeFileSync(path.join(folder, 'status.json'), '{"pid":1}');
  expect(runningAgent(places())).toMatchObject({ pid: process.pid });
  expect(runningAgent(places())).not.toHaveProperty('status');
  writeFileSync(path.join(folder, 'status.json'), JSON.stringify({ pid: process.pid, workloads: [] }));
  const agent = runningAgent(places());
  expect(agent?.status).toEqual({ pid: process.pid, workloads: [] });
  agent?.observe('docker:shop');
  agent?.observe('docker:shop');
  const asked: unknown[] = [];
  takeRequests(folder, request => asked.push(request));
  expect(asked).toEqual([{ action: 'observe', workload: 'docker:shop' }]);
});
