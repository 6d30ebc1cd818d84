import { describe, expect, it } from 'vitest';
import { type ConnectionStore, memoryConnectionStore, type StorableConnection } from '../../src/index.ts';
import { createTestIdp } from '../../src/testing/index.ts';
import { configurationError } from '../support/configuration-error.ts';
import { decryptionPair, pemOf } from '../support/encryption.ts';
import { key, login, product, roles } from './setup.ts';

const idp = createTestIdp({ key, entityId: 'https://globex-idp.example/metadata' });
const settings = (id: string, more: Partial<StorableConnection> = {}): StorableConnection => ({
  id,
  organizationId: id,
  idp: { metadata: idp.metadata() },
  ...more,
});
const invalid = { id: 'broken', organizationId: 'broken', idp: {} };

/** Rows that no `put` validated, as an application may keep them. */
function rows(...given: readonly unknown[]): ConnectionStore {
  const stored = given.map((each, index) => ({ settings: each, version: index + 1 }));
  return { get: async (id) => stored.find((row) => Object(row.settings).id === id) ?? null, find: async () => [] };
}

describe('sso.connections.get', () => {
  it('returns settings, version and the validated connection', async () => {
    const connections = memoryConnectionStore({ connections: [settings('acme', { domains: ['ACME.example'] })] });
    const { sso } = product({ connections, policy: { defaultRole: 'member' } });
    expect(await sso.connections.get('acme')).toEqual({
      id: 'acme',
      settings: settings('acme', { domains: ['ACME.example'] }),
      version: 1,
      connection: expect.objectContaining({ id: 'acme', domains: ['acme.example'] }),
      error: null,
    });
    const entry = await sso.connections.get('acme');
    expect(entry?.connection?.policy.defaultRole).toBe('member');
    expect(await sso.connections.get('globex')).toBeNull();
  });

  it('returns the error of an invalid row', async () => {
    const { sso } = product({ connections: rows(invalid, { id: 'globex' }) });
    expect(await sso.connections.get('broken')).toMatchObject({
      ...{ id: 'broken', settings: invalid, version: 1, connection: null },
      error: {
        name: 'ConfigurationError',
        message: expect.stringContaining('invalid connection "broken":\n  idp.entityId: '),
      },
    });
  });

  it('never fills in the id or organization of a row', async () => {
    const { sso } = product({ connections: rows({ ...settings('acme'), organizationId: undefined }) });
    const entry = await sso.connections.get('acme');
    expect(entry?.connection).toBeNull();
    expect(entry?.error?.message).toContain('organizationId: is required');
  });

  it('returns no connection whose id differs in spelling, and does not query the store for an invalid id', async () => {
    const asked: string[] = [];
    const get = async (id: string) => {
      asked.push(id);
      return { settings: settings('acme'), version: 1 };
    };
    const { sso } = product({ connections: { get, find: async () => [] } });
    expect(await sso.connections.get('acme')).not.toBeNull();
    expect(await sso.connections.get('ACME')).toBeNull();
    expect(await sso.connections.get('a\0')).toBeNull();
    expect(asked).toEqual(['acme', 'ACME']);
  });

  it('returns connections given in code, without a version', async () => {
    const { sso, idp: acme } = product();
    expect(await sso.connections.get('acme')).toMatchObject({
      id: 'acme',
      settings: { id: 'acme', organizationId: 'acme', idp: { metadata: acme.metadata() } },
      version: null,
      connection: { id: 'acme', enabled: true },
      error: null,
    });
    expect(await sso.connections.get('other')).toBeNull();
  });

  it('passes on an error of the store', async () => {
    const down = new Error('connect ECONNREFUSED');
    const app = product({ connections: { get: () => Promise.reject(down), find: async () => [] } });
    await expect(app.sso.connections.get('acme')).rejects.toThrow(down);
    expect(app.events).toEqual([]);
  });
});

describe('sso.connections.list', () => {
  const list = async (connections: Parameters<typeof product>[0], page: { limit: number; after?: string }) =>
    (await product(connections).sso.connections.list(page)).map(({ id }) => id);

  it.each([
    ['of a store', memoryConnectionStore({ connections: ['c', 'a', 'b'].map((id) => settings(id)) })],
    ['given in code', ['c', 'a', 'b'].map((id) => settings(id))],
  ])('returns pages of connections %s in the order of their ids', async (_where, connections) => {
    expect(await list({ connections }, { limit: 2 })).toEqual(['a', 'b']);
    expect(await list({ connections }, { limit: 2, after: 'b' })).toEqual(['c']);
    expect(await list({ connections }, { limit: 2, after: 'c' })).toEqual([]);
    for (const limit of [0, 1.5, 1001])
      await expect(list({ connections }, { limit })).rejects.toThrow(
        new TypeError('limit must be an integer from 1 to 1000'),
      );
  });

  it('includes invalid rows, which logins ignore', async () => {
    const all = [{ settings: settings('acme'), version: 1 }, { settings: invalid }, { settings: null }];
    const store: ConnectionStore = { get: async () => null, find: async () => [], list: async () => all };
    const found = await product({ connections: store }).sso.connections.list({ limit: 10 });
    expect(found.map(({ id, version, error }) => [id, version, error === null])).toEqual([
      ['acme', 1, true],
      ['broken', null, false],
      [null, null, false],
    ]);
  });

  it('needs a store that can list', async () => {
    await expect(product({ connections: rows() }).sso.connections.list({ limit: 1 })).rejects.toThrow(
      new TypeError(
        'the connection store has no list(), an optional function of a ConnectionStore: add it to use sso.connections.list',
      ),
    );
  });
});

describe('sso.connections.save', () => {
  const store = () => memoryConnectionStore({ roles });

  it('writes a new connection, which logins use at once', async () => {
    const app = product({ connections: store(), policy: { defaultRole: 'member' } });
    const acme = settings('acme', { idp: { metadata: app.idp.metadata() }, policy: { idpInitiated: 'allow' } });
    const saved = await app.sso.connections.save(acme, { expectedVersion: null });
    expect(saved).toMatchObject({ outcome: 'saved', connection: { id: 'acme', policy: { defaultRole: 'member' } } });
    const begun = await app.sso.beginLogin({ connectionId: 'acme' });
    expect(begun.kind).toBe('redirect');
  });

  it('replaces only the version that was read', async () => {
    const { sso } = product({ connections: store() });
    await sso.connections.save(settings('acme'), { expectedVersion: null });
    expect(await sso.connections.save(settings('acme'), { expectedVersion: null })).toEqual({ outcome: 'conflict' });
    const { version = null } = (await sso.connections.get('acme')) ?? {};
    const disabled = settings('acme', { enabled: false });
    expect(await sso.connections.save(disabled, { expectedVersion: version })).toMatchObject({ outcome: 'saved' });
    expect(await sso.connections.save(settings('acme'), { expectedVersion: version })).toEqual({ outcome: 'conflict' });
    expect((await sso.connections.get('acme'))?.connection?.enabled).toBe(false);
  });

  it.each<[string, Partial<StorableConnection>, string]>([
    ['a missing organization', { organizationId: undefined as unknown as string }, 'organizationId: is required'],
    ['a missing id', { id: undefined as unknown as string }, 'id: is required'],
    ['an unknown role', { policy: { defaultRole: 'boss' } }, 'policy.defaultRole: '],
    ['an identity provider without metadata', { idp: {} }, 'idp.entityId: '],
    ['requests that must be signed, without a key', { idp: { metadata: idp.metadata(), signRequests: true } }, 'idp'],
  ])('refuses %s, and writes nothing', async (_what, change, problem) => {
    const connections = store();
    const { sso } = product({ connections });
    const refused = sso.connections.save({ ...settings('acme'), ...change }, { expectedVersion: null });
    await expect(refused).rejects.toThrow(TypeError);
    await expect(refused).rejects.toThrow(problem);
    expect(await connections.list({ limit: 1 })).toEqual([]);
  });

  it('refuses a domain of another organization, and accepts it from the same organization', async () => {
    const { sso } = product({ connections: store() });
    const domains = ['acme.example'];
    await sso.connections.save(settings('acme', { domains }), { expectedVersion: null });
    await expect(
      sso.connections.save(settings('globex', { domains: ['ACME.example'] }), { expectedVersion: null }),
    ).rejects.toThrow('domains[0]: acme.example is a verified domain of another organization');
    const second = settings('acme-2', { organizationId: 'acme', domains });
    expect(await sso.connections.save(second, { expectedVersion: null })).toMatchObject({ outcome: 'saved' });
  });

  it('does not move a connection to another organization', async () => {
    const connections = store();
    const { sso } = product({ connections });
    await sso.connections.save(settings('acme'), { expectedVersion: null });
    const { version = null } = (await sso.connections.get('acme')) ?? {};
    const rival = settings('acme', { organizationId: 'globex' });
    await expect(sso.connections.save(rival, { expectedVersion: version })).rejects.toThrow(
      configurationError(
        'organizationId is not that of the stored connection: a connection stays with its organization. Delete it, and save a new one',
      ),
    );
    expect((await sso.connections.get('acme'))?.connection?.organizationId).toBe('acme');
    expect(await sso.connections.save(settings('acme'), { expectedVersion: version })).toMatchObject({
      outcome: 'saved',
    });
  });

  it('refuses a decryption key that createSso has', async () => {
    const pair = decryptionPair('application');
    const decryption = { privateKey: pemOf(pair), certificate: pair.certificate };
    const { sso } = product({ connections: store(), decryption });
    const shared = settings('acme', { decryption });
    await expect(sso.connections.save(shared, { expectedVersion: null })).rejects.toThrow(
      'connection "acme" has a decryption key that createSso (decryption) has as well',
    );
    expect(await sso.connections.save(settings('acme'), { expectedVersion: null })).toMatchObject({ outcome: 'saved' });
  });

  it('needs the expected version, so that no change of another operator is lost', async () => {
    const { sso } = product({ connections: store() });
    for (const options of [{}, { expectedVersion: '1' }, undefined])
      await expect(sso.connections.save(settings('acme'), options as { expectedVersion: null })).rejects.toThrow(
        'save: expectedVersion must be the version that get or list returned, or null for a new connection; received ',
      );
    await expect(
      sso.connections.save(settings('acme'), { version: 1 } as unknown as { expectedVersion: null }),
    ).rejects.toThrow('save: unknown key "version"');
  });

  it('is not possible for connections given in code', async () => {
    await expect(product().sso.connections.save(settings('acme'), { expectedVersion: null })).rejects.toThrow(
      new TypeError(
        'save: the connections of this application are given in code (option connections of createSso). Change them there, or give createSso a ConnectionStore',
      ),
    );
  });

  it('needs a store that can write, and that returns whether it did', async () => {
    const version = { expectedVersion: null };
    await expect(product({ connections: rows() }).sso.connections.save(settings('acme'), version)).rejects.toThrow(
      new TypeError(
        'the connection store has no put(), an optional function of a ConnectionStore: add it to use sso.connections.save',
      ),
    );
    const silent = { ...rows(), put: async () => undefined as unknown as boolean };
    await expect(product({ connections: silent }).sso.connections.save(settings('acme'), version)).rejects.toThrow(
      new TypeError('put of the ConnectionStore must resolve to true or false; received undefined'),
    );
  });
});

describe('sso.connections.lookup', () => {
  const acme = { connectionId: 'acme', organizationId: 'acme' };

  it('finds the connections that a login of an e-mail address can use, without beginning one', async () => {
    const app = product();
    await login(app);
    app.events.length = 0;
    expect(await app.sso.connections.lookup({ email: 'Alice@ACME.example' })).toEqual([acme]);
    expect(await app.sso.connections.lookup({ email: 'unknown@acme.example' })).toEqual([]);
    expect(await app.sso.connections.lookup({ email: 'not an address' })).toEqual([]);
    expect(app.events).toEqual([]);
  });

  it('finds by domain only for a verified domain, and by e-mail address only with discoverByDomain', async () => {
    const domains = ['acme.example'];
    const { sso } = product({}, { domains });
    expect(await sso.connections.lookup({ domain: 'ACME.example' })).toEqual([acme]);
    expect(await sso.connections.lookup({ domain: 'globex.example' })).toEqual([]);
    expect(await sso.connections.lookup({ email: 'unknown@acme.example' })).toEqual([]);
    const discovering = product({ discoverByDomain: true }, { domains });
    expect(await discovering.sso.connections.lookup({ email: 'unknown@acme.example' })).toEqual([acme]);
  });

  it.each([
    ['disabled connections', {}, { enabled: false }],
    ['organizations without single sign-on', { organization: async () => ({ sso: false, seats: null }) }, {}],
  ])('leaves out %s', async (_what, options, connection) => {
    const { sso } = product(options, { domains: ['acme.example'], ...connection });
    expect(await sso.connections.lookup({ domain: 'acme.example' })).toEqual([]);
  });

  it('reports a store that fails as the other functions do', async () => {
    const find = () => Promise.reject(new Error('connect ECONNREFUSED'));
    const app = product({ connections: { get: async () => null, find } });
    await expect(app.sso.connections.lookup({ domain: 'acme.example' })).rejects.toMatchObject({
      code: 'store_failed',
      message: 'the login could not be completed',
      hint: 'connections.find failed: Error: connect ECONNREFUSED. No connection was looked up. Try again.',
    });
    expect(app.events).toMatchObject([{ type: 'failed', code: 'store_failed' }]);
  });

  it.each([
    [{}, 'lookup: pass one of email and domain, a string'],
    [{ email: 'a@b.example', domain: 'b.example' }, 'lookup: pass one of email and domain, a string'],
    [{ email: 1 }, 'lookup: pass one of email and domain, a string'],
    [{ mail: 'a@b.example' }, 'lookup: unknown key "mail", did you mean email?'],
    [null, 'lookup: pass { email } or { domain }'],
  ])('refuses the target %j', async (target, message) => {
    await expect(product().sso.connections.lookup(target as { email: string })).rejects.toThrow(
      message.includes('unknown key') ? configurationError(message) : new TypeError(message),
    );
  });
});
