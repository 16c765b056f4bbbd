/** What comes from the server by itself. */
import type { Change } from '../api.js';
import { trouble } from './ask.js';
import { busy, latest, live, refresh, seen, upto } from './list.js';
import { route } from './route.js';

/** Milliseconds between two refreshes: each sums the whole selection. */
const EVERY = 400;

let due = false;
let running: Promise<void> | undefined;

/** Who has scrolled reads: the list would move under their eyes. */
const wanted = () =>
  live.value && route.value.view === 'calls' && latest.value.upto !== upto.value && seen.value[0] === 0;

/** The list takes what came, where the person looks at its top. */
export function follow(): void {
  if (due || !wanted()) return;
  due = true;
  setTimeout(() => {
    due = false;
    // Paused meanwhile, taken already, or being taken: a second question would end the first.
    if (running !== undefined || busy.value || !wanted()) return;
    running = refresh().finally(() => {
      running = undefined;
      follow();
    });
  }, EVERY);
}

export function listen(): void {
  const source = new EventSource('/api/events');
  source.onmessage = ({ data }) => {
    trouble.value = undefined;
    latest.value = JSON.parse(data as string) as Change;
    follow();
  };
  source.onerror = () => {
    // The browser tries again by itself, but not after an answer that is no stream.
    if (trouble.value === undefined) trouble.value = 'away';
    if (source.readyState === EventSource.CLOSED) setTimeout(listen, 2000);
  };
}
