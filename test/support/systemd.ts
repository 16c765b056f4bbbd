/**
 * A systemd of its own as pid 1, in a container that sees this machine's files, copy on write, and its network. Nothing of
 * what happens in it is left on the machine.
 */
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

/** Milliseconds for a start; it takes about one second. */
const EARLY_ENOUGH = 60_000;

export interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Systemd {
  /** Runs a command inside. */
  exec(...words: string[]): Promise<Ran>;
  /** The same, and what it says; fails where it fails. */
  ask(...words: string[]): Promise<string>;
  /** A file inside, from the root on. */
  write(file: string, text: string): void;
  read(file: string): string;
  stop(): Promise<void>;
}

/** Why there is none here; undefined where there can be one. */
export function noSystemd(): string | undefined {
  if (process.getuid?.() !== 0) return 'only root can start systemd in a container';
  if (spawnSync('systemd-nspawn', ['--version']).status !== 0)
    return 'systemd-nspawn (systemd-container) is not installed';
  if (!existsSync('/usr/lib/systemd/systemd')) return 'systemd is not installed';
  return undefined;
}

/** @throws Error with what systemd-nspawn said, where it does not come up */
export async function startSystemd(): Promise<Systemd> {
  const folder = mkdtempSync('/dev/shm/openlit-systemd-');
  const root = path.join(folder, 'root');
  for (const name of ['up', 'work', 'root']) mkdirSync(path.join(folder, name));
  const layers = `lowerdir=/,upperdir=${folder}/up,workdir=${folder}/work`;
  const mounted = spawnSync('mount', ['-t', 'overlay', 'overlay', '-o', layers, root], { encoding: 'utf8' });
  if (mounted.status !== 0) throw new Error(`no overlay: ${mounted.stderr}`);
  const options = ['--quiet', '-b', '-D', root, '--register=no', '--console=pipe', '--keep-unit'];
  const machine = `--machine=oi-${path.basename(folder).slice(-6).replace(/\W/g, 'x')}`;
  const container = spawn('systemd-nspawn', [...options, machine, 'systemd.unit=basic.target'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  container.stdout.on('data', data => (said += data));
  container.stderr.on('data', data => (said += data));
  const inside = await initOf(container, () => said);
  const exec: Systemd['exec'] = (...words) => {
    const enter = ['-t', String(inside), '-m', '-p', '-u', '-i', '-n', '-C', ...words];
    const env = { PATH: process.env['PATH'], HOME: '/root' };
    return new Promise(resolve =>
      execFile('nsenter', enter, { encoding: 'utf8', env }, (error, stdout, stderr) => {
        resolve({ status: error === null ? 0 : Number(error.code ?? 1), stdout, stderr });
      }),
    );
  };
  for (
    const end = Date.now() + EARLY_ENOUGH;
    !/running|degraded/.test((await exec('systemctl', 'is-system-running')).stdout);
  ) {
    if (Date.now() > end) throw new Error(`systemd does not come up: ${said}`);
    await wait(100);
  }
  return {
    exec,
    async ask(...words) {
      const { status, stdout, stderr } = await exec(...words);
      if (status !== 0) throw new Error(`${words.join(' ')}: ${stderr}`);
      return stdout.trim();
    },
    write: (file, text) => {
      mkdirSync(path.join(root, path.dirname(file)), { recursive: true });
      writeFileSync(path.join(root, file), text);
    },
    read: file => readFileSync(path.join(root, file), 'utf8'),
    async stop() {
      const ended = once(container, 'close');
      // systemd's own signal for a power off.
      spawnSync('kill', ['-s', 'RTMIN+4', String(inside)]);
      await ended;
      spawnSync('umount', [root]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The container's pid 1, as this machine counts. */
async function initOf(container: ChildProcess, said: () => string): Promise<number> {
  for (const end = Date.now() + EARLY_ENOUGH; ; await wait(50)) {
    if (container.exitCode !== null || Date.now() > end) throw new Error(`systemd-nspawn ended: ${said()}`);
    const child = readdirSync('/proc').find(pid => parentOf(pid) === container.pid);
    if (child !== undefined) return Number(child);
  }
}

function parentOf(pid: string): number | undefined {
  try {
    return Number(/^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  } catch {
    return undefined;
  }
}
