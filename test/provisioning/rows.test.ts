import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const tests = new URL('../', import.meta.url);

/** Titles of `describe`, `test` and `it` below test/. */
const titles = readdirSync(tests, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.ts'))
  .flatMap((file) => {
    const source = readFileSync(new URL(file, tests), 'utf8');
    return [...source.matchAll(/^\s*(?:(?:describe|test|it)\b.*?\(|\]\)\()(['"`])(.+?)\1,/gm)].map(
      ([, , title = '']) => title,
    );
  });

/** Rows of the decision table that a title names: `12a. ...`, or `... (row 12)`. */
function rowsOf(title: string): number[] {
  return [...title.matchAll(/(?:^|; |and )(\d{1,2})[a-d]?\. |\(row (\d{1,2})\)/g)].map(([, first, named]) =>
    Number(first ?? named),
  );
}

test('titles name rows at their beginning or in brackets', () => {
  expect(rowsOf('12a. no identity yet')).toEqual([12]);
  expect(rowsOf('14. creates; 23. comes back unchanged')).toEqual([14, 23]);
  expect(rowsOf('not one that was deleted meanwhile (row 31)')).toEqual([31]);
  expect(rowsOf('SAML Core 3.2.2, at most 12 of them')).toEqual([]);
});

test('each row of the decision table, 1 to 34, has a test that names it', () => {
  expect(titles.length).toBeGreaterThan(500);
  const named = new Set(titles.flatMap(rowsOf));
  const rows = Array.from({ length: 34 }, (_, index) => index + 1);
  expect(rows.filter((row) => !named.has(row))).toEqual([]);
});
