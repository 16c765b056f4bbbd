/** How long the next try waits. Pure: chance comes in as an argument. */
import { createHash } from 'node:crypto';
import type { Policy } from './policy.js';

/** 0 ≤ x < 1, always the same for one text: a delay that changed with every look would never be a delay. */
export type Jitter = (text: string) => number;

/** Spreads 1,000 agents by their own id. */
export function hashedJitter(instance: string): Jitter {
  return text => createHash('sha1').update(`${instance}\0${text}`).digest().readUInt32BE() / 2 ** 32;
}

/** @param failures in a row, at least 1. @returns ms */
export function delayAfter(failures: number, id: string, { backOff }: Policy, jitter: Jitter): number {
  const whole = Math.min(backOff.most, backOff.first * 2 ** Math.min(failures - 1, 40));
  return Math.round(whole * (1 - backOff.jitter * jitter(id)));
}
