/**
 * `inject docker` and `inject podman` with real engines: containers that know nothing of us are made anew with the hook, are
 * observed over their restarts, and are as before afterwards. Names as in the list of faults that others had (D1 to D10).
 */
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { CALLING_NODE, CALLING_PYTHON, startAnswering } from '../support/calling-programs.js';
import { IMAGE, noEngine, startEngine, type TestEngine, WITH_PROGRAMS } from '../support/engines.js';
import { cleanEnvironment, LAUNCHER, run } from '../support/launcher.js';
import { type OtlpReceiver, startOtlpReceiver } from '../support/otlp-receiver.js';
import type { Listening } from '../support/servers.js';
import { type StandingObserver, startStandingObserver } from '../support/standing-observer.js';

jest.setTimeout(180_000);

const ENGINES = (['docker', 'podman'] as const).filter(kind => {
  const reason = noEngine(kind);
  if (reason !== undefined) console.log(`skipped: inject into real containers of ${kind}: ${reason}`);
  return reason === undefined;
});

interface Inspected {
  readonly Id: string;
  readonly State: { readonly Running: boolean; readonly Pid: number };
  readonly Config: { readonly Env: string[] } & Record<string, unknown>;
  readonly HostConfig: { readonly Binds: string[] | null } & Record<string, unknown>;
  readonly NetworkSettings: { readonly Networks: Record<string, Record<string, unknown>> };
}

let provider: Listening;
let receiver: OtlpReceiver;
let observer: StandingObserver;
let folder = '';

beforeAll(async () => {
  provider = await startAnswering();
  receiver = await startOtlpReceiver();
  folder = mkdtempSync(path.join(os.tmpdir(), 'inject-'));
  observer = await startStandingObserver(folder, receiver.url);
  const at = `http://127.0.0.1:${provider.port}`;
  mkdirSync(path.join(folder, 'srv'));
  writeFileSync(path.join(folder, 'srv/app.py'), CALLING_PYTHON(at));
  writeFileSync(path.join(folder, 'srv/app.cjs'), CALLING_NODE(at));
});
afterAll(async () => {
  await observer?.stop();
  await provider?.close();
  await receiver?.close();
  rmSync(folder, { recursive: true, force: true });
});

describe.each(ENGINES)('inject %s', kind => {
  let engine: TestEngine;
  beforeAll(async () => {
    engine = await startEngine(kind);
  });
  afterAll(async () => {
    await engine?.stop();
  });

  afterEach(() => engine.removeAll());

  const inject = (...words: string[]) =>
    run([process.execPath, LAUNCHER, 'inject', kind, ...words], {
      env: cleanEnvironment({
        DOCKER_HOST: engine.address,
        CONTAINER_HOST: engine.address,
        OPENLIT_INSTRUMENT_AGENT_SOCKET: observer.socket,
      }),
    });
  const docker = (...words: string[]) => engine.docker(...words);
  const inspect = async (name: string) => (JSON.parse(await docker('inspect', name)) as [Inspected])[0];
  const start = (name: string, options: string[], ...command: string[]) =>
    docker('run', '-d', '--name', name, '--stop-timeout', '1', ...WITH_PROGRAMS, ...options, IMAGE, ...command);
  const oneLine = (text: string) => text.replace(/\s+/g, ' ');

  /** What somebody chose: all but what an engine numbers anew. */
  function chosen({ Id, Config, HostConfig, NetworkSettings }: Inspected) {
    const networks = Object.entries(NetworkSettings.Networks).map(([name, { IPAMConfig, Aliases }]) => {
      const aliases = ((Aliases as string[] | null) ?? []).filter(alias => !Id.startsWith(alias)).sort();
      return [name, IPAMConfig, aliases];
    });
    const hostname = Id.startsWith(String(Config['Hostname'])) ? 'its own' : Config['Hostname'];
    const { Binds, ...host } = HostConfig;
    return {
      config: { ...Config, Env: [...Config.Env].sort(), Hostname: hostname },
      host: { ...host, Binds: [...(Binds ?? [])].sort() },
      networks,
    };
  }

  test.each([
    ['python', ['python3', '/srv/app.py']],
    ['node', [process.execPath, '/srv/app.cjs']],
  ])(
    'D8 the way round in %s: hook, calls, restart by somebody else, undo; then all is as before',
    async (name, command) => {
      const node = path.dirname(process.execPath);
      const own = node.startsWith('/usr/') ? [] : ['-v', `${node}:${node}:ro`];
      await start(name, ['--network', 'host', '-v', `${folder}/srv:/srv:ro`, ...own], ...command);
      const before = chosen(await inspect(name));
      const dry = await inject(name, '--dry-run');
      expect(dry).toMatchObject({ status: 0 });
      expect(dry.stdout).toContain('+env OPENLIT_INSTRUMENT_TAP=');
      expect(chosen(await inspect(name))).toEqual(before);
      receiver.clear();
      expect(await inject(name)).toMatchObject({
        status: 0,
        stderr: expect.stringContaining('has the hook, restarted'),
      });
      await receiver.waitForSpans(1, 30_000);
      const { Id } = await inspect(name);
      expect(await inject(name)).toMatchObject({ status: 0 });
      expect((await inspect(name)).Id).toBe(Id);
      // D8: a restart by somebody else keeps it.
      await docker('restart', '-t', '1', name);
      receiver.clear();
      await receiver.waitForSpans(1, 30_000);
      expect(await inject(name, '--undo')).toMatchObject({ status: 0 });
      expect(chosen(await inspect(name))).toEqual(before);
      expect(await docker('volume', 'ls', '-q')).not.toContain('openlit-instrument');
      expect(await docker('ps', '-a', '--format', '{{.Names}}')).toBe(name);
    },
  );

  test('D1 environment, labels, networks, ports, limits, health, mounts: only ours is new', async () => {
    const options = ['--hostname', 'shop', '--restart', 'unless-stopped', '-e', 'A=two words', '-l', 'team=blue'];
    const machine = ['--memory', '64m', '--tmpfs', '/scratch', '-v', 'named:/named'];
    // Podman cannot make networks of its own on every machine; there the container has none.
    const network =
      kind === 'podman'
        ? ['--network', 'none']
        : [
            '--network',
            'one',
            '--ip',
            '10.91.7.9',
            '--network-alias',
            'w1',
            '-p',
            '127.0.0.1:0:80',
            '--add-host',
            'h:1.2.3.4',
          ];
    const more =
      kind === 'podman'
        ? []
        : [
            '--device',
            '/dev/null:/dev/mynull',
            '--ulimit',
            'nofile=2000:3000',
            '--log-opt',
            'max-size=1m',
            '--health-cmd',
            'true',
            '--health-interval',
            '1s',
            '--sysctl',
            'net.ipv4.ip_unprivileged_port_start=0',
            '--dns',
            '9.9.9.9',
          ];
    if (kind === 'docker') {
      await docker('network', 'create', '--subnet', '10.91.7.0/24', 'one');
      await docker('network', 'create', 'two');
    }
    await start(
      'all',
      [...options, ...machine, ...network, ...more],
      'sh',
      '-c',
      'echo mine > /opt/mine; exec sleep 100000',
    );
    if (kind === 'docker') await docker('network', 'connect', '--alias', 'w2', 'two', 'all');
    const before = chosen(await inspect('all'));
    expect(await inject('all')).toMatchObject({ status: 0 });
    const after = chosen(await inspect('all'));
    const ours = /openlit-instrument|OPENLIT_INSTRUMENT/;
    expect({ ...after.config, Env: [] }).toEqual({ ...before.config, Env: [] });
    expect({ ...after.host, Binds: after.host.Binds.filter(bind => !ours.test(bind)) }).toEqual(before.host);
    expect(after.networks).toEqual(before.networks);
    expect(before.config.Env.filter(line => !after.config.Env.includes(line))).toEqual(['PYTHONPATH=/image/path']);
    expect(await docker('exec', 'all', 'cat', '/opt/mine')).toBe('mine');
    expect(await inject('all', '--undo')).toMatchObject({ status: 0 });
    expect(chosen(await inspect('all'))).toEqual(before);
  });

  test('D2 a container that shares a network with another is left as it is, and so is the other one', async () => {
    await start('first', ['--network', 'none']);
    await start('second', ['--network', 'container:first']);
    const ids = [(await inspect('first')).Id, (await inspect('second')).Id];
    expect(oneLine((await inject('first')).stderr)).toContain(
      'second shares the network, processes or volumes of first',
    );
    expect(oneLine((await inject('second')).stderr)).toContain('shares the network of another container');
    expect([(await inspect('first')).Id, (await inspect('second')).Id]).toEqual(ids);
  });

  test('D3 where the new container does not stay up, the old one runs again', async () => {
    const picky = '[ -z "$OPENLIT_INSTRUMENT_TAP" ] || exit 3; exec sleep 100000';
    await start('picky', ['--network', 'none'], 'sh', '-c', picky);
    const { Id } = await inspect('picky');
    const failed = await inject('picky');
    expect(failed.status).toBe(1);
    expect(oneLine(failed.stderr)).toMatch(/exit status 3.*the container of before runs again/);
    expect(await inspect('picky')).toMatchObject({ Id, State: { Running: true } });
    expect(await docker('ps', '-a', '--format', '{{.Names}}')).toBe('picky');
  });

  test('D4 a container of compose keeps its labels, and that compose may make it anew is said', async () => {
    const label = 'com.docker.compose.config-hash=abc';
    await start('composed', ['--network', 'none', '-l', label]);
    const done = await inject('composed');
    expect(oneLine(done.stderr)).toContain('docker compose up leaves it alone until its own configuration changes');
    expect((await inspect('composed')).Config['Labels']).toMatchObject({ 'com.docker.compose.config-hash': 'abc' });
  });

  test('D5 what was copied into a container, as compose does with secrets, comes along', async () => {
    await docker('create', '--name', 'secret', '--network', 'none', '--stop-timeout', '1', ...WITH_PROGRAMS, IMAGE);
    writeFileSync(path.join(folder, 'token'), 'planted');
    chmodSync(path.join(folder, 'token'), 0o400);
    await docker('cp', path.join(folder, 'token'), 'secret:/data/token');
    await docker('start', 'secret');
    expect(await inject('secret')).toMatchObject({ status: 0 });
    expect(await docker('exec', 'secret', 'stat', '-c', '%a %s', '/data/token')).toBe('400 7');
  });

  test('D6 PYTHONPATH of the image is kept behind ours', async () => {
    await start('image', ['--network', 'none']);
    await inject('image');
    expect((await inspect('image')).Config.Env).toContain(
      'PYTHONPATH=/opt/openlit-instrument/bootstrap/python:/image/path',
    );
  });

  test('D7 --rm is refused; a volume without a name comes along with what is in it', async () => {
    await start('passing', ['--network', 'none', '--rm']);
    expect(oneLine((await inject('passing')).stderr)).toContain('was started with --rm');
    await start(
      'anonymous',
      ['--network', 'none', '-v', '/anon'],
      'sh',
      '-c',
      'echo kept > /anon/file; exec sleep 100000',
    );
    const done = await inject('anonymous');
    expect(done.status).toBe(0);
    expect(await docker('exec', 'anonymous', 'cat', '/anon/file')).toBe('kept');
  });

  test('D10 no agent, no socket, no right: each is said, with what to type', async () => {
    await start('alone', ['--network', 'none']);
    const base = { DOCKER_HOST: engine.address, CONTAINER_HOST: engine.address };
    const ask = (env: NodeJS.ProcessEnv) =>
      run([process.execPath, LAUNCHER, 'inject', kind, 'alone'], { env: cleanEnvironment({ ...base, ...env }) });
    const nobody = await ask({ OPENLIT_INSTRUMENT_AGENT_SOCKET: '/nowhere/tap.sock' });
    expect(oneLine(nobody.stderr)).toMatch(/no agent runs on this machine.*try: openlit-instrument agent/);
    const noSocket = await ask({ DOCKER_HOST: 'unix:///nowhere.sock', CONTAINER_HOST: 'unix:///nowhere.sock' });
    expect(noSocket.status).toBe(3);
    expect(oneLine(noSocket.stderr)).toContain('there is no such socket');
    const remote = await ask({ DOCKER_HOST: 'tcp://10.0.0.1:2375', CONTAINER_HOST: 'ssh://there' });
    expect(remote.status).toBe(2);
  });

  test('D9 what Podman does not hand over is refused before the container is stopped', async () => {
    if (kind !== 'podman') return expect(kind).toBe('docker');
    const roots = ['--root', `${engine.folder}/root`, '--runroot', `${engine.folder}/run`];
    const env = { ...cleanEnvironment(), CONTAINERS_CONF: `${engine.folder}/containers.conf` };
    const native = async (name: string, ...options: string[]) => {
      const words = ['run', '-d', '--name', name, '--network', 'none', '--stop-timeout', '1', ...options];
      expect(await run(['podman', ...roots, ...words, ...WITH_PROGRAMS, IMAGE], { env })).toMatchObject({ status: 0 });
      return (await inspect(name)).Id;
    };
    const id = await native('masked', '--umask', '0077');
    expect(oneLine((await inject('masked')).stderr)).toContain('has a umask of its own');
    expect(await inspect('masked')).toMatchObject({ Id: id, State: { Running: true } });
    const umask = async (name: string) =>
      /^Umask:\t(.+)$/m.exec(readFileSync(`/proc/${(await inspect(name)).State.Pid}/status`, 'utf8'))?.[1];
    await native('usual');
    const before = await umask('usual');
    expect(await inject('usual')).toMatchObject({ status: 0 });
    expect(await umask('usual')).toBe(before);
  });

  test.each(['openlit-new', 'openlit-before'])(
    'a kill that left NAME.%s behind is cleared by the next undo',
    async left => {
      await start('cut', ['--network', 'none']);
      const { Id } = await inspect('cut');
      if (left === 'openlit-before') {
        await docker('stop', 'cut');
        await docker('rename', 'cut', 'cut.openlit-before');
      } else await docker('create', '--name', 'cut.openlit-new', IMAGE);
      expect(await inject('cut', '--undo')).toMatchObject({ status: 0 });
      expect(await inspect('cut')).toMatchObject({ Id, State: { Running: true } });
      expect(await docker('ps', '-a', '--format', '{{.Names}}')).toBe('cut');
      await docker('rm', '-f', 'cut');
    },
  );
});
