import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { Bench, Case } from './cases/case.ts';
import { makeCase } from './cases/make-case.ts';
import { checkClaims } from './invariants/validating.ts';
import { minimise } from './minimise.ts';
import { loadConnections } from './originals.ts';
import { Statistics } from './statistics.ts';

// The machine may be busy.
vi.setConfig({ testTimeout: 120_000 });

let bench: Bench;

beforeAll(async () => {
  const oracles = { libxml2: null, xmlsec: null };
  bench = { connections: await loadConnections(), oracles, statistics: new Statistics() };
}, 120_000);

/** Cases whose making draws no random numbers but from the seed. */
function repeatable({ kind }: Case): boolean {
  return /document|mutant of (?:rsa|lasso|samlp|sha1)$/.test(kind);
}

describe('the fuzzer', () => {
  it('makes the same case again from the same seed and number', () => {
    const cases = Array.from({ length: 60 }, (_, index) => makeCase('1', index, bench));
    expect(cases.filter(repeatable).length).toBeGreaterThan(15);
    for (const [index, { kind, input }] of cases.entries()) {
      const again = makeCase('1', index, bench);
      expect(again.kind).toBe(kind);
      if (repeatable(again)) expect(again.input).toBe(input);
    }
  });

  it('makes other cases from another seed', () => {
    expect(makeCase('1', 0, bench).input).not.toBe(makeCase('2', 0, bench).input);
  });

  it('finds nothing in a hundred cases', async () => {
    const cases = Array.from({ length: 100 }, (_, index) => makeCase('hundred', index, bench));
    expect(await Promise.all(cases.map(({ check, input }) => check(input)))).toEqual(cases.map(() => null));
    expect(bench.statistics.verdicts.get('accepted')).toBeGreaterThan(10);
  });

  it('would notice claims that nobody signed', async () => {
    const { valid, options, claims } = bench.connections[0] ?? expect.fail('there is no connection');
    const field = Buffer.from(valid[0] ?? '').toString('base64');
    const { violation } = await checkClaims(field, options, new Set(['other claims']), new Statistics());
    expect(violation?.invariant).toBe('claims that nobody signed');
    expect((await checkClaims(field, options, claims, new Statistics())).violation).toBeNull();
  });

  it('cuts a finding down to what fails', async () => {
    const check: Case['check'] = async (input) =>
      input.includes('<b/>') && input.endsWith('!') ? { invariant: 'no <b/>!', detail: '' } : null;
    const made = { kind: '', trace: [], input: `<a>${'x'.repeat(500)}<b/><c/></a>!`, isField: false, check };
    expect(await minimise(made, 'no <b/>!', 20)).toBe('<b/>!');
  });
});
