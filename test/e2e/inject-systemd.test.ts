/**
 * `inject systemd` with a real systemd as pid 1: a service that knows nothing of us is found, gets the hook, is observed
 * over its restarts, and is as before afterwards. Names as in the list of faults that others had (S1 to S8).
 */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { CALLING_NODE, CALLING_PYTHON, startAnswering } from '../support/calling-programs.js';
import { LAUNCHER } from '../support/launcher.js';
import { type OtlpReceiver, startOtlpReceiver } from '../support/otlp-receiver.js';
import type { Listening } from '../support/servers.js';
import { noSystemd, type Systemd, startSystemd } from '../support/systemd.js';

jest.setTimeout(180_000);

const reason = noSystemd();
if (reason !== undefined) console.log(`skipped: inject into real systemd units: ${reason}`);
const withSystemd = reason === undefined ? describe : describe.skip;

const KEY = 'Bearer planted-secret-4711';

withSystemd('inject systemd', () => {
  let systemd: Systemd;
  let provider: Listening;
  let receiver: OtlpReceiver;
  let at = '';

  beforeAll(async () => {
    provider = await startAnswering();
    receiver = await startOtlpReceiver();
    systemd = await startSystemd();
    at = `http://127.0.0.1:${provider.port}`;
    systemd.write('/srv/app.py', CALLING_PYTHON(at));
    systemd.write('/srv/app.cjs', CALLING_NODE(at));
  });
  afterAll(async () => {
    await systemd?.stop();
    await provider?.close();
    await receiver?.close();
  });

  const inject = (...words: string[]) =>
    systemd.exec(
      process.execPath,
      LAUNCHER,
      'inject',
      'systemd',
      ...words,
      '--endpoint',
      receiver.url,
      '--headers',
      `authorization=${KEY}`,
    );

  /** A service that runs. */
  async function service(name: string, lines: string, command = '/usr/bin/python3 /srv/app.py') {
    systemd.write(`/etc/systemd/system/${name}.service`, `[Service]\nExecStart=${command}\n${lines}\n`);
    await systemd.ask('systemctl', 'daemon-reload');
    await systemd.ask('systemctl', 'start', name);
  }

  const spansOf = (unit: string) =>
    receiver.spans.filter(({ resource }) => resource['systemd.unit'] === `${unit}.service`);
  const calls = async (unit: string) => {
    const before = spansOf(unit).length;
    await receiver.waitFor(() => spansOf(unit).length > before, 30_000);
    return spansOf(unit).at(-1)!;
  };
  const environ = async (unit: string) => {
    const pid = await systemd.ask('systemctl', 'show', '-P', 'MainPID', unit);
    return (await systemd.ask('cat', `/proc/${pid}/environ`)).split('\0').filter(Boolean).sort();
  };
  /** Every file of systemd and of ours, with its owner, mode and content. */
  const snapshot = () =>
    systemd.ask(
      'sh',
      '-c',
      'cd / && find etc/systemd run/systemd/system var/lib/openlit-instrument run/openlit-instrument 2>/dev/null | sort | while read -r f; do stat -c "%n %F %a %u" "$f"; [ ! -f "$f" ] || sha256sum "$f"; done',
    );

  test('the way round: hook, calls, restart, undo; then every byte is as before', async () => {
    await service('plain', 'User=nobody');
    const [files, env] = [await snapshot(), await environ('plain')];
    const dry = await inject('plain', '--dry-run');
    expect(dry).toMatchObject({ status: 0 });
    expect(dry.stdout).toContain('/etc/systemd/system/plain.service.d/zz-openlit-instrument.conf (new)');
    expect(dry.stdout).toContain('systemctl restart plain.service');
    expect(dry.stdout).not.toContain('planted-secret');
    expect(await snapshot()).toBe(files);
    expect(await inject('plain')).toMatchObject({
      status: 0,
      stderr: expect.stringContaining('has the hook, restarted'),
    });
    const span = await calls('plain');
    expect(span.resource).toMatchObject({
      'service.name': 'plain',
      'service.workload.key': 'linux:systemd:plain.service',
    });
    expect(receiver.exports.some(({ headers }) => headers['authorization'] === KEY)).toBe(true);
    const pid = await systemd.ask('systemctl', 'show', '-P', 'MainPID', 'plain');
    expect(await inject('plain')).toMatchObject({ status: 0 });
    expect(await systemd.ask('systemctl', 'show', '-P', 'MainPID', 'plain')).toBe(pid);
    await systemd.ask('systemctl', 'restart', 'plain');
    await calls('plain');
    expect(await inject('plain', '--undo')).toMatchObject({ status: 0 });
    expect(await snapshot()).toBe(files);
    const changing = /^(INVOCATION_ID|JOURNAL_STREAM|SYSTEMD_EXEC_PID|MEMORY_PRESSURE_\w+)=/;
    const lasting = (lines: string[]) => lines.filter(line => !changing.test(line));
    expect(lasting(await environ('plain'))).toEqual(lasting(env));
  });

  test('credentials of the endpoint are for the user of the unit alone, and in no output', async () => {
    await service('secret', 'User=nobody');
    const done = await inject('secret', '--json');
    expect(done.stdout + done.stderr).not.toContain('planted-secret');
    const holding = await systemd.ask('sh', '-c', 'grep -rl planted-secret /etc/systemd /var/lib/openlit-instrument');
    expect(await systemd.ask('stat', '-c', '%a %U', holding)).toBe('600 nobody');
    expect((await systemd.exec('setpriv', '--reuid=daemon', '--clear-groups', 'cat', holding)).status).not.toBe(0);
    await inject('secret', '--undo');
  });

  test('S1 what the unit sets by Environment=, EnvironmentFile= and PassEnvironment= stays, byte for byte', async () => {
    systemd.write('/etc/default/odd', 'FROM_FILE="two words\nand a line"\nPYTHONPATH=/from/file\n');
    await systemd.ask('systemctl', 'set-environment', 'PASSED=on');
    const lines = [
      'User=nobody',
      `Environment=PYTHONPATH=/from/unit "QUOTED=a 'b' c" PERCENT=100%%`,
      'EnvironmentFile=/etc/default/odd',
      'PassEnvironment=PASSED',
    ];
    await service('odd', lines.join('\n'));
    const before = await environ('odd');
    await inject('odd');
    await calls('odd');
    const after = await environ('odd');
    const ours =
      /^(INVOCATION_ID|JOURNAL_STREAM|SYSTEMD_EXEC_PID|MEMORY_PRESSURE_\w+|OPENLIT_INSTRUMENT_\w+|PYTHONPATH)=/;
    expect(after.filter(line => !ours.test(line))).toEqual(before.filter(line => !ours.test(line)));
    expect(after.find(line => line.startsWith('PYTHONPATH='))).toMatch(/\/bootstrap\/python:\/from\/file$/);
    await inject('odd', '--undo');
  });

  test('S2 the resource attributes of the unit are in its spans, and stay as they are for the program', async () => {
    await service('named', 'User=nobody\nEnvironment=OTEL_RESOURCE_ATTRIBUTES=team=blue,service.name=shop');
    await inject('named', '--resource-attributes', 'region=eu');
    const { resource } = await calls('named');
    expect(resource).toMatchObject({ team: 'blue', region: 'eu', 'service.name': 'shop' });
    expect(await environ('named')).toContain('OTEL_RESOURCE_ATTRIBUTES=team=blue,service.name=shop');
    await inject('named', '--undo');
  });

  test('S3 a sandbox that leaves the hook readable is observed', async () => {
    const lines = ['User=nobody', 'ProtectSystem=strict', 'ProtectHome=yes', 'PrivateTmp=yes', 'NoNewPrivileges=yes'];
    await service('strict', lines.join('\n'));
    expect(await inject('strict')).toMatchObject({ status: 0 });
    await calls('strict');
    await inject('strict', '--undo');
  });

  test.each([
    ['hidden', 'InaccessiblePaths=/var/lib', /InaccessiblePaths= hides/],
    ['covered', 'TemporaryFileSystem=/var', /TemporaryFileSystem= hides/],
    ['nounix', 'RestrictAddressFamilies=AF_INET', /leaves out AF_UNIX/],
    ['nojit', 'MemoryDenyWriteExecute=yes', /lets no Node run/],
    ['dynamic', 'DynamicUser=yes', /has no user yet/],
  ])('S3 %s: %s is refused before the restart', async (name, line, words) => {
    await service(name, line);
    const [pid, files] = [await systemd.ask('systemctl', 'show', '-P', 'MainPID', name), await snapshot()];
    const refused = await inject(name);
    expect(refused.status).toBe(1);
    expect(refused.stderr.replace(/\s+/g, ' ')).toMatch(words);
    expect(await systemd.ask('systemctl', 'show', '-P', 'MainPID', name)).toBe(pid);
    expect(await snapshot()).toBe(files);
    await systemd.ask('systemctl', 'stop', name);
  });

  test('S4 through a shell, as one instance of a template, and in Node', async () => {
    await service('shell', 'User=nobody', `/bin/bash -lc 'exec python3 /srv/app.py'`);
    systemd.write(
      '/etc/systemd/system/many@.service',
      `[Service]\nUser=nobody\nExecStart=/usr/bin/python3 /srv/app.py %i\n`,
    );
    await systemd.ask('systemctl', 'daemon-reload');
    await systemd.ask('systemctl', 'start', 'many@1', 'many@2');
    await service('node', 'User=nobody', `${process.execPath} /srv/app.cjs`);
    for (const unit of ['shell', 'many@1', 'node']) {
      expect(await inject(unit)).toMatchObject({ status: 0 });
      await calls(unit);
    }
    expect((await environ('many@2')).join('\n')).not.toContain('OPENLIT_INSTRUMENT');
    expect((await inject('many@')).stderr).toContain('is a template');
    for (const unit of ['shell', 'many@1', 'node']) expect(await inject(unit, '--undo')).toMatchObject({ status: 0 });
    await systemd.ask('systemctl', 'stop', 'many@1', 'many@2');
  });

  test('S5 a unit that does not start with the hook runs again as before, and its limit of starts is not used up', async () => {
    // A program that refuses to start where our variable is set.
    systemd.write('/srv/picky.sh', '#!/bin/sh\n[ -z "$OPENLIT_INSTRUMENT_TAP" ] || exit 3\nexec python3 /srv/app.py\n');
    await service('picky', 'User=nobody\nRestart=on-failure\nRestartSec=100ms', '/bin/sh /srv/picky.sh');
    const files = await snapshot();
    const failed = await inject('picky');
    expect(failed.status).toBe(1);
    expect(failed.stderr.replace(/\s+/g, ' ')).toMatch(/with the hook: .*it is as before again/);
    expect(await systemd.ask('systemctl', 'is-active', 'picky')).toBe('active');
    expect(await snapshot()).toBe(files);
    for (let start = 0; start < 3; start++) await systemd.ask('systemctl', 'restart', 'picky');
    await systemd.ask('systemctl', 'stop', 'picky');
  });

  test('S6 systemctl revert takes it out; a payload that is gone breaks no start', async () => {
    await service('node', 'User=nobody', `${process.execPath} /srv/app.cjs`);
    await inject('node');
    await calls('node');
    await systemd.ask('sh', '-c', 'rm -rf /var/lib/openlit-instrument');
    await systemd.ask('systemctl', 'restart', 'node');
    expect(await systemd.ask('systemctl', 'is-active', 'node')).toBe('active');
    expect((await environ('node')).join('\n')).not.toContain('NODE_OPTIONS');
    expect(await inject('node')).toMatchObject({ status: 0 });
    await calls('node');
    await systemd.ask('systemctl', 'revert', 'node');
    await systemd.ask('systemctl', 'restart', 'node');
    expect((await environ('node')).join('\n')).not.toContain('NODE_OPTIONS');
    expect(await inject('node', '--undo')).toMatchObject({ status: 0 });
    expect((await systemd.exec('ls', '/var/lib/openlit-instrument')).status).not.toBe(0);
  });

  test('S7 where /etc cannot be written, it lies in /run, and that is said', async () => {
    await service('readonly', 'User=nobody');
    const command = [process.execPath, LAUNCHER, 'inject', 'systemd', 'readonly', '--endpoint', receiver.url].join(' ');
    const inView = (words: string) =>
      systemd.exec(
        'unshare',
        '-m',
        'sh',
        '-c',
        `mount --bind /etc /etc && mount -o remount,bind,ro /etc && ${command} ${words}`,
      );
    const done = await inView('');
    expect(done.stderr.replace(/\s+/g, ' ')).toMatch(/gone when the machine starts again/);
    expect(
      systemd.exec('cat', '/etc/systemd/system/readonly.service.d/zz-openlit-instrument.conf'),
    ).resolves.toMatchObject({ status: 1 });
    await calls('readonly');
    expect(await inView('--undo')).toMatchObject({ status: 0 });
    expect((await environ('readonly')).join('\n')).not.toContain('OPENLIT_INSTRUMENT');
  });

  test('S8 a unit of a user’s own manager', async () => {
    await systemd.ask('systemctl', 'start', 'user@0.service');
    const own = ['env', 'XDG_RUNTIME_DIR=/run/user/0', 'HOME=/root'];
    systemd.write('/root/.config/systemd/user/mine.service', '[Service]\nExecStart=/usr/bin/python3 /srv/app.py\n');
    await systemd.ask(...own, 'systemctl', '--user', 'daemon-reload');
    await systemd.ask(...own, 'systemctl', '--user', 'start', 'mine');
    const command = [
      ...own,
      process.execPath,
      LAUNCHER,
      'inject',
      'systemd',
      '--user',
      'mine',
      '--endpoint',
      receiver.url,
    ];
    expect(await systemd.exec(...command)).toMatchObject({ status: 0 });
    await calls('mine');
    expect(await systemd.exec(...command, '--undo')).toMatchObject({ status: 0 });
    expect((await systemd.exec('ls', '/root/.config/systemd/user/mine.service.d')).status).not.toBe(0);
    await systemd.ask(...own, 'systemctl', '--user', 'stop', 'mine');
  });
});
