/** What becomes of a container's parts when it is made anew; the engine's own behaviour is in the e2e test. */
import { describe, expect, test } from '@jest/globals';
import { differences } from '../../src/targets/docker/compare.js';
import { becameOf } from '../../src/targets/docker/docker.js';
import { socketOf, unreachable } from '../../src/targets/docker/engine.js';
import { withHook, withoutBinds, withoutHook } from '../../src/targets/docker/environment.js';
import type { Container } from '../../src/targets/docker/inspect.js';
import { ownFiles, ownFilesRefusal } from '../../src/targets/docker/own-files.js';
import { anonymousVolumes, recreation } from '../../src/targets/docker/recreate.js';
import { containerRefusal, podmanRefusal } from '../../src/targets/docker/refusals.js';
import { tarOf } from '../../src/targets/docker/tar.js';

const ID = 'ab'.repeat(32);

const container = (config: object = {}, host: object = {}, more: Partial<Container> = {}): Container => ({
  Id: ID,
  Name: '/web',
  Image: 'sha256:1',
  State: { Status: 'running', Running: true, StartedAt: new Date(1_000).toISOString() },
  Config: { Image: 'web:1', Hostname: ID.slice(0, 12), Env: ['A=1'], ...config },
  HostConfig: { NetworkMode: 'default', ...host },
  ...more,
});

const TAP = JSON.stringify({ v: 1, injection: '0123456789ab' });
const HOOK = {
  PYTHONPATH: '/opt/openlit-instrument/bootstrap/python:/image',
  OPENLIT_INSTRUMENT_ORIGINAL_PYTHONPATH: '/image',
  NODE_OPTIONS: '--require x',
  OPENLIT_INSTRUMENT_ORIGINAL_NODE_OPTIONS: '',
  OPENLIT_INSTRUMENT_TAP: TAP,
};

test('D6 with the hook and without it again: every line at its place', () => {
  const before = ['A=1', 'PYTHONPATH=/image', 'Z=a=b'];
  const after = withHook(before, HOOK);
  expect(after.slice(0, 3)).toEqual(['A=1', `PYTHONPATH=${HOOK.PYTHONPATH}`, 'Z=a=b']);
  expect(withoutHook(container({ Env: after }))).toEqual(before);
  expect(withoutHook(container({ Env: before }))).toBe(before);
});

test('binds of ours are known by where they lead, in the words of either engine', () => {
  const Binds = ['/a:/b', 'v:/opt/openlit-instrument:ro', '/x:/run/openlit-instrument:ro,rprivate,rbind'];
  expect(withoutBinds(container({}, { Binds }))).toEqual(['/a:/b']);
});

describe('D1 made anew', () => {
  const made = (one: Container, image?: { Entrypoint?: string[] }) =>
    recreation(one, { Id: 'sha256:1', Config: image ?? null }, 'web:1', { env: [], binds: [] }).body as Record<
      string,
      unknown
    > & {
      HostConfig: Record<string, unknown>;
    };
  test('a host name of its own stays, one of the engine is given anew', () => {
    expect(made(container())).not.toHaveProperty('Hostname');
    expect(made(container({ Hostname: 'shop' }))).toMatchObject({ Hostname: 'shop' });
    expect(made(container({ Hostname: 'shop' }, { UTSMode: 'host' }))).not.toHaveProperty('Hostname');
  });
  test('an entry point that was taken away does not come back', () => {
    expect(made(container({ Entrypoint: null }), { Entrypoint: ['/x'] })).toMatchObject({ Entrypoint: [''] });
    expect(made(container({ Entrypoint: ['/y'] }), { Entrypoint: ['/x'] })).toMatchObject({ Entrypoint: ['/y'] });
  });
  test('links, limits and what we do not know go through', () => {
    const host = {
      Links: ['/db:/web/alias'],
      Init: true,
      Ulimits: [{ Name: 'RLIMIT_NOFILE', Soft: 1, Hard: 2 }],
      New: { field: 1 },
    };
    expect(made(container({}, host)).HostConfig).toMatchObject({
      Links: ['db:alias'],
      Init: true,
      Ulimits: [{ Name: 'nofile', Soft: 1, Hard: 2 }],
      New: { field: 1 },
    });
  });
  test('each network with its address and aliases, one at the making and the others after', () => {
    const Networks = {
      one: { IPAMConfig: { IPv4Address: '10.0.0.9' }, Aliases: ['w', ID.slice(0, 12)], EndpointID: 'x' },
      two: { Aliases: [ID.slice(0, 12)] },
    };
    const one = container({}, { NetworkMode: 'one' }, { NetworkSettings: { Networks } });
    const { body, networks } = recreation(one, undefined, 'web:1', { env: [], binds: [] });
    const endpoint = { IPAMConfig: { IPv4Address: '10.0.0.9' }, Aliases: ['w'] };
    expect(body).toMatchObject({ NetworkingConfig: { EndpointsConfig: { one: endpoint } } });
    expect(networks).toEqual([['two', {}]]);
  });
  test('D7 volumes without a name come along by their hash', () => {
    const Mounts = [
      { Type: 'volume', Name: 'c'.repeat(64), Destination: '/anon', RW: true },
      { Type: 'volume', Name: 'named', Destination: '/named' },
      { Type: 'bind', Source: '/x', Destination: '/y' },
    ];
    expect(anonymousVolumes(container({}, {}, { Mounts }))).toEqual([`${'c'.repeat(64)}:/anon`]);
  });
  test('what the engine does not give back is found, what it numbers anew is not', () => {
    const other = { ...container({ Env: ['B=2'] }, { Memory: 1, Binds: ['a:/b'] }), Id: 'cd'.repeat(32) };
    other.Config = { ...other.Config, Hostname: 'cd'.repeat(6) } as never;
    expect(differences(container({}, { Memory: 1 }), other)).toEqual([]);
    expect(differences(container({ User: 'me' }, { Memory: 2, Tmpfs: {} }), other).sort()).toEqual([
      'Config.User',
      'HostConfig.Memory',
    ]);
  });
});

describe('refusals', () => {
  const sharer = container({}, { NetworkMode: `container:${ID}` }, { Id: 'ef'.repeat(32), Name: '/side' });
  test.each<[string, Container, RegExp]>([
    ['D2 that shares', sharer, /shares the network of another/],
    ['D2 that is shared', container(), /side shares the network/],
    ['D7 --rm', container({}, { AutoRemove: true }), /--rm/],
    ['D7 Swarm', container({ Labels: { 'com.docker.swarm.service.id': 'x' } }), /Swarm/],
    ['D9 of a unit of Podman', container({ Labels: { PODMAN_SYSTEMD_UNIT: 'a.service' } }), /a\.service/],
  ])('%s', (_name, one, words) => expect(containerRefusal(one, [sharer, one])).toMatch(words));
  test.each([
    [{ Pod: 'p' }, /in a pod/],
    [{ Config: { Secrets: [{}] } }, /secrets/],
    [{ Config: { Umask: '0077' } }, /umask/],
    [{ Config: { Umask: '0000', CreateCommand: ['podman', 'run', '--umask=0'] } }, /umask/],
  ])('D9 %j', (libpod, words) => expect(podmanRefusal('web', libpod)).toMatch(words));
  test('D9 the usual container of Podman is not refused', () =>
    expect(
      podmanRefusal('web', { Pod: '', Config: { Umask: '0022', CreateCommand: ['podman', 'run'] } }),
    ).toBeUndefined());
});

test('D5 a container’s own files are its leaves, without mounts and the way to them', () => {
  const changed = [
    { Path: '/run', Kind: 0 },
    { Path: '/run/secrets', Kind: 1 },
    { Path: '/run/secrets/key', Kind: 1 },
    { Path: '/data', Kind: 1 },
    { Path: '/etc/x', Kind: 2 },
  ];
  const own = ownFiles(changed, ['/data']);
  expect(own).toEqual({ paths: ['/run/secrets/key'], deleted: 1 });
  expect(ownFilesRefusal(own)).toContain('deleted 1 files');
  expect(ownFilesRefusal({ paths: Array.from({ length: 3_000 }, String), deleted: 0 })).toContain(
    'put them into a volume',
  );
});

test('D10 each way not to reach an engine has its words', () => {
  expect(socketOf('docker', { DOCKER_HOST: 'unix:///x.sock' })).toBe('/x.sock');
  expect(() => socketOf('docker', { DOCKER_HOST: 'tcp://1.2.3.4:1' })).toThrow(
    'DOCKER_HOST does not name a unix socket',
  );
  expect(unreachable('docker', '/x', Object.assign(new Error(), { code: 'EACCES' }))).toMatchObject({
    exit: 3,
    reason: expect.stringContaining('as good as root'),
  });
  expect(unreachable('podman', '/x', Object.assign(new Error(), { code: 'ENOENT' }))).toMatchObject({
    fixes: expect.arrayContaining(['systemctl start podman.socket']),
  });
});

test('an archive has folders first, for everybody to read, and ends as it must', () => {
  const archive = tarOf([{ name: 'a/b/c.txt', content: Buffer.from('hello') }]);
  expect(archive.length % 512).toBe(0);
  expect([0, 512, 1024].map(at => archive.toString('latin1', at, at + 100).replace(/\0.*$/s, ''))).toEqual([
    'a/',
    'a/b/',
    'a/b/c.txt',
  ]);
  expect(archive.toString('latin1', 1024 + 100, 1024 + 107)).toBe('0000644');
  expect(archive.toString('latin1', 1536, 1541)).toBe('hello');
});

test.each([
  ['inject', { old: container() }, 'half-done'],
  ['inject', { fresh: container() }, 'half-done'],
  ['inject', {}, 'not-done'],
  ['undo', {}, 'done'],
] as const)('after a kill in the midst of %s: %#', (deed, left, outcome) => {
  const started = { deed, at: 2_000, incarnation: ID };
  expect(becameOf(started, container(), { old: undefined, fresh: undefined, ...left })).toMatchObject({ outcome });
});
