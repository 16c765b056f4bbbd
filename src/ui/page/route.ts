/** Where the page stands: all of it is in the address, so that back, forward and reload keep it. */
import { signal } from '@preact/signals';
import type { Query } from '../api.js';
import { wordsOf } from './ask.js';

export type View = 'calls' | 'sessions' | 'processes';
export const TABS = ['conversation', 'details', 'trace', 'changes', 'json'] as const;
export type Tab = (typeof TABS)[number];

export interface Route {
  readonly view: View;
  readonly query: Query;
  /** The call that is open. */
  readonly call?: string;
  readonly tab: Tab;
  /** The session that is open. */
  readonly key?: string;
}

function parse(hash: string): Route {
  const [path = '', words = ''] = hash.replace(/^#\/?/, '').split(/\?(.*)/s);
  const { call, tab, key, ...query } = Object.fromEntries(new URLSearchParams(words));
  return {
    view: path === 'sessions' || path === 'processes' ? path : 'calls',
    query,
    tab: TABS.find(name => name === tab) ?? 'conversation',
    ...(call && { call }),
    ...(key && { key }),
  };
}

export const route = signal<Route>(parse(location.hash));

export function startRouting(): void {
  const read = () => {
    route.value = parse(location.hash);
  };
  addEventListener('hashchange', read);
  read();
}

type Step = { [Name in keyof Route]?: Route[Name] | undefined };

function addressOf({ view, query, call, tab, key }: Route): string {
  const words = wordsOf({ ...query, call, key, tab: call === undefined || tab === 'conversation' ? undefined : tab });
  return `#/${view}${words === '' ? '' : `?${words}`}`;
}

/** @param replace no step back leads to where the page stood */
export function go(step: Step, replace = false): void {
  const next = { ...route.value, ...step } as Route;
  history[replace ? 'replaceState' : 'pushState'](null, '', addressOf(next));
  route.value = next;
}

/** The same value again takes the filter off. */
export function filterBy(name: keyof Query, value: string | undefined): void {
  const { query } = route.value;
  const { [name]: old, ...others } = query;
  const added = value === undefined || old === value ? {} : { [name]: value };
  go({ view: 'calls', query: { ...others, ...added }, key: undefined });
}
