/** What the kernel lets this process do: the effective set of capabilities(7), one bit each as in linux/capability.h. */
import { readField } from './proc.js';

/** 0 where there is no /proc to say it. */
export function effectiveCapabilities(): bigint {
  return BigInt(`0x${readField('self', 'status', 'CapEff') ?? '0'}`);
}

export const hasCapability = (capabilities: bigint, bit: number): boolean =>
  (capabilities & (1n << BigInt(bit))) !== 0n;
