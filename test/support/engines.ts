/**
 * A Docker Engine and a Podman of a test's own, each with its folder and socket, and an image without a registry: a few links
 * into `/usr`, which a container gets from this machine, so that it has its Python and its Node.
 */
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

/** Milliseconds for a start; it takes about two seconds. */
const EARLY_ENOUGH = 60_000;

export interface TestEngine {
  /** For `DOCKER_HOST`, or `CONTAINER_HOST`. */
  readonly address: string;
  readonly folder: string;
  /** The command line of Docker, also against Podman's socket. @throws Error with what it said */
  docker(...words: string[]): Promise<string>;
  /** Every container. */
  removeAll(): Promise<void>;
  stop(): Promise<void>;
}

/** Words of `docker run` that give a container of IMAGE this machine's programs. */
export const WITH_PROGRAMS = ['-v', '/usr:/usr:ro', '-v', '/etc:/etc:ro'];
export const IMAGE = 'links:1';

const missing = (...programs: string[]) => programs.find(name => spawnSync(name, ['--version']).error !== undefined);

/** Why there is none here; undefined where there can be one. */
export function noEngine(kind: 'docker' | 'podman'): string | undefined {
  if (process.getuid?.() !== 0) return 'only root can start an engine of its own';
  const lacking = kind === 'docker' ? missing('dockerd', 'docker') : missing('podman', 'docker', 'runc');
  return lacking === undefined ? undefined : `${lacking} is not installed`;
}

/** @throws Error with what it said, where it does not come up */
export async function startEngine(kind: 'docker' | 'podman'): Promise<TestEngine> {
  const folder = mkdtempSync(path.join(os.tmpdir(), `engine-${kind}-`));
  const socket = path.join(folder, 'engine.sock');
  const address = `unix://${socket}`;
  const daemon = kind === 'docker' ? startDocker(folder, address) : startPodman(folder, address);
  let said = '';
  for (const stream of [daemon.stdout, daemon.stderr]) stream?.on('data', data => (said += data));
  const docker = (...words: string[]): Promise<string> =>
    new Promise((resolve, reject) => {
      const env = { PATH: process.env['PATH'], HOME: folder, DOCKER_HOST: address };
      execFile('docker', words, { env }, (error, stdout, stderr) => {
        if (error === null) resolve(stdout.trim());
        else reject(new Error(`docker ${words.join(' ')}: ${stderr}`));
      });
    });
  const answers = () => docker('version', '--format', '{{.Server.Version}}').then(Boolean, () => false);
  for (const end = Date.now() + EARLY_ENOUGH; !(existsSync(socket) && (await answers())); await wait(100))
    if (daemon.exitCode !== null || Date.now() > end) throw new Error(`${kind} does not come up: ${said}`);
  await importImage(folder, docker);
  const list = async () => (await docker('ps', '-aq')).split('\n').filter(Boolean);
  /** One that shares what another has goes before it, and Podman lists those of one second in any order. */
  const removeAll = async () => {
    for (let ids = await list(); ids.length > 0; ) {
      const results = await Promise.allSettled(ids.map(id => docker('rm', '-f', id)));
      const left = await list();
      if (left.length === ids.length) throw results.find(result => result.status === 'rejected')?.reason;
      ids = left;
    }
  };
  return {
    address,
    folder,
    docker,
    removeAll,
    async stop() {
      const ended = once(daemon, 'close');
      try {
        await removeAll();
      } finally {
        daemon.kill('SIGTERM');
        await ended;
      }
      spawnSync('sh', [
        '-c',
        `awk -v d="${folder}" 'index($2,d)==1{print $2}' /proc/mounts | sort -r | xargs -r umount -l`,
      ]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function startDocker(folder: string, address: string): ChildProcess {
  const words = [
    '--data-root',
    `${folder}/data`,
    '--exec-root',
    `${folder}/exec`,
    '--pidfile',
    `${folder}/pid`,
    '-H',
    address,
  ];
  return spawn('dockerd', words, { stdio: ['ignore', 'pipe', 'pipe'] });
}

/** With what a container without rights of its own over limits and cgroups needs. */
function startPodman(folder: string, address: string): ChildProcess {
  const settings = path.join(folder, 'containers.conf');
  const lines = [
    '[containers]',
    'default_ulimits=["nofile=4096:4096","nproc=4096:4096"]',
    '[engine]',
    'runtime="runc"',
  ];
  writeFileSync(settings, [...lines, 'cgroup_manager="cgroupfs"', 'events_logger="file"', ''].join('\n'));
  const words = ['--root', `${folder}/root`, '--runroot', `${folder}/run`, 'system', 'service', '--time=0', address];
  return spawn('podman', words, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, CONTAINERS_CONF: settings },
  });
}

async function importImage(folder: string, docker: TestEngine['docker']): Promise<void> {
  const root = path.join(folder, 'rootfs');
  for (const name of ['usr', 'etc', 'tmp', 'opt', 'srv', 'data']) mkdirSync(path.join(root, name), { recursive: true });
  for (const name of ['bin', 'lib', 'lib64', 'sbin']) symlinkSync(`usr/${name}`, path.join(root, name));
  const archive = path.join(folder, 'rootfs.tar');
  spawnSync('tar', ['-C', root, '-cf', archive, '.']);
  await docker(
    'import',
    '--change',
    'CMD ["sleep","100000"]',
    '--change',
    'ENV PYTHONPATH=/image/path',
    archive,
    IMAGE,
  );
}
