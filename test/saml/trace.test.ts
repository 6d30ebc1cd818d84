import { describe, expect, it } from 'vitest';
import { SamlError } from '../../src/errors.ts';
import { startTrace, type TraceMode } from '../../src/saml/trace.ts';

const refusal = (name: string): SamlError => new SamlError('unsolicited_not_allowed', { hint: name });
const failing = (name: string, failure: () => unknown = () => refusal(name)) => ({
  name,
  section: 'saml-jit',
  check: () => {
    throw failure();
  },
});
const passing = (name: string) => ({ name, section: 'saml-jit', check: () => {} });

function run(mode: TraceMode, checks: readonly ReturnType<typeof passing>[]) {
  const trace = startTrace(mode);
  let thrown: unknown = null;
  try {
    trace.checkAll(checks, undefined);
  } catch (error) {
    thrown = error;
  }
  return { thrown, rules: trace.rules.map(({ rule, result }) => `${rule}: ${result}`) };
}

describe('a trace', () => {
  it('of a validation ends at the first failure', () => {
    const { thrown, rules } = run('validate', [passing('a'), failing('b'), failing('c'), passing('d')]);
    expect(thrown).toMatchObject({ code: 'unsolicited_not_allowed', hint: 'b' });
    expect(rules).toEqual(['a: pass', 'b: fail']);
  });

  it('of an explanation has every independent check, and the first failure is thrown', () => {
    const { thrown, rules } = run('explain', [passing('a'), failing('b'), failing('c'), passing('d')]);
    expect(thrown).toMatchObject({ code: 'unsolicited_not_allowed', hint: 'b' });
    expect(rules).toEqual(['a: pass', 'b: fail', 'c: fail', 'd: pass']);
  });

  it('has no failure if no step fails', () => {
    for (const mode of ['validate', 'explain'] as const)
      expect(run(mode, [passing('a')])).toEqual({ thrown: null, rules: ['a: pass'] });
  });

  it.each(['validate', 'explain'] as const)('stops at an error that is not a SamlError (%s)', (mode) => {
    const defect = new TypeError('a defect');
    const { thrown, rules } = run(mode, [failing('a', () => defect), passing('b')]);
    expect(thrown).toBe(defect);
    expect(rules).toEqual([]);
  });

  it('records steps and asynchronous steps, and throws their failures in both modes', async () => {
    for (const mode of ['validate', 'explain'] as const) {
      const trace = startTrace(mode);
      expect(trace.step('a', 'saml-jit', () => 1)).toBe(1);
      expect(await trace.stepAsync('b', 'saml-jit', async () => 2)).toBe(2);
      const { check } = failing('c');
      expect(() => trace.step('c', 'saml-jit', check)).toThrow(SamlError);
      await expect(trace.stepAsync('d', 'saml-jit', async () => check())).rejects.toThrow(SamlError);
      expect(trace.rules.map(({ result }) => result)).toEqual(['pass', 'pass', 'fail', 'fail']);
      expect(trace.rules[2]).toEqual({
        rule: 'c',
        section: 'saml-jit',
        result: 'fail',
        code: 'unsolicited_not_allowed',
        hint: 'c',
      });
    }
  });
});
