import { checkVerifiedColumn } from '../verified-column.ts';
import { type AccountField, accountFields, identityColumns, ownColumns } from './columns.ts';
import { prefixOf, type SchemaOptions } from './options.ts';
import { command, type Dialect, query, type SqlValue, textColumn, type Work } from './statement.ts';

/** What is written of an account. */
export type FieldValues = Readonly<Partial<Record<AccountField, SqlValue>>>;

/** The tables, and how an account is spread over them. */
export interface Layout {
  readonly table: string;
  readonly identities: string;
  readonly audit: string;
  readonly locks: string;
  readonly idColumn: string;
  readonly emailKeyColumn: string;
  /** For conditions on the table `u`, followed by `join`. */
  columnOf(field: AccountField): string;
  readonly join: string;
  /** Columns of an account, and of one of its identities: a table `i`. */
  readonly selection: string;
  /** Inserts an account, and gives its ID; without `id` the database makes one. */
  insert(values: FieldValues): Work<string>;
  update(userId: string, values: FieldValues): Work<void>;
}

/** Names the tables and spreads the columns. @throws TypeError for an invalid prefix */
export function layoutOf(options: SchemaOptions, { quote, readTime, asText, upsert, lastId }: Dialect): Layout {
  const { users } = options;
  const prefix = prefixOf(options);
  const own = (name: string) => quote(prefix + name);
  const table = users === undefined ? own('users') : quote(users.table);
  const profiles = users === undefined ? null : own('profiles');
  const isBeside = (field: AccountField) => users !== undefined && users.columns[field] === undefined;
  const mapped = users?.columns.emailVerified;
  const verified = typeof mapped === 'object' ? checkVerifiedColumn(mapped) : undefined;
  const nameOf = (field: AccountField) => {
    const column = users?.columns[field];
    return quote((typeof column === 'object' ? column.column : column) ?? ownColumns[field]);
  };
  const columnOf = (field: AccountField): string => {
    if (!isBeside(field)) return `u.${nameOf(field)}`;
    return field === 'status' ? `COALESCE(p.${nameOf(field)}, 'active')` : `p.${nameOf(field)}`;
  };
  const readAs: Partial<Record<AccountField, (column: string) => string>> = {
    id: asText,
    organizationId: asText,
    version: asText,
    lastLoginAt: readTime,
    createdAt: readTime,
    ...(verified && { emailVerified: () => `CASE WHEN (${verified.isTrue}) THEN 1 ELSE 0 END` }),
  };
  const placeOf = (field: AccountField) =>
    field === 'emailVerified' && verified
      ? `CASE WHEN ? = 1 THEN ${verified.setTrue} ELSE ${verified.setFalse} END`
      : '?';
  const selected = accountFields.map((field) => {
    const read = readAs[field]?.(columnOf(field)) ?? columnOf(field);
    return `${read} AS ${quote(field)}`;
  });
  const identities = own('identities');
  const id = nameOf('id');
  const byPlace = (values: FieldValues, beside: boolean) =>
    accountFields.filter((field) => values[field] !== undefined && isBeside(field) === beside);
  const valuesOf = (values: FieldValues, fields: readonly AccountField[]) =>
    fields.map((field) => values[field] ?? null);

  function* writeBeside(userId: string, values: FieldValues): Work<void> {
    const fields = byPlace(values, true);
    if (profiles === null || fields.length === 0) return;
    yield* command(upsert(profiles, ['user_id', ...fields.map(nameOf)]), userId, ...valuesOf(values, fields));
  }

  return {
    table,
    identities,
    audit: own('audit'),
    locks: own('locks'),
    idColumn: id,
    emailKeyColumn: nameOf('emailKey'),
    columnOf,
    join: profiles === null ? '' : ` LEFT JOIN ${profiles} p ON p.user_id = u.${id}`,
    selection: [...selected, ...[...identityColumns, 'living'].map((name) => `i.${name}`)].join(', '),
    *insert(values: FieldValues): Work<string> {
      const fields = byPlace(values, false);
      const places = fields.map(placeOf).join(', ');
      const names = fields.map(nameOf).join(', ');
      yield* command(`INSERT INTO ${table} (${names}) VALUES (${places})`, ...valuesOf(values, fields));
      const given = values.id ?? textColumn((yield* query(`SELECT ${asText(lastId)} AS id`))[0], 'id');
      const userId = String(given);
      yield* writeBeside(userId, values);
      return userId;
    },
    *update(userId: string, values: FieldValues): Work<void> {
      const fields = byPlace(values, false);
      const set = fields.map((field) => `${nameOf(field)} = ${placeOf(field)}`).join(', ');
      if (set !== '') yield* command(`UPDATE ${table} SET ${set} WHERE ${id} = ?`, ...valuesOf(values, fields), userId);
      yield* writeBeside(userId, values);
    },
  };
}
