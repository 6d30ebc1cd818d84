import { accountStatuses, type UsersTable } from '../columns.ts';
import { textColumn } from '../statement.ts';
import type { Inspector, UsersInSql } from './inspector.ts';
import type { SetupIssue } from './setup-error.ts';

/** At most this many unknown statuses are listed. */
const listed = 20;

/** Rows of the application's table that the stores cannot use: no normalized e-mail, or an unknown status. */
export async function valueIssues(
  { columns }: UsersTable,
  { table, emailKey, status, living }: UsersInSql,
  inspector: Inspector,
): Promise<readonly SetupIssue[]> {
  const issues: SetupIssue[] = [];
  // A login does not find such an account, and creates a second one.
  const isLiving = living === null ? '' : ` AND ${living}`;
  const withoutKey = await inspector.query(
    `SELECT 1 AS one FROM ${table} u WHERE ${emailKey} IS NULL${isLiving} LIMIT 1`,
  );
  if (withoutKey.length > 0) {
    const field = columns.emailKey === undefined ? 'email' : 'emailKey';
    issues.push({
      path: ['users', 'columns', field],
      message: `the column "${columns[field]}" of the table ${table} is NULL for living accounts, which no login finds`,
      suggestion:
        field === 'email'
          ? 'write the e-mail of each account'
          : 'fill it by normalizeEmail() of saml-jit and make the column NOT NULL',
    });
  }
  if (status === null) return issues;
  const known = accountStatuses.map((each) => `'${each}'`).join(', ');
  const unknown = await inspector.query(
    `SELECT DISTINCT ${status} AS status FROM ${table} u WHERE ${status} IS NULL OR ${status} NOT IN (${known}) LIMIT ${listed}`,
  );
  if (unknown.length > 0) {
    const values = unknown.map((row) => textColumn(row, 'status') ?? 'NULL').join(', ');
    const column = typeof columns.status === 'string' ? `column "${columns.status}"` : 'expression of the status';
    issues.push({
      path: ['users', 'columns', 'status'],
      message: `the ${column} of the table ${table} has unknown values: ${values}`,
      suggestion: `write one of ${accountStatuses.join(', ')} into these rows, or give an expression that maps them`,
    });
  }
  return issues;
}
