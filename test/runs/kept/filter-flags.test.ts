import { expect, test } from '@jest/globals';
import { type FilterFlags, filterOf, isFiltered } from '../../../src/runs/kept/filter-flags.js';

const NOW = Date.parse('2026-11-30T12:00:00Z');
const given = (flags: Partial<FilterFlags>) => filterOf({ errors: false, ...flags }, NOW);

test('flags as a filter', () => {
  expect(given({})).toEqual({});
  expect(given({ model: 'a', provider: 'b', process: 'c', session: 'd', errors: true })).toEqual({
    model: 'a',
    provider: 'b',
    process: 'c',
    session: 'd',
    error: true,
  });
  expect(given({ slower: '500ms' })).toEqual({ slower: 0.5 });
  expect(given({ slower: '2' })).toEqual({ slower: 2 });
  expect(given({ dearer: '$0.01' })).toEqual({ dearer: 0.01 });
  expect(given({ since: '2h' })).toEqual({ since: NOW - 7_200_000 });
});

test('a day and a time without a zone are local', () => {
  expect(given({ since: '2026-01-31' })).toEqual({ since: new Date(2026, 0, 31).getTime() });
  expect(given({ until: '2026-01-31T14:00' })).toEqual({ until: new Date(2026, 0, 31, 14).getTime() });
  expect(given({ until: '2026-01-31T14:00:00Z' })).toEqual({ until: Date.parse('2026-01-31T14:00:00Z') });
});

test.each([
  ['slower', 'fast'],
  ['dearer', 'bash.01'],
  ['since', 'yesterday'],
  ['until', '2026-13-45'],
] as const)('--%s %s is refused with what is allowed', (name, value) => {
  expect(() => given({ [name]: value })).toThrow(`--${name} "${value}" cannot be used`);
});

test('whether anything is asked for', () => {
  expect(isFiltered({ errors: false })).toBe(false);
  expect(isFiltered({ errors: true })).toBe(true);
  expect(isFiltered({ errors: false, text: '' })).toBe(true);
});
