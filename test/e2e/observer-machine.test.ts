/**
 * Machines that refuse what an observer needs: disks that are full or read-only, no further process, no right to run it. The
 * program runs as it would alone. Real mounts and limits, which end with the processes that have them.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { BY_LINE, endAll, LANGUAGES } from '../support/by-line.js';
import { LAUNCHER } from '../support/launcher.js';
import { calls, openSessionBench, type SessionBench, sockets, until } from '../support/observed-session.js';

jest.setTimeout(30_000);

let bench: SessionBench;
beforeAll(async () => {
  bench = await openSessionBench();
});
afterEach(() => {
  endAll();
  for (const { pid } of bench.observers()) process.kill(pid, 'SIGKILL');
  bench.receiver.clear();
  for (const file of sockets(bench.runtime)) rmSync(file, { force: true });
});
afterAll(() => bench?.close());

/** Words that run others after `script`, in a mount namespace of their own. */
const mounted = (...script: string[]) => ['unshare', '-m', 'sh', '-c', `set -e\n${script.join('\n')}\nexec "$@"`, 'sh'];
const fill = (folder: string) => `dd if=/dev/zero of='${folder}/fill' bs=4k 2>/dev/null || true`;
const full = (folder: string) => `mount -t tmpfs -o size=64k tmpfs '${folder}'\n${fill(folder)}`;
const readOnly = (folder: string) => `mount -o bind '${folder}' '${folder}'\nmount -o remount,ro,bind '${folder}'`;
/** The root as it is mounted, and what may be mounted below it. */
const ALL_READ_ONLY = `mount -o remount,ro,bind /\n${readOnly('/tmp')}\n${readOnly('/run')}`;
const empty = (folder: string) => `mount -t tmpfs -o size=1m tmpfs ${folder}`;

const namespaces = spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'tmpfs', '/dev/shm']).status === 0;
if (!namespaces) console.log('skipped: file systems of a test need the right to mount in a namespace of their own');

(namespaces ? describe : describe.skip).each(LANGUAGES)('%s, where files cannot be written', language => {
  test('nowhere at all: the program runs un-observed, and it is said once', async () => {
    const before = mounted(ALL_READ_ONLY, readOnly('/dev/shm'));
    const { ours } = await bench.both(language, program => calls(program, 2), { before });
    expect(ours).toEqual([expect.stringMatching(/runs un-instrumented: .*EROFS/)]);
    expect(bench.observers()).toEqual([]);
  });

  test('but in memory, as in containers: all is observed', async () => {
    const before = mounted(ALL_READ_ONLY, empty('/dev/shm'));
    const { ours } = await bench.both(
      language,
      async (program, observed) => {
        await calls(program, 2);
        if (observed) await bench.receiver.waitForSpans(2);
      },
      { before },
    );
    expect(ours).toEqual([]);
  });

  test('for a home that is read-only: all is observed', async () => {
    const home = bench.folder('home');
    const env = { HOME: home, XDG_CACHE_HOME: '' };
    const { ours } = await bench.both(
      language,
      async (program, observed) => {
        await calls(program, 2);
        if (observed) await bench.receiver.waitForSpans(2);
      },
      { before: mounted(readOnly(home)), env },
    );
    expect(ours).toEqual([]);
    expect(readdirSync(home)).toEqual([]);
  });

  test('for a cache on a full disk: all is observed', async () => {
    const cache = bench.folder('full');
    const place = { before: mounted(full(cache)), env: { XDG_CACHE_HOME: cache } };
    const { ours } = await bench.both(
      language,
      async (program, observed) => {
        await calls(program, 2);
        if (observed) await bench.receiver.waitForSpans(2);
      },
      place,
    );
    expect(ours).toEqual([]);
  });

  test('for every disk is full: the program runs un-observed, and it is said once', async () => {
    const before = mounted(full('/tmp'), full('/dev/shm'), `mkdir -p '${bench.runtime}'`);
    const { ours } = await bench.both(language, program => calls(program, 2), { before });
    expect(ours).toEqual([expect.stringMatching(/runs un-instrumented: .*ENOSPC/)]);
    expect(bench.observers()).toEqual([]);
  });

  test('any more, for a disk that fills up after the launch: all is observed', async () => {
    const disk = bench.folder('disk');
    const env = { XDG_CACHE_HOME: disk, XDG_RUNTIME_DIR: disk, TMPDIR: disk, HOME: disk };
    const { ours } = await bench.both(
      language,
      async (program, observed) => {
        execFileSync('nsenter', ['-t', String(program.child.pid), '-m', 'sh', '-c', fill(disk)]);
        await calls(program, 2);
        if (observed) await bench.receiver.waitForSpans(2);
      },
      { before: mounted(`mount -t tmpfs -o size=1m tmpfs '${disk}'`), env },
    );
    expect(ours).toEqual([]);
  });
});

/** A user of no rights, who owns nothing but the folders that a test gives it; root may start more processes than a limit says. */
const USER = 54_321;
const asUser = ['setpriv', `--reuid=${USER}`, `--regid=${USER}`, '--clear-groups'];
const runnable = (words: readonly string[]) =>
  spawnSync(asUser[0]!, [...asUser.slice(1), ...words], { input: '' }).status === 0;
const otherUser =
  LANGUAGES.every(language => runnable(BY_LINE[language])) && runnable([process.execPath, LAUNCHER, '--version']);
if (!otherUser) console.log('skipped: programs of another user need root, and a project that others may read');

/** Bytes: enough for a small program of Python, and far too little for any of Node. */
const ADDRESS_SPACE = 700_000_000;

const userProcesses = () =>
  readdirSync('/proc').filter(
    name => /^\d+$/.test(name) && statSync(`/proc/${name}`, { throwIfNoEntry: false })?.uid === USER,
  );

(otherUser ? describe : describe.skip).each(LANGUAGES)('%s of another user', language => {
  function own(): NodeJS.ProcessEnv {
    chmodSync(bench.runtime, 0o755);
    const home = bench.folder('user');
    chownSync(home, USER, USER);
    return { HOME: home, XDG_RUNTIME_DIR: home, XDG_CACHE_HOME: home, TMPDIR: home };
  }

  function limit(pid: number, most: number): void {
    const words = [...asUser, 'prlimit', '--pid', String(pid), `--nproc=${most}:${most}`];
    execFileSync(words[0]!, words.slice(1));
  }

  /** What the next launch would say of an observer that could not. */
  function wordsLeft(home: string): string[] {
    return readdirSync(home, { recursive: true, encoding: 'utf8' })
      .filter(name => name.endsWith('.word'))
      .map(name => readFileSync(path.join(home, name), 'utf8'));
  }

  /** Nothing stays behind, and what is lost of three calls is said: by the program where it runs long enough, or later. */
  async function expectSaid(ours: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
    // A Node that waits for a thread for ever, and what looks after it, are gone within 15 s.
    await until('no process of the user', () => userProcesses().length === 0, 40_000);
    const lost = bench.receiver.spans.length < 3;
    expect(ours.length).toBeLessThan(3);
    expect([ours.length + wordsLeft(env['HOME']!).length > 0, lost]).toEqual([lost, lost]);
  }

  test.each([
    ['no process more', 0],
    ['the shell that starts an observer, and no observer', 1],
  ])('who may start %s: un-observed, and said once', async (_name, more) => {
    const { ours } = await bench.both(
      language,
      async (program, observed) => {
        limit(program.child.pid!, (await program.state()).threads + more);
        for (let count = 0; count < 3; count += 1) {
          await calls(program, 1);
          // An attempt is over before the next one.
          if (observed) await until('no observer', () => bench.observers().length === 0);
        }
        expect((await program.state()).children).toBe(false);
      },
      { before: asUser, env: own() },
    );
    // The first of them that could be begun has ended, too.
    expect(ours.filter(line => !line.includes('the observer ended; '))).toEqual([
      expect.stringMatching(/observer (?:ended twice|c.*be started)/),
    ]);
    expect(bench.receiver.spans).toEqual([]);
  });

  test.each([2, 3, 4, 5])(
    'who may start %d more: nothing is left behind, and what is lost is said once',
    async more => {
      const env = own();
      const { ours } = await bench.both(
        language,
        async program => {
          limit(program.child.pid!, (await program.state()).threads + more);
          await calls(program, 3);
        },
        { before: asUser, env },
      );
      await expectSaid(ours, env);
    },
    60_000,
  );

  test('who may start no process more, where the shell is bash: it is not waited for', async () => {
    const bash = mounted('mount -o bind /bin/bash "$(readlink -f /bin/sh)"');
    const env = own();
    const { ours } = await bench.both(
      language,
      async program => {
        limit(program.child.pid!, (await program.state()).threads + 1);
        await calls(program, 3);
      },
      { before: [...bash, ...asUser], env },
    );
    await expectSaid(ours, env);
  }, 60_000);

  test('who may start a few more: all is observed', async () => {
    const { ours } = await bench.both(
      language,
      async (program, observed) => {
        limit(program.child.pid!, (await program.state()).threads + 12);
        await calls(program, 3);
        if (observed) await bench.receiver.waitForSpans(3);
      },
      { before: asUser, env: own() },
    );
    expect(ours).toEqual([]);
  });

  if (language === 'python') {
    test.each([
      ['by itself: an observer has none', 'unlimited', 3],
      ['for good: what is lost is said', String(ADDRESS_SPACE), 0],
    ])('whose address space is limited %s', async (_name, hard, seen) => {
      const env = own();
      const { ours } = await bench.both(
        language,
        async (program, observed) => {
          const words = [...asUser, 'prlimit', '--pid', String(program.child.pid), `--as=${ADDRESS_SPACE}:${hard}`];
          execFileSync(words[0]!, words.slice(1));
          await calls(program, 3);
          if (observed && seen > 0) await bench.receiver.waitForSpans(seen);
        },
        { before: asUser, env },
      );
      expect(bench.receiver.spans).toHaveLength(seen);
      if (seen > 0) return expect(ours).toEqual([]);
      await expectSaid(ours, env);
    });
  }

  test('who may not run our Node any more: un-observed, and said once', async () => {
    const env = own();
    const node = path.join(env['HOME']!, 'node');
    copyFileSync(process.execPath, node);
    const { ours } = await bench.both(
      language,
      async (program, observed) => {
        if (observed) chmodSync(node, 0o600);
        await calls(program, 3);
      },
      { before: asUser, launcher: [node, LAUNCHER], env },
    );
    expect(ours).toEqual([expect.stringContaining(`${node} is not there, or not for this user`)]);
  });

  test('that root has started: un-observed, and said once, because the settings are root’s', async () => {
    const wrapper = ['/bin/sh', '-c', `exec ${asUser.join(' ')} "$@"`, 'sh'];
    const { ours } = await bench.both(language, program => calls(program, 3), { wrapper });
    expect(ours).toEqual([expect.stringMatching(/launches\/.*\.json is not there, or not for this user/)]);
  });
});
