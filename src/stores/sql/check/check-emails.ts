import type { SchemaOptions } from '../options.ts';
import { textColumn } from '../statement.ts';
import { emailIndex } from './email-index.ts';
import type { Inspector, UniqueIndex, UsersInSql } from './inspector.ts';
import type { SetupIssue } from './setup-error.ts';

/** At most this many e-mail addresses are listed. */
const listed = 20;

/** What is examined: for `migrate` the table of users only, for `check` also the tables of the library. */
export type Purpose = 'migrate' | 'check';

/** Compares the unique indexes of the table of users with what the options need; lists accounts that share an e-mail. */
export async function emailIssues(
  options: SchemaOptions,
  sql: UsersInSql,
  inspector: Inspector,
  purpose: Purpose,
): Promise<readonly SetupIssue[]> {
  const indexes = await inspector.uniqueIndexes();
  const { isCoveredBy, isExceededBy } = emailIndex(options);
  const exceeding = indexes.filter(isExceededBy).map(({ name }) => tooNarrow(sql.table, name));
  const { createdIndex } = inspector;
  const isKept = indexes.some((index) => (createdIndex === null || index.name === createdIndex) && isCoveredBy(index));
  if (isKept) return exceeding;
  const duplicates = await duplicateEmails(sql, options, inspector);
  // migrate creates the index of the library's own table as well.
  const isCreated = options.users === undefined || inspector.createUniqueEmail === null;
  if (isCreated && purpose === 'migrate') return [...exceeding, ...duplicates];
  return [...exceeding, ...duplicates, noUniqueIndex(sql.table, isCreated, indexes, inspector)];
}

function tooNarrow(table: string, index: string): SetupIssue {
  return {
    path: ['oneAccountPerEmail'],
    message: `the unique index ${index} of the table ${table} refuses an e-mail that another organization has`,
    suggestion: 'set oneAccountPerEmail to true, or add the column of the organization to the index',
  };
}

function noUniqueIndex(
  table: string,
  isCreated: boolean,
  indexes: readonly UniqueIndex[],
  { createdIndex, createUniqueEmail }: Inspector,
): SetupIssue {
  // migrate changes no index that exists.
  const isOther = indexes.some(({ name }) => name === createdIndex);
  const drop = isOther ? `drop the index ${createdIndex}, which has other columns, and ` : '';
  return {
    path: ['users', 'table'],
    message: `the table ${table} has no unique index that keeps accounts of one e-mail apart`,
    suggestion: isCreated ? `${drop}run migrate with the options of the store` : `run ${createUniqueEmail}`,
  };
}

/** Living accounts that share an e-mail, as one issue with the list. */
async function duplicateEmails(
  { table, organizationId, emailKey, living }: UsersInSql,
  { oneAccountPerEmail = false }: SchemaOptions,
  inspector: Inspector,
): Promise<readonly SetupIssue[]> {
  const keys = oneAccountPerEmail ? emailKey : `${organizationId}, ${emailKey}`;
  const selected = oneAccountPerEmail
    ? `${emailKey} AS email`
    : `${organizationId} AS organization, ${emailKey} AS email`;
  const rows = await inspector.query(
    `SELECT ${selected}, COUNT(*) AS accounts FROM ${table} u WHERE ${emailKey} IS NOT NULL${living === null ? '' : ` AND ${living}`}
    GROUP BY ${keys} HAVING COUNT(*) > 1 ORDER BY ${keys} LIMIT ${listed + 1}`,
  );
  if (rows.length === 0) return [];
  const texts = rows.slice(0, listed).map((row) => {
    const where = oneAccountPerEmail ? '' : ` in organization ${textColumn(row, 'organization')}`;
    return `${textColumn(row, 'email')}${where} (${textColumn(row, 'accounts')} accounts)`;
  });
  const more = rows.length > listed ? ', and more' : '';
  return [
    {
      path: ['users', 'table'],
      message: `accounts of the table ${table} share an e-mail: ${texts.join(', ')}${more}`,
      suggestion: 'merge the accounts, remove all but one, or change the e-mail of the others',
    },
  ];
}
