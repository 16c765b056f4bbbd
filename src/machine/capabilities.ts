/** What the kernel lets this process do: the effective set of capabilities(7), one bit each as in linux/capability.h. */
import { readFileSync } from 'node:fs';

/** 0 where there is no /proc to say it. */
export function effectiveCapabilities(): bigint {
  try {
    const status = readFileSync('/proc/self/status', 'utf8');
    return BigInt(`0x${/^CapEff:\s*([0-9a-f]+)/m.exec(status)?.[1] ?? '0'}`);
  } catch {
    return 0n;
  }
}

export const hasCapability = (capabilities: bigint, bit: number): boolean =>
  (capabilities & (1n << BigInt(bit))) !== 0n;
