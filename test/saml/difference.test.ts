import { describe, expect, it } from 'vitest';
import { difference } from '../../src/saml/difference.ts';

const ours = 'https://app.example.com/sso/acs';

describe('difference', () => {
  it.each([
    ['https://app.example.com/sso/acs/', 'the slash at the end'],
    ['http://app.example.com/sso/acs', 'http and https'],
    ['https://App.example.com/SSO/acs', 'upper and lower case'],
    [' https://app.example.com/sso/acs\n', 'white space'],
    ['http://app.example.com/sso/acs/', 'http and https and the slash at the end'],
    ['https://staging.example.com/sso/acs', 'the host'],
    ['https://app.example.com:8443/sso/acs', 'the port'],
    ['https://app.example.com:443/sso/acs', 'the port'],
    ['https://app.example.com/saml/consume', 'the path'],
    ['https://app.example.com/sso/acs?tenant=1', 'the query'],
  ])('of %j is described as: %s', (received, slip) => {
    expect(difference(received, ours)).toBe(slip);
    expect(difference(ours, received)).toBe(slip);
  });

  it.each([
    ['nothing', ours],
    ['host and path', 'https://other.example/acs'],
    ['everything', 'urn:example:app'],
    ['emptiness', ''],
    ['absurd length', `https://app.example.com/${'/'.repeat(2048)}`],
  ])('reports no difference in %s', (_, received) => {
    expect(difference(received, ours)).toBeUndefined();
  });

  it('works on names that are no URL', () => {
    expect(difference('urn:Example:app', 'urn:example:app')).toBe('upper and lower case');
    expect(difference('urn:example:app', 'urn:example:other')).toBeUndefined();
  });
});
