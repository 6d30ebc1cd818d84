import { accountFields, expressionOf, type UsersTable, withValue } from '../columns.ts';
import type { SchemaOptions } from '../options.ts';
import { textColumn } from '../statement.ts';
import { columnIssues } from './check-columns.ts';
import { valueIssues } from './check-values.ts';
import type { Inspector, UsersInSql } from './inspector.ts';
import { DatabaseSetupError, type SetupIssue } from './setup-error.ts';

/** At most this many e-mail addresses are listed. */
const listed = 20;

/** What is examined: for `migrate` the table of users only, for `check` also the tables of the library. */
type Purpose = 'migrate' | 'check';

/**
 * Examines the table of users and the options, by the catalog and by queries without rows. `check` also reads rows of the
 * application's table, to find values that the stores cannot use.
 *
 * @throws DatabaseSetupError with every issue
 */
export async function checkUsers(
  options: SchemaOptions,
  sql: UsersInSql,
  inspector: Inspector,
  purpose: Purpose,
): Promise<void> {
  const issues = await usersIssues(options, sql, inspector, purpose);
  // The tables of the library can only be read if the table of users is valid.
  const all =
    issues.length === 0 && purpose === 'check'
      ? [
          ...(options.users ? await valueIssues(options.users, sql, inspector) : []),
          ...(await ownIssues(sql, inspector)),
        ]
      : issues;
  if (all.length > 0) throw new DatabaseSetupError(all);
}

async function usersIssues(
  options: SchemaOptions,
  sql: UsersInSql,
  inspector: Inspector,
  purpose: Purpose,
): Promise<readonly SetupIssue[]> {
  const { users } = options;
  const columns = await inspector.columns();
  if (columns === null) return users ? [noTable(users.table)] : [];
  const found = users ? columnIssues({ ...options, users }, columns, inspector, sql.idType) : [];
  const refused = await refusedExpressions(options, sql, inspector);
  if (found.length + refused.length > 0) return [...found, ...refused];
  if (await inspector.hasUniqueEmail()) return [];
  const duplicates = await duplicateEmails(sql, options, inspector);
  // The library's own index, and that of the application's table in PostgreSQL, are created by migrate.
  const isCreated = users === undefined || inspector.database === 'PostgreSQL';
  if (isCreated && purpose === 'migrate') return duplicates;
  return [...duplicates, noUniqueIndex(sql.table, isCreated, inspector)];
}

function noTable(table: string): SetupIssue {
  return {
    path: ['users', 'table'],
    message: `there is no table ${table}`,
    suggestion: 'correct the name, or create the table before migrate',
  };
}

function noUniqueIndex(table: string, isCreated: boolean, { createUniqueEmail }: Inspector): SetupIssue {
  return {
    path: ['users', 'table'],
    message: `the table ${table} has no unique index that keeps accounts of one e-mail apart`,
    suggestion: isCreated ? 'run migrate with the options of the store' : `run ${createUniqueEmail}`,
  };
}

/** Runs each expression of the options over no rows. */
async function refusedExpressions(
  { users, countsAsSeat }: SchemaOptions,
  { table }: UsersInSql,
  inspector: Inspector,
): Promise<readonly SetupIssue[]> {
  const issues: SetupIssue[] = [];
  const examine = async (path: readonly string[], statement: string) => {
    const problem = await refusal(inspector, statement);
    if (problem === null) return;
    const message = `the database refused the SQL for the table ${table}: ${problem}`;
    issues.push({ path, message, suggestion: `correct the SQL of ${path.join('.')}; the table is called u` });
  };
  if (countsAsSeat !== undefined) {
    await examine(['countsAsSeat'], `SELECT 1 FROM ${table} u WHERE (${countsAsSeat}) LIMIT 0`);
  }
  for (const { path, sql } of users ? expressions(users, inspector) : []) {
    await examine(path, `SELECT ${sql} FROM ${table} u LIMIT 0`);
  }
  return issues;
}

function expressions(users: UsersTable, { nullOf }: Inspector): { readonly path: string[]; readonly sql: string }[] {
  const ofFields = accountFields.flatMap((field) => {
    const expression = expressionOf(users.columns, field);
    if (expression === undefined) return [];
    const path = ['users', 'columns', field];
    const written = Object.entries(expression.write).map(([column, sql]) => ({
      path: [...path, 'write', column],
      sql: `(${withValue(sql, nullOf(field))})`,
    }));
    const read = field === 'emailVerified' ? `CASE WHEN (${expression.read}) THEN 1 END` : `(${expression.read})`;
    return [{ path: [...path, 'read'], sql: read }, ...written];
  });
  const ofInsert = Object.entries(users.insert ?? {}).map(([column, sql]) => ({
    path: ['users', 'insert', column],
    sql: `(${sql})`,
  }));
  return [...ofFields, ...ofInsert];
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

/** Whether the tables of the library exist and fit the options. */
async function ownIssues(
  { probe, ownTables, migrations }: UsersInSql,
  inspector: Inspector,
): Promise<readonly SetupIssue[]> {
  const problem = await refusal(inspector, probe);
  if (problem === null) {
    const refused = await Promise.all(
      ownTables.map(async ({ table, columns }) => {
        const reason = await refusal(inspector, `SELECT ${columns.join(', ')} FROM ${table} LIMIT 0`);
        return reason === null ? [] : [{ table, reason }];
      }),
    );
    // A step that is recorded as completed is not repeated.
    return refused.flat().map(({ table, reason }) => ({
      path: [],
      message: `the table ${table} of the library is missing or lacks columns: ${reason}`,
      suggestion: `restore it from a backup, or delete the rows of ${migrations} and run migrate, which creates missing tables`,
    }));
  }
  return [
    {
      path: [],
      message: `the tables of the library are missing or were created with other options: ${problem}`,
      suggestion: 'run migrate with the options of the store',
    },
  ];
}

/** Code and text of the error by which the database refuses the statement; `null` if it does not. */
async function refusal(inspector: Inspector, statement: string): Promise<string | null> {
  try {
    await inspector.query(statement);
    return null;
  } catch (error) {
    return inspector.describeError(error);
  }
}
