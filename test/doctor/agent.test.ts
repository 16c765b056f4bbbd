import { expect, test } from '@jest/globals';
import type { Status, StatusFeature } from '../../src/agent/status.js';
import { type AgentFacts, checkAgent } from '../../src/doctor/agent.js';
import { createNotes, type Finding } from '../../src/doctor/finding.js';

const NOW = Date.parse('2026-11-30T20:00:00Z');
const off: StatusFeature = { state: 'off', code: 'not-asked', reason: 'nobody asks for it' };
const status = (more: Partial<Status> = {}): Status => ({
  version: '0.1.0',
  pid: 42,
  at: '2026-11-30T19:59:50Z',
  instance: 'i',
  file_errors: [],
  workloads: [],
  ...more,
});
const workload = (inject: StatusFeature): Status['workloads'][number] => ({
  key: 'docker:shop',
  providers: [],
  pids: [],
  observed: false,
  injected: false,
  features: { observe: off, inject, lifecycle: off },
});

function findings(facts: Partial<AgentFacts>): string[] {
  const found: Finding[] = [];
  checkAgent(
    { runtime: '/run/a', state: '/var/a', socket: '/run/a/tap.sock', listens: true, now: NOW, ...facts },
    createNotes('agent', found),
  );
  return found.map(({ check, verdict, fact, fix }) =>
    [verdict, `${check}:`, fact, fix && `-> ${fix}`].filter(Boolean).join(' '),
  );
}

test('none runs: what to type', () => {
  expect(findings({})).toEqual([
    'failed running: no agent runs on this machine -> sudo openlit-instrument agent --desired fleet.yml',
  ]);
});

test('its folder is not ours to read: nothing is said of it', () => {
  expect(findings({ unreadable: 'permission denied' })).toEqual([
    'unknown running: /run/a cannot be read: permission denied -> sudo openlit-instrument doctor --agent',
  ]);
});

test('one that is well', () => {
  expect(findings({ pid: 42, status: status({ workloads: [workload(off)] }) })).toEqual([
    'ok running: process 42, lock and status in /run/a, state in /var/a',
    'ok socket: hooks can connect at /run/a/tap.sock',
    'ok looks: its last look was 10 s ago; 1 workloads',
  ]);
});

test('what it may not do, and why; a late look, a broken file, a dashboard that is silent, no socket', () => {
  const refused = {
    state: 'refused',
    code: 'cannot-be-done',
    reason: 'it is a Swarm service',
    fix: 'docker service update',
  };
  const seen = status({
    at: '2026-11-30T19:50:00Z',
    file_errors: ['fleet.yml:3: no'],
    dashboard: { url: 'https://d' },
    workloads: [workload(refused), workload({ ...refused, state: 'unclear' })],
  });
  expect(findings({ pid: 42, status: seen, listens: false }).slice(1)).toEqual([
    expect.stringContaining('unknown socket: nobody listens at /run/a/tap.sock'),
    'failed looks: its last look was 600 s ago -> journalctl -u openlit-instrument-agent',
    'failed desired state: fleet.yml:3: no',
    'failed dashboard: https://d has not answered yet',
    'failed docker:shop: inject is refused: it is a Swarm service -> docker service update',
    'unknown docker:shop: inject is unclear: it is a Swarm service -> docker service update',
  ]);
});
