import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { returnToPolicy } from '../../src/sso/return-to.ts';

const policy = returnToPolicy({ default: '/home', allow: ['/app', '/docs/', 'https://other.example.com/in/'] });

describe('returnTo of an SP-initiated login', () => {
  it.each([
    '/',
    '/a/b?c=d#e',
    '/app',
    '/%2F%2Fevil.example',
    'https://other.example.com/in/',
    'https://other.example.com/in/x?y',
  ])('accepts %s', (target) => expect(policy.own(target)).toBe(target));

  it.each([
    'https://evil.example/',
    '//evil.example',
    '/..//evil.example',
    '/.//evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    'javascript:alert(1)',
    'data:text/html,x',
    '',
    'a/b',
    '/a\nb',
    '/\t/evil.example',
    '/a b',
    ' /a',
    'https://other.example.com/in',
    'https://other.example.com/in/../out',
    'http://other.example.com/in/x',
    'https://other.example.com.evil.example/in/',
    'https://user@other.example.com/in/',
    'https://other.example.com@evil.example/in/',
    `/${'a'.repeat(2048)}`,
    '/a\u202Eb'.replace('\u202E', '\u0085'),
  ])('refuses %j', (target) => expect(policy.own(target)).toBeNull());

  it('returns null for undefined', () => expect(policy.own(undefined)).toBeNull());
});

describe('RelayState of an IdP-initiated login', () => {
  it.each(['/app', '/app/x?y=z', '/docs/a'])('accepts %s', (target) => expect(policy.foreign(target)).toBe(target));
  it.each([
    '/',
    '/apple',
    '/docs',
    '/other',
    '/app/../admin',
    '/app/%2e%2e/admin',
    'https://other.example.com/in/',
    '//app',
    '/app\\..\\admin',
  ])('refuses %j', (target) => expect(policy.foreign(target)).toBeNull());
  it('accepts nothing without a list', () => expect(returnToPolicy().foreign('/app')).toBeNull());
});

it('no returnTo redirects a browser to another origin', () => {
  const piece = fc.constantFrom(
    '/',
    '\\',
    '//',
    'evil.example',
    '\t',
    '\n',
    '@',
    ':',
    'https:',
    '.',
    '..',
    '%2f',
    '\u0000',
    ' ',
    'a',
    '?',
    '#',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.array(piece).map((parts) => parts.join('')),
        fc.string(),
        fc.webUrl(),
      ),
      (target) => {
        for (const admitted of [returnToPolicy().own(target), policy.foreign(target)]) {
          if (admitted !== null)
            expect(new URL(admitted, 'https://app.example.com').origin).toBe('https://app.example.com');
        }
      },
    ),
    { numRuns: 2000 },
  );
});

describe('configuration of returnTo', () => {
  it.each([
    { allow: ['evil'] },
    { allow: ['//evil.example'] },
    { allow: ['ftp://x/'] },
    { default: 'https://elsewhere.example/' },
    { default: '//x' },
  ])('refuses %j', (options) => expect(() => returnToPolicy(options)).toThrow(TypeError));
  it('accepts an absolute default that is in the list', () => {
    expect(returnToPolicy({ default: 'https://a.example/x', allow: ['https://a.example/'] }).fallback).toBe(
      'https://a.example/x',
    );
  });
});
