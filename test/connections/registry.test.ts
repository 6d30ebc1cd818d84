import { readFileSync } from 'node:fs';
import { describe, expect, test, vi } from 'vitest';
import type { ConnectionStore } from '../../src/connections/connection-store.ts';
import type { ConnectionInput } from '../../src/connections/input.ts';
import { connectionRegistry } from '../../src/connections/registry.ts';
import { SamlError } from '../../src/errors.ts';
import { configurationError } from '../support/configuration-error.ts';

const certificate = readFileSync(new URL('../fixtures/certificates/rsa-2048.crt', import.meta.url), 'utf8');
const metadata = readFileSync(new URL('../fixtures/captures/lasso/metadata.xml', import.meta.url), 'utf8');
const input = (id: string, more: Partial<ConnectionInput> = {}, entityId = `urn:${id}`): ConnectionInput => ({
  id,
  organizationId: `org-${id}`,
  idp: { entityId, ssoUrl: 'https://idp.example.com/sso', certificate },
  ...more,
});
const { id: _, organizationId: __, ...anonymous } = input('x');
const ids = (connections: readonly { readonly id: string }[]) => connections.map(({ id }) => id);

describe('connections given by value', () => {
  test('a single connection needs no id', async () => {
    const registry = connectionRegistry(anonymous);
    expect(registry.only).toMatchObject({ id: 'default', organizationId: 'default' });
    expect(connectionRegistry([anonymous]).only).toEqual(registry.only);
    expect(await registry.byId('default')).toBe(registry.only);
    expect(await registry.byId('other')).toBeNull();
  });

  test('are found by id, issuer, domain and organization', async () => {
    const registry = connectionRegistry([
      input('a', { domains: ['A.example', 'bücher.example'] }),
      input('b', { domains: ['b.example'] }),
      input('b2', { organizationId: 'org-b' }, 'urn:b'),
    ]);
    expect(registry.only).toBeNull();
    expect(ids(registry.all)).toEqual(['a', 'b', 'b2']);
    expect((await registry.byId('b'))?.id).toBe('b');
    expect(ids(await registry.byIssuer('urn:a'))).toEqual(['a']);
    expect(ids(await registry.byIssuer('urn:b'))).toEqual(['b', 'b2']);
    expect(ids(await registry.byIssuer('URN:A'))).toEqual([]);
    expect(ids(await registry.byDomain('a.EXAMPLE'))).toEqual(['a']);
    expect(ids(await registry.byDomain('BÜCHER.example'))).toEqual(['a']);
    expect(ids(await registry.byDomain('sub.a.example'))).toEqual([]);
    expect(ids(await registry.byDomain('not a domain'))).toEqual([]);
    expect(ids(await registry.byOrganization('org-b'))).toEqual(['b', 'b2']);
  });

  test('several connections need ids, and organizations if one of them names its organization', () => {
    expect(() => connectionRegistry([anonymous, input('b')])).toThrow(
      configurationError(
        'connections[0]: invalid connection:\n  id: is required where there are several connections\n' +
          '  organizationId: is required where there are several connections',
      ),
    );
    const singleTenant = [
      { ...anonymous, id: 'staff' },
      { ...anonymous, id: 'partners' },
    ];
    expect(connectionRegistry(singleTenant).all.map(({ organizationId }) => organizationId)).toEqual([
      'default',
      'default',
    ]);
  });

  test('every problem of every connection is listed', () => {
    const broken = { ...input('a'), domain: 'x' };
    const bad = { ...input('b'), domains: ['gmail.com'] };
    expect(() => connectionRegistry([broken, bad, input('c'), input('c')])).toThrow(
      configurationError(
        'connections[0]: invalid connection "a":\n  domain: unknown key, did you mean domains?\n' +
          'connections[1]: invalid connection "b":\n  domains[0]: gmail.com is a public mail domain, where anyone can get an address: remove it\n' +
          'two connections have the id "c"',
      ),
    );
  });

  test('a single problem is the cause of the error', () => {
    const broken = { ...anonymous, idp: { ...anonymous.idp, certificate: 'x' } };
    for (const given of [broken, [broken], [broken, input('b')]]) {
      const refused = vi.fn(() => connectionRegistry(given));
      expect(refused).toThrow(TypeError);
      expect(refused.mock.results[0]?.value.cause).toMatchObject({ code: 'certificate_invalid' });
    }
  });

  test('default policy and roles are checked and applied', () => {
    const options = { defaults: { policy: { defaultRole: 'member' } }, roles: ['admin', 'member'] };
    expect(connectionRegistry(anonymous, options).only?.policy.defaultRole).toBe('member');
    expect(() => connectionRegistry([], { ...options, roles: ['admin'] })).toThrow(
      'policy.defaultRole: "member" is not a role',
    );
  });

  test('an empty list is accepted', () => {
    expect(connectionRegistry([])).toMatchObject({ all: [], only: null });
  });
});

describe('connections of a store', () => {
  const store = (rows: readonly unknown[]): ConnectionStore => ({
    async get(id) {
      const settings = rows.find((row) => (row as { id: string }).id.toLowerCase() === id.toLowerCase());
      return settings === undefined ? null : { settings };
    },
    find: async () => rows.map((settings) => ({ settings })),
  });

  test('are validated when they are read', async () => {
    const registry = connectionRegistry(store([input('a'), input('b', { domains: ['b.example'] })]));
    expect(registry).toMatchObject({ all: [], only: null });
    expect(await registry.byId('a')).toMatchObject({ id: 'a', enabled: true });
    expect(await registry.byId('c')).toBeNull();
    expect(ids(await registry.byDomain('B.example'))).toEqual(['b']);
  });

  test('connections that the store returns without an exact match are dropped: databases may ignore case', async () => {
    const registry = connectionRegistry(store([input('a'), input('b')]));
    expect(ids(await registry.byIssuer('urn:a'))).toEqual(['a']);
    expect(ids(await registry.byOrganization('ORG-A'))).toEqual([]);
    expect(await registry.byId('A')).toBeNull();
  });

  test('the store is asked with the normalized domain', async () => {
    const find = vi.fn(async () => []);
    await connectionRegistry({ get: async () => null, find }).byDomain('BÜCHER.example');
    expect(find).toHaveBeenCalledWith({ domain: 'xn--bcher-kva.example' });
  });

  test('the store is queried only for valid ids', async () => {
    const rows = [{ ...input('a'), id: 'a'.repeat(255) }, input('a.b~c:d@e-f_1')];
    const get = vi.fn(async (id: string) => ({ settings: rows.find((row) => row.id === id) }));
    const find = vi.fn(async () => []);
    const registry = connectionRegistry({ get, find });
    for (const { id = '' } of rows) expect((await registry.byId(id))?.id).toBe(id);
    get.mockClear();
    for (const id of ['\0', '', '..', 'a/b', 'a b', ' a', 'a\n', 'ä', 'a'.repeat(256)]) {
      expect(await registry.byId(id)).toBeNull();
    }
    expect(get).not.toHaveBeenCalled();
    await registry.byOrganization('Acme & Söhne');
    expect(find).toHaveBeenCalledExactlyOnceWith({ organizationId: 'Acme & Söhne' });
    for (const id of ['a\0', 'a'.repeat(1025)]) expect(await registry.byOrganization(id)).toEqual([]);
    expect(find).toHaveBeenCalledOnce();
  });

  test('an invalid row does not affect other connections', async () => {
    const onInvalid = vi.fn();
    const bad = { ...input('bad'), idp: {} };
    const registry = connectionRegistry(store([bad, input('a', { organizationId: 'o' })]), { onInvalid });
    expect(ids(await registry.byOrganization('o'))).toEqual(['a']);
    expect(onInvalid).toHaveBeenCalledExactlyOnceWith({ id: 'bad', error: expect.any(TypeError) });
    const refused = registry.byId('bad');
    await expect(refused).rejects.toBeInstanceOf(SamlError);
    await expect(refused).rejects.toMatchObject({
      code: 'connection_unavailable',
      message: 'single sign-on is not available for this connection',
      hint: expect.stringContaining('idp.entityId: is required'),
    });
  });

  test('a row that is not { settings, version } does not affect other connections, and the hint names the expected form', async () => {
    const onInvalid = vi.fn();
    const rows: unknown[] = [
      input('a', { organizationId: 'o' }),
      null,
      { settings: input('b', { organizationId: 'o' }) },
    ];
    const wrong: object = { get: async () => rows[0], find: async () => rows };
    const registry = connectionRegistry(wrong as ConnectionStore, { onInvalid });
    expect(ids(await registry.byOrganization('o'))).toEqual(['b']);
    const expected =
      'a ConnectionStore must resolve to { settings, version }, where settings is the connection; received';
    expect(onInvalid.mock.calls).toEqual([
      [{ id: null, error: new TypeError(`${expected} { id, organizationId, idp }`) }],
      [{ id: null, error: new TypeError(`${expected} null`) }],
    ]);
    await expect(registry.byId('a')).rejects.toMatchObject({
      code: 'connection_unavailable',
      hint: `${expected} { id, organizationId, idp }. Correct the row of the connection store.`,
    });
  });

  test('invalid rows are reported to the function of one login, if there is one', async () => {
    const [general, ofLogin] = [vi.fn(), vi.fn()];
    const rows = [{ ...input('bad'), idp: {} }, { idp: {} }, { id: '/', idp: {} }, null];
    const registry = connectionRegistry(store(rows), { onInvalid: general });
    expect(await registry.reportingTo(ofLogin).byIssuer('urn:a')).toEqual([]);
    expect(general).not.toHaveBeenCalled();
    expect(ofLogin.mock.calls.map(([{ id }]) => id)).toEqual(['bad', null, null, null]);
    const listed = connectionRegistry([input('a')]);
    expect(await listed.reportingTo(ofLogin).byId('a')).toBe(listed.only);
  });

  test('the functions of the store are called through callStore, with their names', async () => {
    const names: string[] = [];
    const callStore = <T>(name: string, call: () => Promise<T>): Promise<T> => {
      names.push(name);
      return call();
    };
    const registry = connectionRegistry(store([input('a')]), { callStore });
    await registry.byId('a');
    await registry.byOrganization('org-a');
    expect(names).toEqual(['connections.get', 'connections.find']);
    const wrong: object = { get: async () => null, find: async () => null };
    await expect(connectionRegistry(wrong as ConnectionStore, { callStore }).byIssuer('urn:a')).rejects.toThrow(
      new TypeError('find of the ConnectionStore must resolve to an array; received object'),
    );
  });

  test('a connection with expired metadata is valid: the expiry is checked at each login', async () => {
    const expired = metadata.replace('<EntityDescriptor ', '<EntityDescriptor validUntil="2020-01-01T00:00:00Z" ');
    expect(expired).not.toBe(metadata);
    const row = { id: 'a', organizationId: 'o', idp: { metadata: expired } };
    const metadataValidUntil = new Date('2020-01-01T00:00:00Z');
    expect(await connectionRegistry(store([row])).byId('a')).toMatchObject({ idp: { metadataValidUntil } });
    expect(connectionRegistry([row, input('b')]).all).toMatchObject([{ idp: { metadataValidUntil } }, { id: 'b' }]);
  });

  test.each([
    ['without organization', { ...anonymous, id: 'a' }],
    ['that is no object', { id: 'a', toJSON: () => 'x' }],
    ['that JSON cannot hold', { ...input('a'), extra: 1n }],
  ])('a row %s is not valid', async (_, row) => {
    await expect(connectionRegistry(store([row])).byId('a')).rejects.toMatchObject({ code: 'connection_unavailable' });
  });

  test('a row is compiled once, and again if its content changes', async () => {
    const rows: unknown[] = [input('a')];
    const registry = connectionRegistry(store(rows));
    const first = await registry.byId('a');
    expect(await registry.byId('a')).toBe(first);
    rows[0] = structuredClone(rows[0]);
    expect(await registry.byId('a')).toBe(first);
    rows[0] = input('a', { enabled: false });
    expect(await registry.byId('a')).toMatchObject({ enabled: false });
  });

  test('1,000 compiled connections are cached, and the least recently used is evicted first', async () => {
    const rows = Array.from({ length: 1001 }, (_, i) => input(`c${i}`));
    const registry = connectionRegistry(store(rows));
    const [first, second] = [await registry.byId('c0'), await registry.byId('c1')];
    for (let i = 2; i < 1000; i++) await registry.byId(`c${i}`);
    expect(await registry.byId('c0')).toBe(first);
    await registry.byId('c1000');
    expect(await registry.byId('c0')).toBe(first);
    expect(await registry.byId('c1')).not.toBe(second);
  });

  test('an error of the store is passed on', async () => {
    const failing: ConnectionStore = {
      get: () => Promise.reject(new Error('down')),
      find: () => Promise.reject(new Error('down')),
    };
    await expect(connectionRegistry(failing).byId('a')).rejects.toThrow('down');
    await expect(connectionRegistry(failing).byIssuer('a')).rejects.toThrow('down');
  });
});
