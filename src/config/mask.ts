/** What is printed in the place of a credential. Pure. */
import { SECRET_VARIABLES } from './variables.js';

export const MASK = '***';

/** Credentials inside an address: `https://user:key@host` -> `https://***@host`. */
export function maskAddresses(text: string): string {
  return text.replace(/([a-z][a-z0-9+.-]*:\/\/)[^/@\s]+@/gi, `$1${MASK}@`);
}

/** A variable's value as it may be printed. */
export function maskVariable(name: string, value: string): string {
  if (value === '') return value;
  return SECRET_VARIABLES.has(name) ? MASK : maskAddresses(value);
}
