/** The quick rows of the coverage matrix (`npm run libraries` has them all): real libraries, bare and observed. */
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { ROOT } from '../support/launcher.js';

interface Row {
  readonly name: string;
  readonly language: string;
  readonly environment: string;
  readonly calls: number;
  readonly quick?: boolean;
}

interface Result {
  readonly expected: number;
  readonly exact: number;
}

interface Packages {
  readonly interpreter: string;
  readonly folder: string;
}

const script = (name: string) => import(path.join(ROOT, 'scripts/libraries', `${name}.mjs`));
const { readTable } = (await script('table')) as { readTable(): Row[] };
const { environment } = (await script('environments')) as { environment(key: string): Promise<Packages> };
const { tryLibrary, problemsOf } = (await script('try-library')) as {
  tryLibrary(row: Row, packages: Packages): Promise<Result>;
  problemsOf(result: Result): string[];
};

const quick = readTable().filter(row => row.quick);

test.each(quick.map(row => [row.language, row.name, row] as const))(
  '%s %s: unchanged, every call exact',
  async (language, _name, row) => {
    const packages = await environment(`${language}/${row.environment}`);
    const result = await tryLibrary(row, packages);
    expect(problemsOf(result)).toEqual([]);
    expect(result).toMatchObject({ expected: row.calls, exact: row.calls });
  },
  600_000,
);

test('there are quick rows of both languages', () => {
  expect(new Set(quick.map(({ language }) => language))).toEqual(new Set(['python', 'node']));
});
