import type { SchemaOptions } from '../options.ts';

/** A column of an index; a generated one with its expression. */
interface IndexPart {
  readonly name: string;
  readonly expression: string;
}

/** The unique index that keeps living accounts of one e-mail apart, in MySQL and SQLite. */
export interface EmailIndex {
  /** Columns before that of the e-mail: none where no two organizations share an e-mail. */
  readonly organization: readonly string[];
  readonly email: string;
  isCoveredBy(parts: readonly IndexPart[]): boolean;
}

/** The index that the options need. */
export function emailIndex({ users, oneAccountPerEmail = false }: SchemaOptions): EmailIndex {
  const organization = users?.columns.organizationId ?? 'organization_id';
  const email = users === undefined ? 'email_key' : (users.columns.emailKey ?? users.columns.email);
  const isEmail = ({ name, expression }: IndexPart) =>
    name === email || (/\W/.test(email) ? expression.includes(email) : expression.split(/\W+/).includes(email));
  return {
    organization: oneAccountPerEmail ? [] : [organization],
    email,
    isCoveredBy(parts) {
      const others = parts.filter((part) => !isEmail(part));
      const isAllowed = others.every(({ name }) => !oneAccountPerEmail && name === organization);
      return parts.length > others.length && isAllowed;
    },
  };
}
