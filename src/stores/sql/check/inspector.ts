import type { OwnTable } from './own-tables.ts';

/** A column, as the catalog of a database describes it. */
export interface TableColumn {
  readonly name: string;
  /** The SQL type in the spelling of the database. */
  readonly type: string;
  readonly kind: 'boolean' | 'integer' | 'text' | 'enum' | 'time' | 'other';
  readonly isNullable: boolean;
  /** A default, a generated value or an identity. */
  readonly hasDefault: boolean;
  /** Computed from other columns: it cannot be written. */
  readonly isComputed: boolean;
  /** Whether the store learns the value that the database makes for a new row. */
  readonly makesId: boolean;
  /** Values of an enum. */
  readonly values: readonly string[];
}

/** A unique index of the table of users. */
export interface UniqueIndex {
  readonly name: string;
  /** Its columns; a computed one or an expression with its SQL. Of a column that is indexed in part, the name is empty. */
  readonly parts: readonly { readonly name: string; readonly expression: string }[];
  /** It contains only rows that meet a condition. */
  readonly isPartial: boolean;
}

/** How `check` reads a database. */
export interface Inspector {
  readonly database: 'PostgreSQL' | 'MySQL' | 'SQLite';
  /** Runs one statement without values; resolves to the rows. */
  query(sql: string): Promise<readonly unknown[]>;
  /** Code and text of an error of the database: `SQLSTATE 42703: column "x" does not exist`. */
  describeError(error: unknown): string;
  /** The columns of the table of users; `null` if there is no such table. */
  columns(): Promise<readonly TableColumn[] | null>;
  /** Whether a foreign key of a column of `idType` can refer to the column. */
  isSameType(column: TableColumn, idType: string): boolean;
  /** Types that an `id` of the application's table can have; `null`: any. */
  readonly idTypes: readonly string[] | null;
  /** What a column is called that the database numbers or fills. */
  readonly numbered: string;
  /** The type of a time. */
  readonly timeType: string;
  uniqueIndexes(): Promise<readonly UniqueIndex[]>;
  /** Name of the index that `migrate` creates in the application's table. */
  readonly createdIndex: string | null;
  /** Statement that creates the index that keeps accounts of one e-mail apart; `null`: `migrate` creates it. */
  readonly createUniqueEmail: string | null;
  /** NULL as a value of a field, in an SQL expression. */
  nullOf(field: string): string;
}

/** The table of users in SQL: names are quoted, the table is `u`. */
export interface UsersInSql {
  readonly table: string;
  readonly organizationId: string;
  readonly emailKey: string;
  /** Condition: not removed; `null` if the table has no status. */
  readonly living: string | null;
  /** The status of an account; `null` if the table has none. */
  readonly status: string | null;
  /** SQL type of the `id` column that the options name. */
  readonly idType: string;
  /** Reads one account with everything that the store reads, without rows. */
  readonly probe: string;
  /** Further tables of the library. */
  readonly ownTables: readonly OwnTable[];
  /** The table of completed steps of `migrate`. */
  readonly migrations: string;
}
