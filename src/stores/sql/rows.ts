import { createHash } from 'node:crypto';
import { asciiLowerCase } from '../../provisioning/email.ts';
import type { Account, Identity, Provenance } from '../../provisioning/user-store.ts';
import { identityColumns, readStatus } from './columns.ts';
import type { FieldValues } from './layout.ts';
import { column, type Dialect, jsonColumn, textColumn } from './statement.ts';

/** An account with the values that only the database has. */
export interface Stored<R extends string> {
  readonly account: Account<R>;
  readonly emailKey: string;
  /** Whether the unique index of identities contains those of the account. */
  readonly holdsIdentities: boolean;
}

/** A hash that identities are compared by: indexes of MySQL cannot contain 1,024 characters. */
export function identityKey(identity: Identity): string {
  const { connectionId, issuer, subject, nameQualifier = '', spNameQualifier = '' } = identity;
  return createHash('sha256')
    .update(JSON.stringify([connectionId, issuer, subject, nameQualifier, spNameQualifier]))
    .digest('hex');
}

/** Reads rows of accounts, one for each identity of each. */
export function readAccounts<R extends string>(rows: readonly unknown[]): readonly Stored<R>[] {
  const byId = new Map<string, unknown[]>();
  for (const row of rows) {
    const id = textColumn(row, 'id') ?? '';
    byId.set(id, [...(byId.get(id) ?? []), row]);
  }
  return [...byId.values()].map((each) => readAccount(each[0], each));
}

function readAccount<R extends string>(row: unknown, rows: readonly unknown[]): Stored<R> {
  const lastLoginAt = textColumn(row, 'lastLoginAt');
  const account: Account<R> = {
    id: textColumn(row, 'id') ?? '',
    organizationId: textColumn(row, 'organizationId') ?? '',
    email: textColumn(row, 'email') ?? '',
    name: textColumn(row, 'name'),
    // A text that is not a role of the application ranks below all roles.
    role: textColumn(row, 'role') as R | null,
    status: readStatus(textColumn(row, 'status')),
    emailVerified: Number(column(row, 'emailVerified')) === 1,
    identities: rows.flatMap(readIdentity),
    version: textColumn(row, 'version') ?? '1',
    provenance: readProvenance(jsonColumn(row, 'provenance')),
    customAttributes: readCustomAttributes(jsonColumn(row, 'customAttributes')),
    lastLoginAt: lastLoginAt === null ? null : readTime(lastLoginAt),
  };
  const holdsIdentities = rows.some((each) => column(each, 'living') !== null);
  return { account, emailKey: asciiLowerCase(textColumn(row, 'emailKey') ?? ''), holdsIdentities };
}

/** A time of the application's own column: without a zone it is UTC; `null` if it is invalid. */
function readTime(text: string): Date | null {
  const time = new Date(/^[\d-]+[ T][\d:.]+$/.test(text) ? `${text.replace(' ', 'T')}Z` : text);
  return Number.isNaN(time.getTime()) ? null : time;
}

function readIdentity(row: unknown): readonly Identity[] {
  const [connectionId, issuer, subject, nameQualifier, spNameQualifier] = identityColumns.map((name) =>
    textColumn(row, name),
  );
  if (!connectionId || !issuer || !subject) return [];
  const qualifiers = { ...(nameQualifier && { nameQualifier }), ...(spNameQualifier && { spNameQualifier }) };
  return [{ connectionId, issuer, subject, ...qualifiers }];
}

function readProvenance(value: unknown): Account['provenance'] {
  const of = (name: string): Provenance | undefined => {
    const setter = column(value, name);
    return setter === 'manual' || setter === 'idp' ? setter : undefined;
  };
  return { email: of('email'), name: of('name'), role: of('role') };
}

function readCustomAttributes(value: unknown): NonNullable<Account['customAttributes']> {
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  const isTexts = (each: unknown): each is string[] =>
    Array.isArray(each) && each.every((one) => typeof one === 'string');
  return Object.fromEntries(entries.flatMap(([key, each]) => (isTexts(each) ? [[key, each]] : [])));
}

/** The values of an account that are written. */
export function fieldValues(account: Account, emailKey: string, time: Dialect['time']): FieldValues {
  const { id, organizationId, email, name, role, status, version } = account;
  return {
    id,
    organizationId,
    email,
    emailKey,
    name,
    role,
    status,
    emailVerified: account.emailVerified ? 1 : 0,
    version: Number(version ?? 1),
    provenance: JSON.stringify(account.provenance ?? {}),
    customAttributes: JSON.stringify(account.customAttributes ?? {}),
    lastLoginAt: account.lastLoginAt ? time(account.lastLoginAt) : null,
  };
}
