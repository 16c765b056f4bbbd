/** What `GET /containers/ID/json` says, as far as we read it; what we do not read is handed back as it came. */

export interface Endpoint {
  readonly IPAMConfig?: unknown;
  readonly Links?: readonly string[] | null;
  readonly Aliases?: readonly string[] | null;
  readonly DriverOpts?: unknown;
  readonly [field: string]: unknown;
}

export interface Mount {
  readonly Type: string;
  readonly Name?: string;
  readonly Source?: string;
  readonly Destination: string;
  readonly Mode?: string;
  readonly RW?: boolean;
}

export interface ContainerConfig {
  readonly Hostname?: string;
  readonly Env?: readonly string[] | null;
  readonly Cmd?: readonly string[] | null;
  readonly Entrypoint?: readonly string[] | null;
  readonly Image: string;
  readonly Volumes?: Readonly<Record<string, object>> | null;
  readonly Labels?: Readonly<Record<string, string>> | null;
  readonly Healthcheck?: { readonly Test?: readonly string[] | null } | null;
  readonly MacAddress?: string;
  readonly User?: string;
  readonly StopTimeout?: number;
  readonly [field: string]: unknown;
}

export interface HostConfig {
  readonly Binds?: readonly string[] | null;
  readonly NetworkMode?: string;
  readonly PidMode?: string;
  readonly IpcMode?: string;
  readonly UTSMode?: string;
  readonly VolumesFrom?: readonly string[] | null;
  readonly Links?: readonly string[] | null;
  readonly AutoRemove?: boolean;
  readonly ReadonlyRootfs?: boolean;
  readonly Mounts?: readonly { readonly Target?: string; readonly Type?: string; readonly Source?: string }[] | null;
  readonly [field: string]: unknown;
}

export interface Container {
  readonly Id: string;
  /** With a slash in front. */
  readonly Name: string;
  /** Of its image. */
  readonly Image: string;
  readonly RestartCount?: number;
  /** RFC 3339. */
  readonly Created?: string;
  readonly State: {
    readonly Status: string;
    readonly Running: boolean;
    readonly Restarting?: boolean;
    readonly Pid?: number;
    readonly ExitCode?: number;
    readonly StartedAt?: string;
    readonly FinishedAt?: string;
    readonly Health?: { readonly Status: string } | null;
  };
  readonly Config: ContainerConfig;
  readonly HostConfig: HostConfig;
  readonly Mounts?: readonly Mount[];
  readonly NetworkSettings?: { readonly Networks?: Readonly<Record<string, Endpoint>> | null };
}

export interface Image {
  readonly Id: string;
  readonly Config?: Pick<ContainerConfig, 'Entrypoint' | 'Cmd'> | null;
}

export const nameOf = ({ Name }: Container): string => Name.replace(/^\//, '');

/** `K=V` lines as a table; the last of two counts, as for the engine. */
export function envTable(lines: readonly string[] | null | undefined): Record<string, string> {
  return Object.fromEntries(
    (lines ?? []).map(line => {
      const at = line.indexOf('=');
      return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)];
    }),
  );
}
