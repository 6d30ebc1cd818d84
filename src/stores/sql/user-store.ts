import { randomUUID } from 'node:crypto';
import { normalizeEmail } from '../../provisioning/email.ts';
import { type Account, LastRoleHolder, UserConflict } from '../../provisioning/user-store.ts';
import { changed, hasIdentity, isLiving, isUsable, livingFirst } from '../account.ts';
import { accountsOf } from './accounts.ts';
import { layoutOf } from './layout.ts';
import type { SqlUserStore, SqlUserStoreOptions } from './options.ts';
import { saver } from './save.ts';
import type { Dialect, Runner, Work } from './statement.ts';

/** The user store of a database. */
export function sqlUserStore<R extends string>(
  options: SqlUserStoreOptions<R>,
  dialect: Dialect,
  { read, write }: Runner,
): SqlUserStore<R> {
  type User = Account<R>;
  const layout = layoutOf(options, dialect);
  const { newId = options.users ? null : randomUUID, oneAccountPerEmail = false, auditLogins = true, decide } = options;
  const accounts = accountsOf<R>(layout, dialect);
  const organization = layout.columnOf('organizationId');
  // The first condition can use an index.
  const inOrganization = `${organization} = ? AND ${dialect.equals(organization)}`;
  const status = layout.columnOf('status');
  const { countsAsSeat = `${status} IN ('active', 'invited')` } = options;
  const seatsTaken = (organizationId: string) =>
    accounts.count(`${inOrganization} AND (${countsAsSeat})`, organizationId, organizationId);
  const save = saver(layout, accounts, dialect, { oneAccountPerEmail, auditLogins, seatsTaken });

  function* assertAnotherHolder({ id, organizationId }: User, role: R): Work<void> {
    const others = `${inOrganization} AND ${dialect.equals(layout.columnOf('role'))} AND ${layout.columnOf('id')} <> ?`;
    const values = [organizationId, organizationId, role, id];
    const count = yield* accounts.count(`${others} AND ${status} = 'active'`, ...values);
    if (count === 0) throw new LastRoleHolder(`no other active account has the role "${role}"`);
  }

  function* setStatus(userId: string, to: Account['status']): Work<void> {
    const found = yield* accounts.byId(userId);
    // Transactions that count seats or role holders wait. This lock is always taken before that of the account, so that no deadlock is possible.
    if (found) yield* accounts.lockOrganization(found.account.organizationId);
    const current = found && (yield* accounts.locked(userId));
    if (!current) throw new TypeError(`no user has the id "${userId}"`);
    yield* save(current, { ...current.account, status: to });
  }

  return {
    find: ({ organizationId, email, ...identity }) =>
      read(function* () {
        const key = email === null ? null : normalizeEmail(email);
        const found = yield* accounts.candidates(key, [identity], oneAccountPerEmail ? null : organizationId);
        const users = found.map(({ account }) => account);
        const bySubject = users.filter((user) => user.organizationId === organizationId && hasIdentity(user, identity));
        const byEmail = found.filter((each) => each.emailKey === key).map(({ account }) => account);
        const own = byEmail.filter((user) => user.organizationId === organizationId);
        const elsewhere = oneAccountPerEmail
          ? byEmail.find((user) => isLiving(user) && user.organizationId !== organizationId)
          : undefined;
        return { bySubject: livingFirst(bySubject), byEmail: own.find(isLiving) ?? elsewhere ?? livingFirst(own) };
      }),
    create: ({ identity, ...fields }, guard) =>
      write(function* () {
        if (guard.seats !== null) yield* accounts.lockOrganization(fields.organizationId);
        const id = newId?.() ?? '';
        return yield* save(null, { ...fields, id, status: 'active', identities: [identity], provenance: {} }, guard);
      }),
    update: (user, changes, { keepLast, expectedVersion, audit }) =>
      write(function* () {
        const demotes = keepLast !== null && changes.role !== undefined && changes.role !== keepLast;
        if (demotes) yield* accounts.lockOrganization(user.organizationId);
        const current = yield* accounts.locked(user.id);
        const isStale = expectedVersion !== undefined && current?.account.version !== expectedVersion;
        const isElsewhere = current?.account.organizationId !== user.organizationId;
        if (!current || isStale || isElsewhere || !isUsable(current.account)) {
          throw new UserConflict('the account changed since it was read');
        }
        if (demotes && current.account.role === keepLast) yield* assertAnotherHolder(current.account, keepLast);
        return yield* save(current, changed(current.account, changes), { audit });
      }),
    ...(decide && { decide }),
    organizationsOf: (email) =>
      read(function* () {
        const key = normalizeEmail(email);
        return key === null ? [] : yield* accounts.organizationsOf(key);
      }),
    seatsTaken: (organizationId) => read(() => seatsTaken(organizationId)),
    listStale: ({ organizationId, olderThan }) =>
      read(function* () {
        const time = layout.columnOf('lastLoginAt');
        const condition = `${inOrganization} AND ${status} = 'active' AND (${time} IS NULL OR ${time} < ?)`;
        const values = [organizationId, organizationId, dialect.time(olderThan)];
        return (yield* accounts.where(condition, ...values)).map(({ account }) => account);
      }),
    get: (userId) =>
      read(function* () {
        return (yield* accounts.byId(userId))?.account ?? null;
      }),
    suspend: (userId) => write(() => setStatus(userId, 'suspended')),
    remove: (userId) => write(() => setStatus(userId, 'removed')),
    restore: (userId) => write(() => setStatus(userId, 'active')),
    list: (organizationId) =>
      read(function* () {
        const found = yield* accounts.where(inOrganization, organizationId, organizationId);
        return found.map(({ account }) => account);
      }),
    put: (account) =>
      write(function* () {
        const current = account.id === undefined ? null : yield* accounts.locked(account.id);
        const blank = { name: null, role: null, status: 'active', emailVerified: true, identities: [] } as const;
        const id = account.id ?? newId?.() ?? '';
        return yield* save(current, {
          ...(current?.account ?? { ...blank, provenance: {}, customAttributes: {} }),
          ...account,
          id,
        });
      }),
  };
}
