import { expect, it } from 'vitest';
import { makeCase } from './cases/make-case.ts';
import { loadConnections } from './originals.ts';
import { Statistics } from './statistics.ts';

it('the fuzzer finds nothing in a hundred cases', async () => {
  const oracles = { libxml2: null, xmlsec: null };
  const bench = { connections: await loadConnections(), oracles, statistics: new Statistics() };
  const cases = Array.from({ length: 100 }, (_, index) => makeCase('hundred', index, bench));
  expect(await Promise.all(cases.map(({ check, input }) => check(input)))).toEqual(cases.map(() => null));
  expect(bench.statistics.verdicts.get('accepted')).toBeGreaterThan(10);
});
