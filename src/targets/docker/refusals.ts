/** What keeps a container from being made anew without loss, told before anything is touched. Pure. */
import { type Container, nameOf } from './inspect.js';

/** @param others all containers of the engine: some may share what is ours */
export function containerRefusal(container: Container, others: readonly Container[]): string | undefined {
  const { HostConfig, Config, Id } = container;
  const name = nameOf(container);
  if (Config.Labels?.['com.docker.swarm.service.id'] !== undefined)
    return `${name} is of a Swarm service, which makes its containers itself; change the service`;
  if (Config.Labels?.['io.kubernetes.pod.uid'] !== undefined)
    return `${name} is of a Kubernetes pod; change its workload: openlit-instrument inject k8s deploy/NAME`;
  if (Config.Labels?.['PODMAN_SYSTEMD_UNIT'] !== undefined)
    return `${name} is made by the unit ${Config.Labels['PODMAN_SYSTEMD_UNIT']} at each start; change the unit`;
  if (HostConfig.AutoRemove === true)
    return `${name} was started with --rm: stopping it removes it, and nothing would be left to go back to`;
  const shares = shared(container);
  if (shares !== undefined) return `${name} shares the ${shares[0]} of another container (${shares[1]})`;
  const sharer = others.find(other => other.Id !== Id && references(other).some(used => isSame(used, container)));
  if (sharer !== undefined)
    return `${nameOf(sharer)} shares the network, processes or volumes of ${name}, and would lose them`;
  return undefined;
}

function shared({ HostConfig }: Container): [string, string] | undefined {
  const modes = { network: HostConfig.NetworkMode, processes: HostConfig.PidMode, memory: HostConfig.IpcMode };
  for (const [what, mode] of Object.entries(modes)) {
    const other = /^container:(.+)$/.exec(mode ?? '')?.[1];
    if (other !== undefined) return [what, other.slice(0, 12)];
  }
  return undefined;
}

function references({ HostConfig }: Container): string[] {
  const modes = [HostConfig.NetworkMode, HostConfig.PidMode, HostConfig.IpcMode];
  const others = modes.flatMap(mode => /^container:(.+)$/.exec(mode ?? '')?.[1] ?? []);
  return [...others, ...(HostConfig.VolumesFrom ?? []).map(volumes => volumes.split(':')[0]!)];
}

/** Referred to by name, or by the begin of its id. */
const isSame = (reference: string, container: Container): boolean =>
  reference === nameOf(container) || (reference.length >= 12 && container.Id.startsWith(reference));

/** What Podman's own interface says of a container, and the one that speaks Docker's neither shows nor takes. */
export interface LibpodContainer {
  readonly Pod?: string;
  readonly IsInfra?: boolean;
  readonly Config?: {
    readonly Umask?: string;
    readonly Secrets?: readonly object[] | null;
    readonly CreateCommand?: readonly string[] | null;
  };
}

/** What it says of a container without a umask of its own, by the one interface and by the other; in effect both are 0022. */
const USUAL_UMASK = /^(?:0000|0*22)?$/;

export function podmanRefusal(name: string, { Pod = '', IsInfra, Config }: LibpodContainer): string | undefined {
  if (Pod !== '' || IsInfra === true) return `${name} is in a pod of Podman, out of which it cannot be taken`;
  if ((Config?.Secrets ?? []).length > 0)
    return `${name} has secrets of Podman, which its Docker interface does not hand over`;
  const chosen = Config?.CreateCommand?.some(word => word.startsWith('--umask')) === true;
  if (chosen || !USUAL_UMASK.test(Config?.Umask ?? ''))
    return `${name} has a umask of its own, which Podman's Docker interface does not hand over`;
  return undefined;
}

/** What people should know before. */
export function containerNotes({ Config, HostConfig }: Container, anonymous: number): string[] {
  const restart = (HostConfig['RestartPolicy'] as { Name?: string } | null)?.Name ?? '';
  return [
    ...(Config.Labels?.['com.docker.compose.config-hash'] === undefined
      ? []
      : [
          'docker compose up leaves it alone until its own configuration changes; then the hook is gone with the container',
        ]),
    ...(anonymous === 0 ? [] : [`${anonymous} volumes without a name come along, and stay when it is removed`]),
    ...(restart === '' || restart === 'no' ? ['it has no restart policy: nobody starts it again but you'] : []),
  ];
}
