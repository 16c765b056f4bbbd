import { isFields } from './json/fields.js';

const BYTES_PER_FLOAT = 4;
/** Of a text that may be base64; in whole groups of four. */
const SAMPLE = 64;
const BASE64 = /^(?:[A-Za-z0-9+/_-]{4})*(?:[A-Za-z0-9+/_-]{2,3}={0,2})?$/;

/** Length of an embedding: an array of numbers, or base64 of 32-bit floats; both may have been skipped and measured. */
export function vectorLength(value: unknown): number | undefined {
  if (Array.isArray(value)) return typeof value[0] === 'number' ? value.length : undefined;
  if (typeof value === 'string' && !BASE64.test(value.slice(0, SAMPLE))) return undefined;
  if (typeof value === 'string') return floats(value.length, value.endsWith('==') ? 2 : value.endsWith('=') ? 1 : 0);
  if (!isFields(value) || typeof value.length !== 'number') return undefined;
  // Of a measured string the padding is unknown; rounding down to whole floats takes it away.
  return value.sized === 'string' ? floats(value.length, 0) : value.length || undefined;
}

function floats(characters: number, padding: number): number | undefined {
  return Math.floor(((characters / 4) * 3 - padding) / BYTES_PER_FLOAT) || undefined;
}
