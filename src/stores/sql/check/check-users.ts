import { accountFields, expressionOf, type UsersTable, withValue } from '../columns.ts';
import type { SchemaOptions } from '../options.ts';
import { columnIssues } from './check-columns.ts';
import { emailIssues, type Purpose } from './check-emails.ts';
import { valueIssues } from './check-values.ts';
import type { Inspector, UsersInSql } from './inspector.ts';
import { DatabaseSetupError, type SetupIssue } from './setup-error.ts';

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
  return emailIssues(options, sql, inspector, purpose);
}

function noTable(table: string): SetupIssue {
  return {
    path: ['users', 'table'],
    message: `there is no table ${table}`,
    suggestion: 'correct the name, or create the table before migrate',
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
    const columns =
      path.includes('write') || path.includes('insert') ? 'it cannot name columns' : 'the table is called u';
    issues.push({ path, message, suggestion: `correct the SQL of ${path.join('.')}; ${columns}` });
  };
  if (countsAsSeat !== undefined) {
    await examine(['countsAsSeat'], `SELECT 1 FROM ${table} u WHERE (${countsAsSeat}) LIMIT 0`);
  }
  for (const { path, sql, from = '' } of users ? expressions(users, table, inspector) : []) {
    await examine(path, `SELECT ${sql}${from}`);
  }
  return issues;
}

/** The expressions; only those that read may name columns. */
function expressions(
  users: UsersTable,
  table: string,
  { nullOf }: Inspector,
): { readonly path: string[]; readonly sql: string; readonly from?: string }[] {
  const ofFields = accountFields.flatMap((field) => {
    const expression = expressionOf(users.columns, field);
    if (expression === undefined) return [];
    const path = ['users', 'columns', field];
    const written = Object.entries(expression.write).map(([column, sql]) => ({
      path: [...path, 'write', column],
      sql: `(${withValue(sql, nullOf(field))})`,
    }));
    const read = field === 'emailVerified' ? `CASE WHEN (${expression.read}) THEN 1 END` : `(${expression.read})`;
    return [{ path: [...path, 'read'], sql: read, from: ` FROM ${table} u LIMIT 0` }, ...written];
  });
  const ofInsert = Object.entries(users.insert ?? {}).map(([column, sql]) => ({
    path: ['users', 'insert', column],
    sql: `(${sql})`,
  }));
  return [...ofFields, ...ofInsert];
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
