/** The resource of a process that is observed from outside, beside what the process knows of itself. */
import { existsSync, readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import type { Settings } from '../../../src/config/settings.js';
import { identify } from '../../../src/machine/identity.js';
import { resourceOfProcess } from '../../../src/runs/attach/process-resource.js';

const linux = process.platform === 'linux' ? test : test.skip;
if (process.platform !== 'linux') console.log('skipped: attach reads /proc, which is Linux alone');

linux('this very process', () => {
  const { attributes } = resourceOfProcess(identify(process.pid), {
    settings: { serviceName: 'me' } as Settings,
    version: '1.2.3',
  });
  expect(attributes).toMatchObject({
    'service.name': 'me',
    'process.pid': process.pid,
    'process.parent_pid': process.ppid,
    'process.executable.path': process.execPath,
    'process.executable.name': path.basename(process.execPath),
    'process.owner': os.userInfo().username,
    'host.name': os.hostname(),
    'host.arch': process.arch === 'x64' ? 'amd64' : process.arch,
    'os.type': 'linux',
  });
  // The kernel counts in ticks since a boot whose second it rounds.
  const created = Date.parse(attributes['process.creation.time'] as string);
  expect(Math.abs(created - performance.timeOrigin)).toBeLessThan(5 * 60_000);
  expect(created).toBeLessThanOrEqual(Date.now() + 1_000);
  if (existsSync('/etc/machine-id')) {
    const id = readFileSync('/etc/machine-id', 'utf8').trim();
    expect(attributes['host.id']).toBe(id === '' ? undefined : id);
  }
  for (const value of Object.values(attributes)) expect(value).not.toBe('');
});

linux('one that has ended before it could be looked at: what is known of it, and no time of birth', () => {
  const gone = { pid: 2 ** 22 + 1, name: 'curl', startTime: '' };
  const { attributes } = resourceOfProcess(gone, {
    settings: { resourceAttributes: {} },
    version: '1.2.3',
    observer: { OTEL_SERVICE_NAME: 'shop' },
    executable: '/usr/bin/curl',
  });
  expect(attributes).toMatchObject({
    'service.name': 'shop',
    'process.executable.name': 'curl',
    'process.executable.path': '/usr/bin/curl',
  });
  expect(attributes).not.toHaveProperty('process.creation.time');
});
