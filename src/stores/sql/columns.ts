import type { VerifiedColumn } from '../verified-column.ts';

/** What is kept of an account, by the name of its column in the library's table. */
export const ownColumns = {
  id: 'id',
  organizationId: 'organization_id',
  email: 'email',
  emailKey: 'email_key',
  name: 'name',
  role: 'role',
  status: 'status',
  emailVerified: 'email_verified',
  version: 'version',
  provenance: 'provenance',
  customAttributes: 'custom_attributes',
  lastLoginAt: 'last_login_at',
  createdAt: 'created_at',
} as const;

/** What is kept of an identity. A qualifier that there is none of is empty. */
export const identityColumns: readonly string[] = [
  'connection_id',
  'issuer',
  'subject',
  'name_qualifier',
  'sp_name_qualifier',
];

/** A field of an account that has a column. `emailKey` is what the library's `emailKey(email)` gives. */
export type AccountField = keyof typeof ownColumns;

/** All of them. */
export const accountFields: readonly AccountField[] = Object.keys(ownColumns).filter(isField);

/** Where an application keeps its users. */
export interface UsersTable {
  /** Name of the table; a dot separates it from that of its database. */
  readonly table: string;
  /**
   * Which column holds which field. Those left out are kept in a table of the library, where a user without a row is
   * active, has an unproven e-mail and no role.
   */
  readonly columns: {
    readonly [F in 'id' | 'organizationId' | 'email' | 'emailKey']: string;
  } & { readonly [F in Exclude<AccountField, 'emailVerified'>]?: string | undefined } & {
    /** 0 or 1, not null; or a column of another type, with the condition that it is compared by. */
    readonly emailVerified?: string | VerifiedColumn | undefined;
  };
  /**
   * SQL type of the `id` column, with character set and collation, for the columns that refer to it. Default: that of the
   * library's own table.
   */
  readonly idType?: string | undefined;
}

function isField(name: string): name is AccountField {
  return name in ownColumns;
}
