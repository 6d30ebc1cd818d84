import { describe, expect, test } from 'vitest';
import { memoryConnectionStore } from '../../src/stores/memory-connection-store.ts';
import { connectionStoreCases } from '../../src/testing/contracts/connection-store/cases.ts';
import { selfSigned } from '../../src/testing/idp/self-signed.ts';
import { configurationError } from '../support/configuration-error.ts';

const { certificate } = selfSigned();
const acme = {
  id: 'acme',
  organizationId: 'acme',
  domains: ['acme.example'],
  idp: { entityId: 'https://idp.acme.example', ssoUrl: 'https://idp.acme.example/sso', certificate },
};

describe('memoryConnectionStore', () => {
  describe('the contract', () => {
    const cases = connectionStoreCases(async () => {
      const store = memoryConnectionStore({ roles: ['owner', 'admin', 'member'] });
      return { store, other: store };
    });
    for (const { name, run } of cases) test(name, run);
  });

  test('contains the connections that are passed to it', async () => {
    const store = memoryConnectionStore({ connections: [acme, { ...acme, id: 'acme-2' }] });
    expect(await store.find({ domain: 'acme.example' })).toHaveLength(2);
    expect(await store.get('acme')).toMatchObject({ settings: acme });
  });

  test.each([
    [[acme, acme], 'connections[1].id must be unique; received "acme" twice', ['connections', 1, 'id']],
    [[{ ...acme, idp: {} }], 'idp.entityId: is required', ['connections', 0, 'idp', 'entityId']],
    [
      [acme, { ...acme, id: 'b', organizationId: 'b' }],
      'acme.example is a verified domain of another organization',
      ['connections', 1, 'domains', 0],
    ],
  ])('refuses connections that put would refuse', (connections, message, path) => {
    const issues = expect.arrayContaining([expect.objectContaining({ path })]);
    expect(() => memoryConnectionStore({ connections })).toThrow(
      expect.objectContaining({ name: 'ConfigurationError', issues }),
    );
    expect(() => memoryConnectionStore({ connections })).toThrow(message);
  });

  test('the error for a domain of another organization names the setting, and not the other organization', async () => {
    const store = memoryConnectionStore({ connections: [acme] });
    const rival = { ...acme, id: 'rival', organizationId: 'rival', domains: ['rival.example', 'ACME.example'] };
    await expect(store.put(rival, null)).rejects.toThrow(
      configurationError(
        'invalid connection "rival":\n  domains[1]: acme.example is a verified domain of another organization: remove it here, or from the connections of that organization',
      ),
    );
  });

  test('without the option roles, the roles of a policy are not checked', async () => {
    expect(await memoryConnectionStore().put({ ...acme, policy: { defaultRole: 'anything' } }, null)).toBe(true);
  });
});
