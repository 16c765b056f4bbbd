/** The call that is open, for all of its parts and for the keyboard. */
import { signal } from '@preact/signals';
import type { CallDetail } from '../../api.js';
import { copy, tell } from '../look.js';

export const openCall = signal<CallDetail | undefined>(undefined);

/** Texts of messages as documents, or as they came. */
export const formatted = signal(true);

export function nextFormat(): void {
  formatted.value = !formatted.value;
}

export async function copyOpenCall(): Promise<void> {
  const { line } = openCall.value ?? {};
  if (line === undefined) tell('No call is open');
  else await copy(JSON.stringify(line, null, 2), 'the call as JSON');
}

export async function copyCurl(): Promise<void> {
  const { curl } = openCall.value ?? {};
  if (curl === undefined) return;
  if ('why' in curl) tell(`No curl command: ${curl.why}`);
  else await copy(curl.command, 'a curl command, made from what was kept');
}
