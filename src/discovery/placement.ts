/**
 * Where a process runs: container, systemd unit or Kubernetes pod, from its cgroup path. Sources: systemd.slice(5) for
 * unit names, the kubelet's cgroup drivers (`kubepods…pod<uid>`), container runtimes' 64-digit ids.
 */
export interface Placement {
  readonly container?: string;
  readonly systemdUnit?: string;
  readonly podUid?: string;
}

export function readPlacement(cgroup: string): Placement {
  const container = /\b([0-9a-f]{64})\b/.exec(cgroup)?.[1];
  const pod = /pod([0-9a-f]{8}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{12})/.exec(cgroup)?.[1];
  const unit = /\/([^/\n]+\.service)(?:\/|$)/m.exec(cgroup)?.[1];
  return {
    ...(container && { container: container.slice(0, 12) }),
    ...(pod && { podUid: pod.replaceAll('_', '-') }),
    ...(unit && !container && { systemdUnit: unit }),
  };
}
