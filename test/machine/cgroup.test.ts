/** Where a process runs, from texts as they stand on real machines. */
import { describe, expect, test } from '@jest/globals';
import { containerId, placementOf } from '../../src/machine/cgroup.js';

const ID = '4f0123456789abcd'.repeat(4);
const POD = '0a1b2c3d-0000-1111-2222-333344445555';

describe('the id of a container', () => {
  test.each<[string, string | undefined]>([
    [`12:memory:/docker/${ID}`, undefined],
    [`0::/system.slice/docker-${ID}.scope`, undefined],
    [`0::/machine.slice/libpod-${ID}.scope/container`, undefined],
    [`0::/system.slice/docker-${ID}.scope/system.slice/nginx.service`, undefined],
    [`1:name=systemd:/kubepods/burstable/pod${POD}/${ID}`, undefined],
    ['0::/', `1 2 0:3 /var/lib/docker/containers/${ID}/hostname /etc/hostname rw - ext4 /dev/sda rw`],
  ])('%s', (cgroup, mountinfo) => {
    expect(containerId(cgroup, mountinfo)).toBe(ID);
  });

  test('no container, no id', () => {
    expect(containerId('0::/user.slice/user-0.slice', '1 2 0:3 / / rw')).toBeUndefined();
    expect(containerId(`0::/system.slice/job-${ID}0.service`)).toBeUndefined();
    expect(containerId(undefined)).toBeUndefined();
  });
});

describe('the place', () => {
  test.each([
    ['0::/system.slice/nginx.service', { systemdUnit: 'nginx.service', systemdScope: 'system' }],
    ['0::/system.slice/nginx.service/worker', { systemdUnit: 'nginx.service', systemdScope: 'system' }],
    [
      '13:cpu:/\n1:name=systemd:/system.slice/system-web.slice/web@8080.service\n0::/',
      { systemdUnit: 'web@8080.service', systemdScope: 'system' },
    ],
    [
      '0::/user.slice/user-1000.slice/user@1000.service/app.slice/ollama.service',
      { systemdUnit: 'ollama.service', systemdScope: 'user' },
    ],
    ['0::/user.slice/user-1000.slice/user@1000.service/app.slice/app-terminal-71.scope', {}],
    ['0::/user.slice/user-1000.slice/session-3.scope', {}],
    [`0::/system.slice/docker-${ID}.scope/system.slice/nginx.service`, { container: ID }],
    [
      `0::/kubepods.slice/kubepods-burstable-pod${POD.replaceAll('-', '_')}.slice/cri-containerd-${ID}.scope`,
      { container: ID, podUid: POD },
    ],
    [`11:pids:/kubepods/besteffort/pod${POD}/${ID}`, { container: ID, podUid: POD }],
    ['0::/', {}],
    ['', {}],
  ])('%s', (cgroup, placement) => {
    expect(placementOf(cgroup)).toEqual(placement);
  });
});
