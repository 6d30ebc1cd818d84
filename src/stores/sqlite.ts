export type { AccountInput, CompleteUserStore, EditableUserStore } from './complete-store.ts';
export { DatabaseSetupError, type SetupIssue } from './sql/check/setup-error.ts';
export type { ColumnExpression, UserColumns, UsersTable } from './sql/columns.ts';
export type {
  Migration,
  SchemaOptions,
  SqlConnectionStoreOptions,
  SqlStateStoreOptions,
  SqlUserStore,
  SqlUserStoreOptions,
  TableOptions,
} from './sql/options.ts';
export type { SqliteDatabase, SqliteStatement } from './sql/sqlite/client.ts';
export { check, migrate, migrations } from './sql/sqlite/migrations.ts';
export { sqliteReplayCache } from './sql/sqlite/replay-cache.ts';
export { sqliteConnectionStore, sqliteStateStore, sqliteUserStore } from './sql/sqlite/stores.ts';
export type { SqlValue } from './sql/statement.ts';
