/** The keyboard. Letters act only where nobody writes, and never with a modifier. */
import { copyOpenCall, nextFormat } from './call/open-call.js';
import { toggleLive } from './head.js';
import { cursor, moveTo, moveToError } from './list.js';
import { helpOpen, nextTheme, tell } from './look.js';
import { go, route, TABS } from './route.js';

const ACTIONS: Readonly<Record<string, () => void>> = {
  j: () => void moveTo(cursor.value + 1),
  k: () => void moveTo(cursor.value - 1),
  ArrowDown: () => void moveTo(cursor.value + 1),
  ArrowUp: () => void moveTo(cursor.value - 1),
  g: () => void moveTo(0),
  Enter: () => void moveTo(Math.max(0, cursor.value), true),
  e: () => void jump('on'),
  E: () => void jump('back'),
  p: toggleLive,
  t: nextTheme,
  m: nextFormat,
  c: () => void copyOpenCall(),
  '?': () => {
    helpOpen.value = true;
  },
  '/': () => document.getElementById('search')?.focus(),
  Escape: close,
  ...Object.fromEntries(TABS.map((tab, index) => [String(index + 1), () => go({ tab }, true)])),
};

/** Of a list of calls alone. */
const OF_CALLS = new Set(['j', 'k', 'ArrowDown', 'ArrowUp', 'g', 'Enter', 'e', 'E', '/']);

export function listenToKeys(): void {
  addEventListener('keydown', event => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    // Asked of the page itself: its own word for it comes a moment after the dialog is closed.
    if (document.querySelector('dialog[open]') !== null) return;
    const { target, key } = event;
    const element = target instanceof HTMLElement ? target : undefined;
    if (element?.closest('input, textarea, select')) {
      if (key === 'Escape') element.blur();
      return;
    }
    // Enter presses the button that has the focus, and arrows move between tabs or scroll what is read.
    if (key === 'Enter' && element?.closest('button, a, summary')) return;
    if (key.startsWith('Arrow') && element?.closest('.call, [role=tablist]')) return;
    if (OF_CALLS.has(key) && route.value.view !== 'calls') return;
    const action = Object.hasOwn(ACTIONS, key) ? ACTIONS[key] : undefined;
    if (action === undefined) return;
    event.preventDefault();
    action();
  });
}

async function jump(step: 'on' | 'back'): Promise<void> {
  if (!(await moveToError(step))) tell(step === 'on' ? 'No error further down' : 'No error further up');
}

function close(): void {
  const { call, key, query } = route.value;
  if (call !== undefined) return go({ call: undefined });
  if (key !== undefined) return go({ key: undefined });
  const { sort, order, ...filters } = query;
  if (Object.keys(filters).length > 0) go({ query: { ...(sort && { sort }), ...(order && { order }) } });
}
