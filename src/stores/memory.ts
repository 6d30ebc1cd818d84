import { randomUUID } from 'node:crypto';
import { invalidOption } from '../configuration-error.ts';
import { normalizeEmail } from '../provisioning/email.ts';
import {
  type Account,
  type AuditRecord,
  LastRoleHolder,
  SeatLimitReached,
  UserConflict,
} from '../provisioning/user-store.ts';
import { changed, hasIdentity, isLiving, isUsable, livingFirst } from './account.ts';
import type { AccountInput, EditableUserStore } from './complete-store.ts';

/** Options of {@link memoryUserStore}. */
export interface MemoryUserStoreOptions<R extends string> {
  /** The application's roles: they type `role`, and `put` refuses others. */
  readonly roles?: readonly R[] | undefined;
  readonly users?: readonly AccountInput<R>[] | undefined;
  /** No two organizations share an e-mail. Default `false`. */
  readonly oneAccountPerEmail?: boolean | undefined;
  /** Which accounts take a seat. Default: active and invited ones. */
  readonly countsAsSeat?: ((user: Account<R>) => boolean) | undefined;
  /** Makes the `id` of a new account. Default: a random UUID. */
  readonly newId?: (() => string) | undefined;
  /** Called with each record before its write takes effect; if it throws, nothing is written. */
  readonly onAudit?: ((record: AuditRecord) => void) | undefined;
}

/** Result of {@link memoryUserStore}. */
export type MemoryUserStore<R extends string> = EditableUserStore<R>;

/**
 * A user store for tests, demos and prototypes: everything is lost with the process.
 *
 * @param options roles, accounts to begin with, and what counts as a seat
 * @throws ConfigurationError for initial users with an invalid e-mail or role; {@link UserConflict} for two of one e-mail
 * @example
 * ```ts
 * import { memoryUserStore } from 'saml-jit';
 *
 * const users = memoryUserStore({
 *   roles: ['owner', 'admin', 'member'],
 *   users: [{ organizationId: 'acme', email: 'alice@acme.example', role: 'owner' }],
 * });
 * ```
 */
export function memoryUserStore<const R extends string = string>(
  options: MemoryUserStoreOptions<R> = {},
): MemoryUserStore<R> {
  type User = Account<R>;
  const { newId = randomUUID, countsAsSeat = (user: User) => isUsable(user) } = options;
  // Nothing awaits between reading and writing below: that makes each call atomic.
  const users = new Map<string, { readonly user: User; readonly key: string }>();

  const matching = (condition: (user: User, key: string) => boolean): readonly User[] =>
    [...users.values()].filter(({ user, key }) => condition(user, key)).map(({ user }) => user);
  const seatsTaken = (organizationId: string) =>
    matching((user) => user.organizationId === organizationId && countsAsSeat(user)).length;

  /** @throws UserConflict if a living account has the e-mail or an identity of this one */
  function assertUnique(user: User, key: string): void {
    const rivals = matching((other, otherKey) => {
      if (other.id === user.id || !isLiving(other)) return false;
      const sameSpace = options.oneAccountPerEmail || other.organizationId === user.organizationId;
      return (sameSpace && otherKey === key) || other.identities.some((each) => hasIdentity(user, each));
    });
    if (isLiving(user) && rivals.length > 0) throw new UserConflict('another account has this identity or e-mail');
  }

  function isKnownRole(role: R | null): boolean {
    return role === null || (options.roles?.includes(role) ?? true);
  }

  function commit(user: User, audit?: AuditRecord, seats: number | null = null): User {
    const key = normalizeEmail(user.email);
    if (key === null) throw new TypeError(`"${user.email}" is not an e-mail address`);
    if (!isKnownRole(user.role)) throw new TypeError(`unknown role "${user.role}"`);
    // The conflict is examined first: a user who was created a moment ago needs no second seat.
    assertUnique(user, key);
    if (seats !== null && seatsTaken(user.organizationId) >= seats) throw new SeatLimitReached('all seats are taken');
    if (audit) options.onAudit?.(audit);
    const version = audit?.action === 'login' ? user.version : randomUUID();
    const written = Object.freeze({ ...user, version });
    users.set(user.id, { user: written, key });
    return written;
  }

  function write(account: AccountInput<R>): User {
    const blank = { name: null, role: null, status: 'active', emailVerified: true, identities: [] } as const;
    const current = account.id === undefined ? undefined : users.get(account.id)?.user;
    return commit({ ...(current ?? blank), ...account, id: account.id ?? newId() });
  }

  async function setStatus(userId: string, status: User['status']): Promise<void> {
    const entry = users.get(userId);
    if (entry === undefined) throw new TypeError(`no user has the id "${userId}"`);
    commit({ ...entry.user, status });
  }

  for (const [index, user] of (options.users ?? []).entries()) {
    if (normalizeEmail(user.email) === null)
      throw invalidOption(['users', index, 'email'], `must be an e-mail address; received "${user.email}"`);
    if (!isKnownRole(user.role ?? null))
      throw invalidOption(
        ['users', index, 'role'],
        `must be one of ${options.roles?.join(', ')}; received "${user.role}"`,
      );
    write(user);
  }

  return {
    async find({ organizationId, email, ...identity }) {
      const key = email === null ? null : normalizeEmail(email);
      const bySubject = matching((user) => user.organizationId === organizationId && hasIdentity(user, identity));
      const byEmail = key === null ? [] : matching((_, each) => each === key);
      const own = byEmail.filter((user) => user.organizationId === organizationId);
      const elsewhere = options.oneAccountPerEmail
        ? byEmail.find((user) => isLiving(user) && !own.includes(user))
        : undefined;
      return { bySubject: livingFirst(bySubject), byEmail: own.find(isLiving) ?? elsewhere ?? livingFirst(own) };
    },
    async create({ identity, ...fields }, { seats, audit }) {
      const id = newId();
      return commit({ ...fields, id, status: 'active', identities: [identity] }, audit, seats);
    },
    async update(user, changes, { keepLast, expectedVersion, audit }) {
      const current = users.get(user.id)?.user;
      const stale = expectedVersion !== undefined && current?.version !== expectedVersion;
      if (stale || current?.organizationId !== user.organizationId || !isUsable(current))
        throw new UserConflict('the account changed since it was read');
      if (keepLast !== null && current.role === keepLast && changes.role !== undefined && changes.role !== keepLast) {
        const { organizationId } = current;
        const holders = matching(
          (each) => each.organizationId === organizationId && each.role === keepLast && each.status === 'active',
        );
        if (holders.every((each) => each.id === user.id))
          throw new LastRoleHolder(`no other active account has the role "${keepLast}"`);
      }
      return commit(changed(current, changes), audit);
    },
    async organizationsOf(email) {
      const key = normalizeEmail(email);
      return [...new Set(matching((user, each) => each === key && isLiving(user)).map((user) => user.organizationId))];
    },
    async get(userId) {
      return users.get(userId)?.user ?? null;
    },
    async seatsTaken(organizationId) {
      return seatsTaken(organizationId);
    },
    async listStale({ organizationId, olderThan }) {
      const isStale = (user: User) => (user.lastLoginAt ?? new Date(0)) < olderThan;
      return matching((user) => user.organizationId === organizationId && user.status === 'active' && isStale(user));
    },
    suspend: (userId) => setStatus(userId, 'suspended'),
    remove: (userId) => setStatus(userId, 'removed'),
    restore: (userId) => setStatus(userId, 'active'),
    async list(organizationId) {
      return matching((user) => user.organizationId === organizationId);
    },
    async put(account) {
      return write(account);
    },
  };
}
