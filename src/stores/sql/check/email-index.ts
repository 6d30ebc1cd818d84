import { type AccountField, ownColumns, plainColumn } from '../columns.ts';
import type { SchemaOptions } from '../options.ts';
import type { UniqueIndex } from './inspector.ts';

type Part = UniqueIndex['parts'][number];

/** The unique index that keeps living accounts of one e-mail apart. */
export interface EmailIndex {
  /** Its columns: the organization, unless no two organizations share an e-mail, and the e-mail. */
  readonly columns: readonly string[];
  readonly email: string;
  /** Whether the index keeps them apart; a condition of the index is not compared with the status. */
  isCoveredBy(index: UniqueIndex): boolean;
  /** Whether the index refuses an e-mail that an account of another organization has, although the options allow it. */
  isExceededBy(index: UniqueIndex): boolean;
}

/** The index that the options need. */
export function emailIndex({ users, oneAccountPerEmail = false }: SchemaOptions): EmailIndex {
  const columnOf = (field: AccountField) => (users ? plainColumn(users.columns, field) : ownColumns[field]);
  const [organization = '', written = ''] = [columnOf('organizationId'), columnOf('email')];
  const email = columnOf('emailKey') ?? written;
  const isOf = (column: string, { name, expression }: Part) =>
    name === column || (/\W/.test(column) ? expression.includes(column) : expression.split(/\W+/).includes(column));
  return {
    columns: oneAccountPerEmail ? [email] : [organization, email],
    email,
    isCoveredBy({ parts }) {
      const others = parts.filter((part) => !isOf(email, part));
      const isAllowed = others.every(({ name }) => !oneAccountPerEmail && name === organization);
      return parts.length > others.length && isAllowed;
    },
    isExceededBy: ({ parts, isPartial }) =>
      !oneAccountPerEmail && !isPartial && parts.every((part) => [email, written].some((each) => isAlone(each, part))),
  };
}

// Functions and keywords of an expression of the e-mail alone, such as lower(email): the organization is no part of it.
const folding = ['lower', 'trim', 'btrim', 'cast', 'convert', 'using', 'as', 'char', 'text', 'collate', 'utf8mb4', 'c'];

/** Whether the part is the column, or a folding of it. */
function isAlone(column: string, { name, expression }: Part): boolean {
  const words = expression.toLowerCase().split(/\W+/).filter(Boolean);
  const isFolding =
    words.includes(column.toLowerCase()) && words.every((word) => [column.toLowerCase(), ...folding].includes(word));
  return expression === '' ? name === column : isFolding;
}
