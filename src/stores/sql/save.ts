import { asciiLowerCase, normalizeEmail } from '../../provisioning/email.ts';
import { type Account, type AuditRecord, SeatLimitReached, UserConflict } from '../../provisioning/user-store.ts';
import { hasIdentity, isLiving } from '../account.ts';
import type { Accounts } from './accounts.ts';
import { identityColumns } from './columns.ts';
import type { Layout } from './layout.ts';
import { fieldValues, identityKey, type Stored } from './rows.ts';
import { command, type Dialect, type Work } from './statement.ts';

/** Conditions and audit record of a write. */
interface Guard {
  readonly audit?: AuditRecord | undefined;
  readonly seats?: number | null | undefined;
}

/** Writes an account: `after` in place of `before`, or as a new one. Without an ID the database makes one. */
export type Save<R extends string> = (before: Stored<R> | null, after: Account<R>, guard?: Guard) => Work<Account<R>>;

/** Options of {@link saver}. */
interface Rules {
  readonly oneAccountPerEmail: boolean;
  readonly auditLogins: boolean;
  seatsTaken(organizationId: string): Work<number>;
}

/** Creates the function that writes accounts. */
export function saver<R extends string>(
  layout: Layout,
  accounts: Accounts<R>,
  { time }: Dialect,
  { oneAccountPerEmail, auditLogins, seatsTaken }: Rules,
): Save<R> {
  const { identities, audit } = layout;

  /** @throws UserConflict if a living account has the e-mail or an identity of this one */
  function* assertFree(user: Account<R>, key: string): Work<void> {
    // Without a column for the key, the unique index compares e-mails as written: two spellings are written one after the other.
    if (!layout.hasEmailKey) yield* accounts.lockOrganization(key);
    const within = oneAccountPerEmail ? null : user.organizationId;
    for (const { account: other, ...stored } of yield* accounts.candidates(key, user.identities, within)) {
      if (other.id === user.id) continue;
      const sameSpace = oneAccountPerEmail || other.organizationId === user.organizationId;
      const shared = other.identities.some((each) => hasIdentity(user, each));
      if (isLiving(other) && (shared || (sameSpace && stored.emailKey === key))) throw taken();
      if (shared && stored.holdsIdentities) yield* release(other.id);
    }
  }

  /** Frees the identities of an account that the application removed by a statement of its own. */
  function* release(userId: string): Work<void> {
    const current = yield* accounts.locked(userId);
    if (current && isLiving(current.account)) throw taken();
    yield* holdIdentities(userId, false);
  }

  /** The unique index contains the identities of living accounts only. */
  function* holdIdentities(userId: string, hold: boolean): Work<void> {
    yield* command(`UPDATE ${identities} SET living = ? WHERE user_id = ?`, hold ? 1 : null, userId);
  }

  function* writeIdentities(id: string, before: Account<R> | undefined, after: Account<R>): Work<void> {
    for (const identity of before?.identities ?? []) {
      if (hasIdentity(after, identity)) continue;
      const condition = 'user_id = ? AND identity_key = ?';
      yield* command(`DELETE FROM ${identities} WHERE ${condition}`, id, identityKey(identity));
    }
    for (const identity of after.identities) {
      if (before && hasIdentity(before, identity)) continue;
      const { connectionId, issuer, subject, nameQualifier = '', spNameQualifier = '' } = identity;
      const columns = ['user_id', ...identityColumns, 'identity_key', 'living'].join(', ');
      const values = [connectionId, issuer, subject, nameQualifier, spNameQualifier, identityKey(identity)] as const;
      const living = isLiving(after) ? 1 : null;
      yield* command(`INSERT INTO ${identities} (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, id, ...values, living);
    }
    if (before && isLiving(before) !== isLiving(after)) yield* holdIdentities(id, isLiving(after));
  }

  function* writeAudit(userId: string, record: AuditRecord): Work<void> {
    const { organizationId, assertionId, action, identity } = record;
    const columns = [
      'at',
      'action',
      'user_id',
      'organization_id',
      ...identityColumns,
      'assertion_id',
      'changes',
      'notes',
    ];
    yield* command(
      `INSERT INTO ${audit} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
      ...[time(record.at), action, userId, organizationId, record.connectionId, identity.issuer, identity.subject],
      ...[identity.nameQualifier ?? '', identity.spNameQualifier ?? ''],
      ...[assertionId, JSON.stringify(record.changes), JSON.stringify(record.notes)],
    );
  }

  return function* save(before, after, guard = {}) {
    const key = normalizeEmail(after.email);
    if (key === null) throw new TypeError(`"${after.email}" is not an e-mail address`);
    const was = before?.account;
    const takesNothing =
      was && isLiving(was) && before.emailKey === key && after.identities.every((each) => hasIdentity(was, each));
    // The conflict is examined first: a user who was created a moment ago needs no second seat.
    if (isLiving(after) && !takesNothing) yield* assertFree(after, key);
    const { seats = null } = guard;
    if (seats !== null && (yield* seatsTaken(after.organizationId)) >= seats) {
      throw new SeatLimitReached('all seats are taken');
    }
    const isLogin = guard.audit?.action === 'login';
    const version = isLogin ? after.version : String(Number(was?.version ?? 0) + 1);
    // Without a column of normalized e-mails, the stored e-mail must give the key by its ASCII lower case.
    const email = layout.hasEmailKey || asciiLowerCase(after.email) === key ? after.email : key;
    const written = { ...after, email, version };
    const { id: givenId, ...values } = fieldValues(written, key, time);
    let { id } = after;
    if (before === null) {
      const createdAt = time(after.lastLoginAt ?? new Date());
      id = yield* layout.insert({ ...(givenId !== '' && { id: givenId }), ...values, createdAt });
    } else {
      const old = new Map(Object.entries(fieldValues(before.account, before.emailKey, time)));
      yield* layout.update(
        id,
        Object.fromEntries(Object.entries(values).filter(([name, value]) => old.get(name) !== value)),
      );
    }
    yield* writeIdentities(id, was, after);
    if (guard.audit && (auditLogins || !isLogin)) yield* writeAudit(id, guard.audit);
    return { ...written, id };
  };
}

function taken(): UserConflict {
  return new UserConflict('another account has this identity or e-mail');
}
