import { type AccountField, ownColumns, plainColumn } from '../columns.ts';
import type { SchemaOptions } from '../options.ts';
import type { UniqueIndex } from './inspector.ts';

/** The unique index that keeps living accounts of one e-mail apart. */
export interface EmailIndex {
  /** Its columns: the organization, unless no two organizations share an e-mail, and the e-mail. */
  readonly columns: readonly string[];
  readonly email: string;
  /** Whether the index keeps them apart, at least the rows that it contains. */
  isCoveredBy(index: UniqueIndex): boolean;
  /** Whether the index refuses an e-mail that an account of another organization has, although the options allow it. */
  isExceededBy(index: UniqueIndex): boolean;
}

/** The index that the options need. */
export function emailIndex({ users, oneAccountPerEmail = false }: SchemaOptions): EmailIndex {
  const columnOf = (field: AccountField) => (users ? plainColumn(users.columns, field) : ownColumns[field]);
  const [organization = '', written = ''] = [columnOf('organizationId'), columnOf('email')];
  const email = columnOf('emailKey') ?? written;
  const isOf = (column: string, { name, expression }: UniqueIndex['parts'][number]) =>
    name === column || (/\W/.test(column) ? expression.includes(column) : expression.split(/\W+/).includes(column));
  return {
    columns: oneAccountPerEmail ? [email] : [organization, email],
    email,
    isCoveredBy({ parts }) {
      const others = parts.filter((part) => !isOf(email, part));
      const isAllowed = others.every(({ name }) => !oneAccountPerEmail && name === organization);
      return parts.length > others.length && isAllowed;
    },
    isExceededBy: ({ parts }) => !oneAccountPerEmail && parts.every((part) => isOf(email, part) || isOf(written, part)),
  };
}
