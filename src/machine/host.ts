/** Facts of the machine: kernel, boot, identity, and whether we live in a container ourselves. */
import { existsSync } from 'node:fs';
import { PROC, procFile, readText } from './proc.js';

/** `6.12.3-amd64`; empty where there is no /proc. */
export const kernelRelease = (): string => readText(`${PROC}/sys/kernel/osrelease`)?.trim() ?? '';

/** machine-id(5). */
export const machineId = (): string | undefined => readText('/etc/machine-id')?.trim();

/** Container engines leave one of these in what they start. */
export function inContainer(): boolean {
  return (
    existsSync('/.dockerenv') ||
    existsSync('/run/.containerenv') ||
    /kubepods|docker|containerd/.test(readText(procFile('self', 'cgroup')) ?? '')
  );
}

/** Hertz of the clock ticks in /proc, on every architecture that we run on. */
const TICKS = 100;

/** @param startTime clock ticks since boot. RFC 3339, as exact as the kernel tells it: to 10 ms. */
export function startedAt(startTime: string): string | undefined {
  const boot = /^btime (\d+)/m.exec(readText(`${PROC}/stat`) ?? '')?.[1];
  const ticks = Number(startTime);
  if (boot === undefined || !(ticks > 0)) return undefined;
  return new Date(Number(boot) * 1000 + (ticks * 1000) / TICKS).toISOString();
}
