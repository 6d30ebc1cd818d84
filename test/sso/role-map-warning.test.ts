import { describe, expect, it } from 'vitest';
import type { ConnectionInput } from '../../src/index.ts';
import { roleMapWarning } from '../../src/sso/role-map-warning.ts';
import { connection } from '../provisioning/support.ts';
import { product, unsolicited } from './setup.ts';

const roleMap = { policy: { roleMap: { staff: 'member' }, idpInitiated: 'allow' } } as const;
const warning = {
  type: 'warning',
  connectionId: 'acme',
  warning: 'role_map_unused',
  hint: 'policy.roleMap of the connection "acme" has no effect, and logins leave roles alone: give createSso "roles", the roles of the application, highest first; or remove policy.roleMap.',
};

describe('a roleMap without roles of the application', () => {
  it('causes one warning at start', async () => {
    const app = product({ roles: undefined }, roleMap);
    expect(app.events).toMatchObject([warning]);
    await app.sso.completeLogin({ samlResponse: unsolicited(app) });
    expect(app.events.filter(({ type }) => type === 'warning')).toHaveLength(1);
  });

  it('causes a warning for each connection that has one, also by the default policy', () => {
    const idp = { metadata: product().idp.metadata() };
    const named = (id: string): ConnectionInput => ({ id, organizationId: id, idp });
    const { events } = product({
      roles: undefined,
      policy: { roleMap: { staff: 'member' } },
      connections: [named('acme'), { ...named('globex'), policy: { roleMap: {} } }, named('initech')],
    });
    expect(events.map((event) => 'connectionId' in event && event.connectionId)).toEqual(['acme', 'initech']);
  });

  it('causes a warning for a connection of a store at its first login', async () => {
    const given = product();
    const row = { id: 'acme', organizationId: 'acme', idp: { metadata: given.idp.metadata() }, ...roleMap };
    const connections = { get: async () => ({ settings: row }), find: async () => [{ settings: row }] };
    const app = product({ roles: undefined, connections });
    expect(app.events).toEqual([]);
    for (let i = 0; i < 2; i++) await app.sso.completeLogin({ samlResponse: unsolicited(app) });
    expect(app.events.filter(({ type }) => type === 'warning')).toMatchObject([warning]);
  });

  it('causes no warning if there are roles, or no roleMap', () => {
    expect(product({}, roleMap).events).toEqual([]);
    expect(product({ roles: undefined }).events).toEqual([]);
  });

  it('causes one warning for each of 10,000 connections', () => {
    let warnings = 0;
    const warn = roleMapWarning(undefined, () => warnings++);
    const numbered = (id: number) => connection({ id: `c${id}` }, { roleMap: { staff: 'member' } });
    for (let id = 0; id < 10_001; id++) warn(numbered(id));
    expect(warnings).toBe(10_001);
    warn(numbered(10_000));
    expect(warnings).toBe(10_001);
    warn(numbered(0));
    expect(warnings).toBe(10_002);
  });
});
