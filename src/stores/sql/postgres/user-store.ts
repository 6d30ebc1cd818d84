import { normalizeEmail } from '../../../provisioning/email.ts';
import {
  type Account,
  type AuditRecord,
  LastRoleHolder,
  SeatLimitReached,
  UserConflict,
} from '../../../provisioning/user-store.ts';
import type { AccountInput } from '../../complete-store.ts';
import { readStatus } from '../columns.ts';
import type { SqlUserStore, SqlUserStoreOptions } from '../options.ts';
import { expectPostgresClient, type PostgresClient, results, sqlState } from './client.ts';
import { functionsOf } from './functions.ts';
import { layoutOf } from './layout.ts';
import { findSql, getSql, listSql, organizationsSql, seatsSql, staleSql } from './queries.ts';

/**
 * Users in PostgreSQL, in tables of the library's own or in the application's. Run {@link migrate} with the same options
 * before. `find`, `create` and `update` are one statement each, which holds for all processes on one database: unique
 * indexes keep accounts apart, and locks of one organization guard seats and last role holders.
 *
 * @param client a `Pool` or `Client` of pg, a PGlite, or any object with `query`
 * @param options those of `migrate`, and `auditLogins` and `decide`
 * @throws ConfigurationError for an invalid option
 * @example
 * ```ts
 * const pool = new pg.Pool();
 * await migrate(pool);
 * const users = postgresUserStore<'owner' | 'admin' | 'member'>(pool);
 * ```
 */
export function postgresUserStore<R extends string = string>(
  client: PostgresClient,
  options: SqlUserStoreOptions<R> = {},
): SqlUserStore<R> {
  expectPostgresClient(client);
  const layout = layoutOf(options);
  const { newId, decide, auditLogins = true } = options;
  const functions = functionsOf(layout);
  const sql = {
    find: findSql(layout),
    organizations: organizationsSql(layout),
    seats: seatsSql(layout),
    stale: staleSql(layout),
    get: getSql(layout),
    list: listSql(layout),
  };

  /** `null`: the user does not exist. */
  async function call(name: string, input: object): Promise<Account<R> | null> {
    const [result] = await results(client, `SELECT ${name}($1::text::jsonb) AS result`, [JSON.stringify(input)]);
    const { account = null, refused }: Answer<R> = JSON.parse(result ?? '{}');
    if (refused !== undefined) throw refusals[refused]();
    return account && accountOf(account);
  }

  async function write(name: string, input: object): Promise<Account<R>> {
    const account = await call(name, input);
    if (account === null) throw refusals.conflict();
    return account;
  }

  /** The e-mail in the form that is stored, and its normalized form. */
  function written(email: string): { readonly email: string; readonly emailKey: string } {
    const key = normalizeEmail(email);
    if (key === null) throw new TypeError(`"${email}" is not an e-mail address`);
    const comparable = layout.columns.emailKey !== undefined || key.length === email.length;
    return { email: comparable ? email : key, emailKey: key };
  }

  async function getAccount(userId: string): Promise<Account<R> | null> {
    const found = await unlessNoId(results(client, sql.get, [userId]));
    return found?.[0] === undefined ? null : accountOf(JSON.parse(found[0]));
  }

  async function setStatus(userId: string, status: Account['status']): Promise<void> {
    const account = await unlessNoId(call(functions.setStatus, { id: userId, status }));
    if (account === null) throw new TypeError(`no user has the id "${userId}"`);
  }

  const audited = (audit: AuditRecord): AuditRecord | null => (auditLogins || audit.action !== 'login' ? audit : null);

  return {
    ...(decide && { decide }),
    async find({ organizationId, email, ...identity }) {
      const { connectionId, issuer, subject, nameQualifier = '', spNameQualifier = '' } = identity;
      const key = email === null ? null : normalizeEmail(email);
      const [result] = await results(client, sql.find, [
        organizationId,
        connectionId,
        issuer,
        subject,
        nameQualifier,
        spNameQualifier,
        organizationId,
        key,
      ]);
      const { bySubject = null, byEmail = null }: Found<R> = JSON.parse(result ?? '{}');
      return { bySubject: bySubject && accountOf(bySubject), byEmail: byEmail && accountOf(byEmail) };
    },
    async create(user, { seats, audit }) {
      return write(functions.create, { ...written(user.email), id: newId?.(), user, seats, audit: audited(audit) });
    },
    async update({ id, organizationId }, changes, { keepLast, expectedVersion, audit }) {
      return write(functions.update, {
        ...(changes.email === undefined ? {} : written(changes.email)),
        id,
        organizationId,
        changes,
        keepLast,
        expectedVersion,
        newVersion: audit.action !== 'login',
        audit: audited(audit),
      });
    },
    async organizationsOf(email) {
      const key = normalizeEmail(email);
      return key === null ? [] : results(client, sql.organizations, [key]);
    },
    async seatsTaken(organizationId) {
      const [count] = await results(client, sql.seats, [organizationId]);
      return Number(count);
    },
    async listStale({ organizationId, olderThan }) {
      const stale = await results(client, sql.stale, [organizationId, olderThan.toISOString()]);
      return stale.map((result) => accountOf<R>(JSON.parse(result)));
    },
    get: getAccount,
    suspend: (userId) => setStatus(userId, 'suspended'),
    remove: (userId) => setStatus(userId, 'removed'),
    restore: (userId) => setStatus(userId, 'active'),
    async list(organizationId) {
      const found = await results(client, sql.list, [organizationId]);
      return found.map((result) => accountOf<R>(JSON.parse(result)));
    },
    async put(account: AccountInput<R>) {
      const current = account.id === undefined ? null : await getAccount(account.id);
      const blank = { name: null, role: null, status: 'active', emailVerified: true, identities: [] } as const;
      const user = { ...(current ?? blank), ...account };
      const id = account.id ?? newId?.();
      return write(functions.put, { ...written(user.email), id, user, expectedVersion: current?.version ?? null });
    },
  };
}

const refusals = {
  conflict: () => new UserConflict('another account has this identity or e-mail, or the account changed'),
  seats: () => new SeatLimitReached('all seats are taken'),
  lastRoleHolder: () => new LastRoleHolder('no other active account has the role'),
};

/** `null` for a text that cannot be an id: not a number or UUID, a number too large, or a zero character. */
async function unlessNoId<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (['22P02', '22003', '22021', '22P05'].includes(sqlState(error))) return null;
    throw error;
  }
}

/** An account as `accountJson` of queries.ts writes it. */
type StoredAccount<R extends string> = {
  readonly [K in keyof Account<R>]: K extends 'lastLoginAt'
    ? number | null
    : K extends 'provenance' | 'customAttributes'
      ? Account<R>[K] | null
      : Account<R>[K];
};

interface Answer<R extends string> {
  readonly account?: StoredAccount<R> | null;
  readonly refused?: keyof typeof refusals;
}

interface Found<R extends string> {
  readonly bySubject?: StoredAccount<R> | null;
  readonly byEmail?: StoredAccount<R> | null;
}

function accountOf<R extends string>(stored: StoredAccount<R>): Account<R> {
  const { provenance, customAttributes, lastLoginAt, ...rest } = stored;
  return {
    ...rest,
    status: readStatus(rest.status),
    ...(provenance && { provenance }),
    ...(customAttributes && { customAttributes }),
    lastLoginAt: lastLoginAt === null || lastLoginAt === undefined ? null : new Date(lastLoginAt),
  };
}
