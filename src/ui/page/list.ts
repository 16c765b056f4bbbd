/**
 * The list of calls as the browser has it: windows of a selection that lies on the server. It follows what comes in while
 * the person looks at its top; else it stands still, and says how many came.
 */
import { batch, computed, signal } from '@preact/signals';
import type { CallRow, CallsPage, Change, Sums } from '../api.js';
import { ask } from './ask.js';
import { go, route } from './route.js';

/** Rows of one request. */
const WINDOW = 100;

export const latest = signal<Change>({ upto: 0, reading: true, runs: 0 });
export const live = signal(true);
export const total = signal<number | undefined>(undefined);
export const sums = signal<Sums | undefined>(undefined);
export const upto = signal(0);
/** Why the list could not be made. */
export const failure = signal<string | undefined>(undefined);
export const busy = signal(false);
const windows = signal<ReadonlyMap<number, readonly CallRow[]>>(new Map());

/** Place in the list that the keyboard stands on; -1: none. */
export const cursor = signal(-1);
/** First and last place that is on the screen. */
export const seen = signal<readonly [first: number, last: number]>([0, 40]);

/** Rows that came and are not in the list. */
export const waiting = computed(() => latest.value.upto - upto.value);

export const rowAt = (place: number): CallRow | undefined =>
  windows.value.get(Math.floor(place / WINDOW))?.[place % WINDOW];

let epoch = 0;
let asked: AbortController | undefined;
const loading = new Set<number>();

/** Asks for the list anew, with all that came; what is on the screen stays until the answer is there. */
export async function refresh(): Promise<void> {
  const own = ++epoch;
  asked?.abort();
  asked = new AbortController();
  busy.value = true;
  try {
    const first = Math.floor(seen.value[0] / WINDOW);
    const offset = first * WINDOW;
    const page = await ask<CallsPage>('calls', { ...route.value.query, offset, limit: 2 * WINDOW }, asked.signal);
    if (own !== epoch) return;
    loading.clear();
    batch(() => {
      upto.value = page.upto;
      total.value = page.total;
      sums.value = page.sums;
      failure.value = undefined;
      windows.value = new Map([
        [first, page.rows.slice(0, WINDOW)],
        [first + 1, page.rows.slice(WINDOW)],
      ]);
    });
    await findCursor(own);
  } catch (error) {
    if (own === epoch && (error as Error).name !== 'AbortError') failure.value = (error as Error).message;
  } finally {
    if (own === epoch) busy.value = false;
  }
}

let early: { readonly key: string; readonly answer: Promise<void> } | undefined;

/** Asks before anything is drawn: the answer comes while the browser is busy with that. */
export function askEarly(): void {
  const { view, query } = route.value;
  if (view === 'calls') early = { key: JSON.stringify(query), answer: refresh() };
}

/** The list that the view opens with: the one that was asked for early, or a new one. */
export function openList(): Promise<void> {
  const begun = early;
  early = undefined;
  return begun?.key === JSON.stringify(route.value.query) ? begun.answer : refresh();
}

/** The open call moves when others come above it. */
async function findCursor(own: number): Promise<void> {
  const { call, query } = route.value;
  if (call === undefined) return;
  if (rowAt(cursor.value)?.id === call) return;
  const { offset } = await ask<{ offset: number }>('place', { ...query, upto: upto.value, id: call });
  if (own === epoch) cursor.value = offset;
}

/** Windows of the places that are on the screen, where they are not here yet. */
export function need(first: number, last: number): void {
  seen.value = [first, last];
  if (total.value === undefined) return;
  for (let index = Math.floor(first / WINDOW); index <= Math.floor(last / WINDOW); index++) void load(index);
}

async function load(index: number): Promise<void> {
  if (windows.peek().has(index) || loading.has(index) || index * WINDOW >= (total.peek() ?? 0)) return;
  const own = epoch;
  loading.add(index);
  try {
    const words = { ...route.peek().query, offset: index * WINDOW, limit: WINDOW, upto: upto.peek() };
    const page = await ask<CallsPage>('calls', words);
    if (own === epoch) windows.value = new Map([...windows.peek(), [index, page.rows]]);
  } catch (error) {
    if (own === epoch) failure.value = (error as Error).message;
  } finally {
    loading.delete(index);
  }
}

/** The row of a place, asked for where it is not here. */
async function rowOf(place: number): Promise<CallRow | undefined> {
  if (rowAt(place) === undefined) await load(Math.floor(place / WINDOW));
  return rowAt(place);
}

/** @param open the call is shown too */
export async function moveTo(place: number, open = route.value.call !== undefined): Promise<void> {
  const end = (total.value ?? 0) - 1;
  if (end < 0) return;
  cursor.value = Math.max(0, Math.min(end, place));
  if (!open) return;
  const row = await rowOf(cursor.value);
  if (row !== undefined) go({ call: row.id }, route.value.call !== undefined);
}

/** To the next failed call, or the one before. False where there is none. */
export async function moveToError(step: 'on' | 'back'): Promise<boolean> {
  const from = cursor.value < 0 ? undefined : cursor.value;
  const words = { ...route.value.query, upto: upto.value, from, step };
  const found = await ask<{ offset?: number; id?: string }>('next-error', words);
  if (found.offset === undefined) return false;
  cursor.value = found.offset;
  go({ call: found.id }, route.value.call !== undefined);
  return true;
}
