/** A value of a parameter: drivers bind these in the same way. */
export type SqlValue = string | number | null;

/** One statement with positional parameters, written `?`. */
interface Statement {
  readonly sql: string;
  readonly values: readonly SqlValue[];
  /** Whether it returns rows: drivers have one function for queries and another for other statements. */
  readonly reads: boolean;
}

/**
 * Database work as a generator: it yields statements and receives their rows. So the same code runs synchronously on SQLite,
 * where nothing may be interleaved, and asynchronously on MySQL. It does not catch errors of statements.
 */
export type Work<T> = Generator<Statement, T, readonly unknown[]>;

/** A statement that returns rows. */
export function* query(sql: string, ...values: readonly SqlValue[]): Work<readonly unknown[]> {
  return yield { sql, values, reads: true };
}

/** A statement without rows. */
export function* command(sql: string, ...values: readonly SqlValue[]): Work<void> {
  yield { sql, values, reads: false };
}

/** Runs work: a look-up of one query, or a transaction, in which an error about uniqueness becomes a `UserConflict`. */
export interface Runner {
  read<T>(work: () => Work<T>): Promise<T>;
  write<T>(work: () => Work<T>): Promise<T>;
}

/** The differences between SQLite and MySQL. */
export interface Dialect {
  /** Makes a name of a table or column safe; `schema.table` stays two names. */
  quote(name: string): string;
  /** A time in UTC, as it is written. */
  time(date: Date): string;
  /** An expression that returns it as text that `Date` reads. */
  readTime(column: string): string;
  /** An expression that returns a column as text: a driver may round a large number. */
  asText(column: string): string;
  /** A condition with one value: the column is exactly this text, even if its collation ignores case or spaces. */
  equals(column: string): string;
  /** Inserts a row, or changes the one with the same key, which is the first column. */
  upsert(table: string, columns: readonly string[]): string;
  /** An expression: the automatic ID of the row inserted last. */
  readonly lastId: string;
  /** Ends a query whose rows stay locked until the transaction ends; empty where transactions exclude each other anyway. */
  readonly forUpdate: string;
}

/** One column of a row. */
export function column(row: unknown, name: string): unknown {
  const value: unknown = typeof row === 'object' && row !== null ? Reflect.get(row, name) : undefined;
  return value ?? null;
}

/** A column of text; a number, as IDs may be, becomes text. */
export function textColumn(row: unknown, name: string): string | null {
  const value = column(row, name);
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    throw new TypeError(`${name} is a number that the driver may have rounded: ${value}`);
  }
  return value === null ? null : String(value);
}

/** A column of JSON, which a driver may have parsed. */
export function jsonColumn(row: unknown, name: string): unknown {
  const value = column(row, name);
  return typeof value === 'string' ? JSON.parse(value) : value;
}
