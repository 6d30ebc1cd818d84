import { closest } from '../../../lib/closest.ts';
import { namedColumns, type UsersTable, writtenColumns } from '../columns.ts';
import type { SchemaOptions } from '../options.ts';
import { typeIssues } from './check-types.ts';
import type { Inspector, TableColumn } from './inspector.ts';
import type { SetupIssue } from './setup-error.ts';

/** Compares the options with the columns of the application's table. */
export function columnIssues(
  options: SchemaOptions & { readonly users: UsersTable },
  columns: readonly TableColumn[],
  inspector: Inspector,
  idType: string,
): readonly SetupIssue[] {
  const missing = missingColumns(options.users, columns);
  return [
    ...missing,
    ...computedColumns(options.users, columns),
    ...(missing.some(({ path }) => path[2] === 'id') ? [] : idIssues(options, columns, inspector, idType)),
    ...typeIssues(options, columns, inspector),
    ...requiredColumns(options.users, columns),
  ];
}

/** Columns of the options that the table does not have. */
function missingColumns(users: UsersTable, existing: readonly TableColumn[]): SetupIssue[] {
  const names = existing.map(({ name }) => name);
  return namedColumns(users)
    .filter(({ name }) => !names.includes(name))
    .map(({ path, name }) => {
      const near = closest(name, names);
      const suggestion =
        near === undefined ? `name one of its columns: ${names.join(', ')}` : `did you mean "${near}"?`;
      return { path, message: `the table ${users.table} has no column "${name}"`, suggestion };
    });
}

/** Mapped columns that the database computes. */
function computedColumns({ table, columns }: UsersTable, existing: readonly TableColumn[]): SetupIssue[] {
  const computed = existing.filter(({ isComputed }) => isComputed).map(({ name }) => name);
  return writtenColumns(columns)
    .filter(({ name }) => computed.includes(name))
    .map(({ path, name }) => ({
      path,
      message: `the column "${name}" of the table ${table} is computed by the database and cannot be written`,
      suggestion: 'name a column that it is computed from, for some fields by an expression { read, write }',
    }));
}

function idIssues(
  { users, newId }: SchemaOptions & { readonly users: UsersTable },
  columns: readonly TableColumn[],
  inspector: Inspector,
  idType: string,
): readonly SetupIssue[] {
  const { table } = users;
  const id = columns.find(({ name }) => name === users.columns.id);
  if (id === undefined) return [];
  const isSame = inspector.isSameType(id, idType);
  const isPossible = inspector.idTypes?.some((type) => inspector.isSameType(id, type)) ?? true;
  return [
    ...(isSame
      ? []
      : [
          {
            path: ['users', 'idType'],
            message: `the column "${id.name}" of the table ${table} has the type ${id.type}, not ${idType}`,
            suggestion: isPossible
              ? `set users.idType to '${id.type}'`
              : `change its type to one of ${inspector.idTypes?.join(', ')}`,
          },
        ]),
    ...(newId !== undefined || id.makesId
      ? []
      : [
          {
            path: ['newId'],
            message: `the database does not number the column "${id.name}" of the table ${table}, and the store has no newId`,
            suggestion: `give newId, for example randomUUID of node:crypto, or make the column ${inspector.numbered}`,
          },
        ]),
  ];
}

/** Columns that an insert leaves out although they have no default. */
function requiredColumns(users: UsersTable, existing: readonly TableColumn[]): SetupIssue[] {
  const written = namedColumns(users).map(({ name }) => name);
  return existing
    .filter(({ name, isNullable, hasDefault }) => !isNullable && !hasDefault && !written.includes(name))
    .map(({ name, type }) => ({
      path: ['users', 'insert', name],
      message: `the column "${name}" (${type}) of the table ${users.table} is NOT NULL and has no default`,
      suggestion: `give an SQL expression for new users, users.insert: { ${name}: "..." } ('NULL' where a trigger fills it), or give the column a default`,
    }));
}
