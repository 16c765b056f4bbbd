import type { WireLimits } from '../exchange.js';

/** 256 KiB of headers is four times what the most tolerant common server takes; 16 MiB holds any single event. */
export const DEFAULT_WIRE_LIMITS: WireLimits = { head: 256 * 1024, connection: 16 * 1024 * 1024 };
