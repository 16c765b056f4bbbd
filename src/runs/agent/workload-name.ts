/** What a person would call a workload: the unit, the container, the script. Pure. */
import path from 'node:path';
import type { DiscoveredProcess } from '../../discovery/discover.js';

/** Of one that does not name itself (`OTEL_SERVICE_NAME`): a name without credentials, the same after every restart. */
export function workloadName(key: string, process: Pick<DiscoveredProcess, 'name' | 'command' | 'runtime'>): string {
  return nameOfWorkload(key) ?? scriptOf(process) ?? process.name;
}

/** Of the key alone; undefined for a bare process, whose key is a hash. */
export function nameOfWorkload(key: string): string | undefined {
  const [kind, first = '', second = ''] = key.split(':');
  if (kind === 'k8s') return second;
  if (kind === 'docker') return /^[0-9a-f]{64}$/.test(first) ? first.slice(0, 12) : first;
  return first === 'systemd' ? second.replace(/\.service$/, '') : undefined;
}

/** Of an interpreter the script or the module; a program of its own has its own name. */
function scriptOf({ command, runtime }: Pick<DiscoveredProcess, 'command' | 'runtime'>): string | undefined {
  if (runtime === undefined || runtime.name === 'go') return undefined;
  const words = command.slice(1);
  const module = words.indexOf('-m');
  const name =
    runtime.name === 'python' && module >= 0 && words.slice(0, module).every(word => word.startsWith('-'))
      ? words[module + 1]
      : words.find(word => !word.startsWith('-'));
  const script = name && path.basename(name).replace(/\.(py|[cm]?[jt]s|rb|php|jar)$/, '');
  // Code on the command line is no name.
  return script && /^[\w.@-]{1,64}$/.test(script) ? script : undefined;
}
