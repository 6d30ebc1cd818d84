import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { messages } from '../src/error-codes.ts';
import { SamlError } from '../src/errors.ts';

const cause = new Error('of the operator');
const error = new SamlError('audience_mismatch', {
  hint: 'hint of the operator',
  details: { expected: 'urn:app', received: ['urn:other'] },
  cause,
});

describe('SamlError', () => {
  it('has a constant message, and details for the operator', () => {
    expect(error).toBeInstanceOf(SamlError);
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({
      name: 'SamlError',
      code: 'audience_mismatch',
      message: messages.audience_mismatch,
      hint: 'hint of the operator',
      details: { expected: 'urn:app', received: ['urn:other'] },
      cause,
    });
    expect(error.reference).toMatch(/^[A-Z0-9]{4}-[A-Z0-9]{4}$/);
    expect(error.stack).toContain('errors.test.ts');
  });

  it('shows only code and name when it is serialized', () => {
    expect(JSON.parse(JSON.stringify(error))).toEqual({ name: 'SamlError', code: 'audience_mismatch' });
    expect(Object.keys({ ...error }).sort()).toEqual(['code', 'name']);
    expect(inspect(error, { depth: 0 })).not.toContain('urn:other');
  });

  it('is recognized by instanceof, and nothing else is', () => {
    for (const other of [new Error('x'), { code: 'expired', hint: 'x' }, null, undefined, 'expired']) {
      expect(other instanceof SamlError).toBe(false);
    }
  });

  it('has empty details and no cause by default', () => {
    const failed = new SamlError('decryption_failed', { hint: 'x' });
    expect(failed.details).toEqual({});
    expect('cause' in failed).toBe(false);
  });

  it('escapes control characters of the message in its hint', () => {
    expect(new SamlError('decryption_failed', { hint: 'a\nb\u202E' }).hint).toBe('a\\u{a}b\\u{202e}');
  });
});
