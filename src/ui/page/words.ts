/** Times, sizes and amounts as words. Absent stays absent. */

import { ABSENT, count, money, seconds } from '../../report/numbers.js';
import type { CallRow, Sums } from '../api.js';

export { ABSENT, count, money, seconds };

const two = (value: number, digits = 2) => String(value).padStart(digits, '0');

export function clock(milliseconds: number | undefined): string {
  if (milliseconds === undefined) return ABSENT;
  const date = new Date(milliseconds);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** The day where it is not today. */
export function day(milliseconds: number | undefined): string {
  if (milliseconds === undefined) return '';
  const date = new Date(milliseconds);
  const today = new Date();
  if (date.toDateString() === today.toDateString()) return '';
  const year = date.getFullYear() === today.getFullYear() ? {} : { year: 'numeric' as const };
  return date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', ...year });
}

export const when = (milliseconds: number | undefined): string =>
  [day(milliseconds), clock(milliseconds)].filter(Boolean).join(' ');

export const costOf = ({ cost }: CallRow): string => (cost === undefined ? ABSENT : money(cost.amount, cost.currency));

export function costsOf({ cost }: Pick<Sums, 'cost'>): string {
  const amounts = Object.entries(cost).map(([currency, amount]) => money(amount, currency));
  return amounts.length === 0 ? ABSENT : amounts.join(' + ');
}

export const whole = (value: number | undefined): string =>
  value === undefined ? ABSENT : value.toLocaleString('en-US');

export const plural = (number: number, one: string, many = `${one}s`): string =>
  `${whole(number)} ${number === 1 ? one : many}`;

/** What a call or a step is called. */
export const titleOf = ({ kind, name, model, operation }: CallRow): string =>
  (kind === 'span' ? name : model) ?? name ?? operation ?? 'call';
