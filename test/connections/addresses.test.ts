import { describe, expect, test } from 'vitest';
import { endpointProblem, normalizeDomain } from '../../src/connections/addresses.ts';

describe('normalizeDomain', () => {
  test.each([
    ['Example.COM', 'example.com'],
    ['bücher.example', 'xn--bcher-kva.example'],
    ['BÜCHER.example', 'xn--bcher-kva.example'],
    ['a-b.c1.example', 'a-b.c1.example'],
  ])('%s', (text, expected) => expect(normalizeDomain(text)).toBe(expected));

  test.each([
    '',
    'com',
    'ex%61mple.com',
    '127.1',
    '1.2.3.4',
    'a..b',
    '.example.com',
    'example.com.',
    'a_b.com',
    '-a.com',
    'a b.com',
    'a@b.com',
    `${'a'.repeat(64)}.com`,
    `${'a.'.repeat(130)}com`,
  ])('refuses %j', (text) => expect(normalizeDomain(text)).toBeNull());
});

describe('endpointProblem', () => {
  test.each([
    'https://idp.example.com/sso?idpid=1',
    'http://localhost:8080/',
    'http://idp.localhost/',
    'http://127.0.0.1/',
    'http://127.1.2.3/',
    'http://[::1]:1/',
    'https://[2001:db8::1]/sso',
    'https://192.0.2.1:8443/sso',
    'https://münchen.example/sso',
    'https://IDP.Example.com/a;b*c',
  ])('accepts %s', (url) => expect(endpointProblem(url)).toBeUndefined());

  test.each([
    ['http://10.0.0.1/', 'must begin with https:// (http:// on loopback only)'],
    ['http://127.0.0.1.example.com/', 'must begin with https:// (http:// on loopback only)'],
    ['data:text/html,x', 'must begin with https:// (http:// on loopback only)'],
    ['idp.example.com', 'is not an absolute URL'],
    [' https://idp.example.com', 'is not an absolute URL'],
    ['https://user@idp.example.com', 'must not contain a user name or password'],
    ...['a;sandbox;report-uri', '*', "'self'", 'a,b', 'a_b.example.com', '$'].map((host) => [
      `https://${host}/sso`,
      'must name its host by letters, digits, dots and hyphens, or by an IP address',
    ]),
    ['https://idp.example.com/#a', 'must not contain a fragment (#)'],
  ])('refuses %s', (url, problem) => expect(endpointProblem(url)).toBe(problem));
});
