/**
 * A container as it is -> the call that makes the same one again, with another environment and other binds. Pure. What the
 * engine itself fills in (its name for a host name, its aliases) is left to it, so that it fills it in again.
 */
import type { Container, ContainerConfig, Endpoint, HostConfig, Image } from './inspect.js';

export interface Recreation {
  readonly body: object;
  /** Connected after it was made: this version of the interface takes one network only. */
  readonly networks: readonly (readonly [string, Endpoint])[];
}

export interface Wanted {
  readonly env: readonly string[] | null | undefined;
  readonly binds: readonly string[] | null | undefined;
}

/** @param reference the image by the name that was typed, or by its id where that name means another one by now */
export function recreation(
  container: Container,
  image: Image | undefined,
  reference: string,
  wanted: Wanted,
): Recreation {
  const networks = endpoints(container);
  const { NetworkMode = 'default' } = container.HostConfig;
  const [first] = networks.filter(([name]) => name === NetworkMode || (NetworkMode === 'default' && name === 'bridge'));
  const body = {
    ...configOf(container, image),
    Image: reference,
    Env: wanted.env,
    HostConfig: hostConfigOf(container, wanted.binds),
    ...(first && { NetworkingConfig: { EndpointsConfig: { [first[0]]: first[1] } } }),
  };
  return { body, networks: networks.filter(entry => entry !== first) };
}

function configOf({ Id, Config, HostConfig }: Container, image: Image | undefined): ContainerConfig {
  const { Hostname, ...config } = Config;
  const own = Hostname !== undefined && !Id.startsWith(Hostname) && HostConfig.UTSMode !== 'host';
  // `--entrypoint ""` took the image's away; without a word about it, the engine would put it back.
  const emptied = !config.Entrypoint?.length && image?.Config?.Entrypoint?.length;
  return { ...config, ...(own && { Hostname }), ...(emptied && { Entrypoint: [''] }) };
}

function hostConfigOf(container: Container, binds: Wanted['binds']): HostConfig {
  const { Links, ...rest } = container.HostConfig;
  const kept = [...(binds ?? []), ...anonymousVolumes(container)];
  return {
    ...rest,
    Binds: kept.length === 0 ? null : kept,
    // `/db:/web/alias` comes out, `db:alias` goes in.
    ...(Array.isArray(rest['Ulimits']) && { Ulimits: rest['Ulimits'].map(ulimit) }),
    Links: Links?.map(link => link.replace(/^\/([^:]+):\/.+\/([^/]+)$/, '$1:$2')) ?? null,
  };
}

/** Podman shows `RLIMIT_NOFILE` and takes `nofile`. */
const ulimit = ({ Name, ...limits }: { readonly Name: string }) => ({
  Name: Name.replace(/^RLIMIT_/, '').toLowerCase(),
  ...limits,
});

/** Volumes without a name of somebody's: by their hash they come along, where a new container would get new, empty ones. */
export function anonymousVolumes({ Mounts = [], HostConfig }: Container): string[] {
  const bound = new Set((HostConfig.Binds ?? []).map(bind => bind.split(':')[1]));
  return Mounts.filter(
    ({ Type, Name, Destination }) => Type === 'volume' && /^[0-9a-f]{64}$/.test(Name ?? '') && !bound.has(Destination),
  ).map(({ Name, Destination, RW }) => `${Name}:${Destination}${RW === false ? ':ro' : ''}`);
}

/** What somebody chose about each network; addresses that the engine gave are its own to give. */
function endpoints({ Id, Config, NetworkSettings, HostConfig }: Container): [string, Endpoint][] {
  if (/^(?:host|none|container:)/.test(HostConfig.NetworkMode ?? '')) return [];
  return Object.entries(NetworkSettings?.Networks ?? {}).map(([name, { IPAMConfig, Links, Aliases, DriverOpts }]) => {
    const aliases = Aliases?.filter(alias => !Id.startsWith(alias) && alias !== Config.Hostname) ?? [];
    const endpoint: Endpoint = {
      ...(IPAMConfig != null && { IPAMConfig }),
      ...(Links != null && { Links }),
      ...(DriverOpts != null && { DriverOpts }),
      ...(aliases.length > 0 && name !== 'bridge' && { Aliases: aliases }),
    };
    return [name, endpoint];
  });
}
