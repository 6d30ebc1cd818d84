import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../src/configuration-error.ts';
import { resolvePolicy } from '../../src/connections/policy.ts';
import { presets } from '../../src/connections/presets.ts';
import { parseConnection } from '../../src/connections/schema.ts';

const certificate = readFileSync(new URL('../fixtures/certificates/rsa-2048.crt', import.meta.url), 'utf8');
const idp = { entityId: 'https://idp.example.com', ssoUrl: 'https://idp.example.com/sso', certificate };
const relaxed = {
  allowSha1: true,
  allowAesCbc: true,
  requireDestination: true,
  maxAssertionLifetimeSeconds: 172_800,
};

describe('security', () => {
  it.each(Object.entries(relaxed))('is set next to idp, never inside it: %s', (key, value) => {
    const inIdp = () => parseConnection({ idp: { ...idp, [key]: value } });
    expect(inIdp).toThrow(ConfigurationError);
    expect(inIdp).toThrow(`idp.${key}: unknown key, did you mean security.${key}?`);
    expect(parseConnection({ idp, security: { [key]: value } }).security).toMatchObject({ [key]: value });
  });

  it.each(['policy', 'security', 'decryption', 'domains'])('%s is not a setting of the identity provider', (key) => {
    expect(() => parseConnection({ idp: { ...idp, [key]: {} } })).toThrow(`idp.${key}: unknown key`);
    expect(() => parseConnection({ idp })).not.toThrow();
  });

  it.each(Object.keys(presets))('is the strict default with the preset %s, which relaxes no policy', (preset) => {
    const strict = parseConnection({ idp: { ...idp, preset: 'generic' } });
    const connection = parseConnection({ idp: { ...idp, preset } });
    expect(connection.security).toEqual({
      allowSha1: false,
      allowAesCbc: false,
      requireDestination: false,
      maxAssertionLifetimeSeconds: 86_400,
    });
    // A missing group attribute may take a role away; it grants nothing.
    expect({ ...connection.policy, absentGroups: strict.policy.absentGroups }).toEqual(strict.policy);
    expect(strict.policy).toEqual(resolvePolicy());
    expect(['unknown', 'none']).toContain(connection.policy.absentGroups);
    expect(connection.idp.requireSigned).toBe('either');
  });
});
