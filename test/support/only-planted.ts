/**
 * A mount namespace whose /proc is an empty folder, into which only planted processes are bound: to what runs in it, no
 * other program of this machine exists. Needs root. A process may be given a pid of the test's choice: it is a folder.
 */
import { mkdirSync, mkdtempSync } from 'node:fs';
import path from 'node:path';

/** What every program reads of /proc, this very process, and the planted ones. Linux keeps the pid over exec. */
const SCRIPT = `set -e
real=$1; seen=$2; cgroup=$3; shift 3
mount -t proc proc "$real"
mount -t tmpfs -o size=1m tmpfs "$seen"
for name in cpuinfo filesystems loadavg meminfo stat uptime version; do touch "$seen/$name"; mount --bind "$real/$name" "$seen/$name"; done
mkdir "$seen/sys"; mount --bind "$real/sys" "$seen/sys"
for pair in $PLANTED $$:$$; do
  mkdir "$seen/\${pair%:*}"; mount --bind "$real/\${pair#*:}" "$seen/\${pair%:*}"
  [ -z "$cgroup" ] || mount --bind "$cgroup" "$seen/\${pair%:*}/cgroup"
done
ln -s $$ "$seen/self"
mount --move "$seen" /proc
exec "$@"`;

export interface Planted {
  /** Words to put in front of the program's. */
  readonly words: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Shell words that bring one more process into the namespace; for `nsenter -m`. */
  bind(pid: number): string;
}

/** @param pids seen pid -> real pid, or real pids; @param cgroup a file that stands for each one's cgroup */
export function onlyPlanted(folder: string, pids: readonly (number | [number, number])[], cgroup = ''): Planted {
  const place = mkdtempSync(path.join(folder, 'proc-'));
  const [real, seen] = ['real', 'seen'].map(name => path.join(place, name)) as [string, string];
  for (const each of [real, seen]) mkdirSync(each);
  const pairs = pids.map(pid => (typeof pid === 'number' ? [pid, pid] : pid).join(':'));
  return {
    words: ['unshare', '-m', 'sh', '-c', SCRIPT, 'sh', real, seen, cgroup],
    env: { PLANTED: pairs.join(' ') },
    bind: pid => `mkdir /proc/${pid} && mount --bind ${real}/${pid} /proc/${pid}`,
  };
}

/** Words that run a program with this file as its hosts table, under the pid of `unshare`. */
export function withHosts(file: string): string[] {
  return ['unshare', '-m', 'sh', '-c', `mount --bind '${file}' /etc/hosts && exec "$@"`, 'sh'];
}
