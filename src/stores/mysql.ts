export type { AccountInput, CompleteUserStore, EditableUserStore } from './complete-store.ts';
export { DatabaseSetupError, type SetupIssue } from './sql/check/setup-error.ts';
export type { ColumnExpression, UserColumns, UsersTable } from './sql/columns.ts';
export type { MysqlConnection, MysqlPool } from './sql/mysql/client.ts';
export { check, migrate, migrations } from './sql/mysql/migrations.ts';
export { mysqlReplayCache } from './sql/mysql/replay-cache.ts';
export { mysqlConnectionStore, mysqlStateStore, mysqlUserStore } from './sql/mysql/stores.ts';
export type {
  Migration,
  SchemaOptions,
  SqlConnectionStoreOptions,
  SqlStateStoreOptions,
  SqlUserStore,
  SqlUserStoreOptions,
  TableOptions,
} from './sql/options.ts';
export type { SqlValue } from './sql/statement.ts';
