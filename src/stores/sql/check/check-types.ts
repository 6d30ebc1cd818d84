import { type AccountField, accountStatuses, plainColumn, type UsersTable } from '../columns.ts';
import type { SchemaOptions } from '../options.ts';
import type { Inspector, TableColumn } from './inspector.ts';
import type { SetupIssue } from './setup-error.ts';

/** Columns of types that cannot hold their field. */
export function typeIssues(
  { users, roles = [] }: SchemaOptions & { readonly users: UsersTable },
  columns: readonly TableColumn[],
  { database, timeType }: Inspector,
): readonly SetupIssue[] {
  const { table } = users;
  const columnOf = (field: AccountField) => columns.find(({ name }) => name === plainColumn(users.columns, field));
  const issues: SetupIssue[] = [];
  const add = (field: AccountField, message: string, suggestion: string) =>
    issues.push({ path: ['users', 'columns', field], message, suggestion });

  const status = columnOf('status');
  if (status?.kind === 'boolean' || status?.kind === 'integer' || status?.kind === 'time') {
    const { name, type } = status;
    add(
      'status',
      `the column "${name}" of the table ${table} has the type ${type}, and a status is one of ${accountStatuses.join(', ')}`,
      status.kind === 'time'
        ? `give an expression: { read: "CASE WHEN u.${name} IS NULL THEN 'active' ELSE 'removed' END", write: { ${name}: "CASE WHEN :value = 'removed' THEN CURRENT_TIMESTAMP END" } }`
        : `give an expression: { read: "CASE WHEN u.${name} THEN 'active' ELSE 'suspended' END", write: { ${name}: "CASE WHEN :value = 'active' THEN TRUE ELSE FALSE END" } }`,
    );
  }
  const verified = columnOf('emailVerified');
  if (verified && verified.kind !== 'boolean' && verified.kind !== 'integer') {
    const { name, type } = verified;
    add(
      'emailVerified',
      `the column "${name}" of the table ${table} has the type ${type}, not a boolean`,
      /^bit/i.test(type)
        ? `give an expression: { read: "u.${name} = b'1'", write: { ${name}: "CASE WHEN :value THEN b'1' ELSE b'0' END" } }`
        : `give an expression: { read: 'u.${name} IS NOT NULL', write: { ${name}: 'CASE WHEN :value THEN CURRENT_TIMESTAMP END' } }`,
    );
  }
  for (const field of ['lastLoginAt', 'createdAt'] as const) {
    const time = columnOf(field);
    // PostgreSQL compares no text with a time.
    const refused = [
      'integer',
      'boolean',
      'enum',
      ...(field === 'lastLoginAt' && database === 'PostgreSQL' ? ['text'] : []),
    ];
    if (time === undefined || !refused.includes(time.kind)) continue;
    add(
      field,
      `the column "${time.name}" of the table ${table} has the type ${time.type}, not that of a time`,
      `change its type to ${timeType}, or leave ${field} out of users.columns`,
    );
  }
  const role = columnOf('role');
  if (role?.kind === 'boolean' || role?.kind === 'integer') {
    const { name, type } = role;
    add(
      'role',
      `the column "${name}" of the table ${table} has the type ${type}, and a role is a text`,
      `give an expression: { read: "CASE u.${name} WHEN 1 THEN 'admin' END", write: { ${name}: "CASE :value WHEN 'admin' THEN 1 END" } }`,
    );
  }
  const provenance = columnOf('provenance');
  if (database === 'PostgreSQL' && provenance !== undefined && provenance.type !== 'jsonb') {
    const { name, type } = provenance;
    add(
      'provenance',
      `the column "${name}" of the table ${table} has the type ${type}, not jsonb`,
      'change its type to jsonb, or leave provenance out of users.columns',
    );
  }
  const enums = [
    ['status', accountStatuses],
    ['role', roles],
  ] as const;
  for (const [field, wanted] of enums) {
    const column = columnOf(field);
    const lacking = column?.kind === 'enum' ? wanted.filter((each) => !column.values.includes(each)) : [];
    if (column === undefined || lacking.length === 0) continue;
    add(
      field,
      `the enum ${column.type} of the column "${column.name}" of the table ${table} lacks ${lacking.join(', ')}`,
      'add the values to the type, or give an expression that maps them',
    );
  }
  return issues;
}
