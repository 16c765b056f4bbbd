/**
 * Where a process runs: container, pod or systemd unit, from the text of its `cgroup` and `mountinfo` files. Pure. Sources:
 * cgroups(7), systemd.slice(5) for unit names, the kubelet's cgroup drivers (`kubepods…pod<uid>`), and the 64-digit ids that
 * container engines give. An empty place is a process of the machine itself, or one of a kind that nobody knows.
 */
export interface Placement {
  /** 64 hex digits. */
  readonly container?: string;
  readonly podUid?: string;
  readonly systemdUnit?: string;
  /** Whose manager started the unit: the machine's, or a user's. */
  readonly systemdScope?: 'system' | 'user';
}

export function placementOf(cgroup: string | undefined, mountinfo?: string): Placement {
  const container = containerId(cgroup, mountinfo);
  const pod = podUid(cgroup);
  const unit = container === undefined && pod === undefined ? systemdUnit(cgroup) : undefined;
  return { ...(container && { container }), ...(pod && { podUid: pod }), ...unit };
}

/** In cgroup paths (v1, v2 with systemd), else in mount sources (v2 with a private namespace, which hides the path). */
export function containerId(cgroup: string | undefined, mountinfo?: string): string | undefined {
  for (const line of (cgroup ?? '').split('\n')) {
    // What the container's own init makes below its cgroup (systemd in a container) follows the id.
    const match = /[/:-]([0-9a-f]{64})(?:\.scope)?(?=\/|$)/.exec(line.trim());
    if (match) return match[1];
  }
  for (const line of (mountinfo ?? '').split('\n')) {
    const match = /\/(?:containers|sandboxes)\/([0-9a-f]{64})\/(?:hostname|hosts|resolv\.conf)/.exec(line);
    if (match) return match[1];
  }
  return undefined;
}

/** `kubepods-burstable-pod1234_…slice` (systemd driver) and `/kubepods/burstable/pod1234-…/` (cgroupfs driver). */
export function podUid(cgroup: string | undefined): string | undefined {
  const match = /pod([0-9a-f]{8}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{12})/.exec(cgroup ?? '');
  return match?.[1]?.replaceAll('_', '-');
}

/**
 * The innermost unit of the path decides: a login's or a desktop's scope below `user@1000.service` is no service of
 * anybody, and what a service makes below itself (Delegate=) belongs to it.
 */
function systemdUnit(cgroup: string | undefined): Pick<Placement, 'systemdUnit' | 'systemdScope'> | undefined {
  for (const line of (cgroup ?? '').split('\n')) {
    const parts = line.split('/');
    const at = parts.findLastIndex(part => /\.(service|scope)$/.test(part));
    const unit = parts[at];
    if (unit === undefined || !unit.endsWith('.service')) continue;
    const user = parts.slice(0, at).some(part => /^user@\d+\.service$/.test(part));
    return { systemdUnit: unit, systemdScope: user ? 'user' : 'system' };
  }
  return undefined;
}
