export type { AccountInput, CompleteUserStore, EditableUserStore } from './complete-store.ts';
export { DatabaseSetupError, type SetupIssue } from './sql/check/setup-error.ts';
export type { ColumnExpression, UserColumns, UsersTable } from './sql/columns.ts';
export type {
  Migration,
  SchemaOptions,
  SqlConnectionStoreOptions,
  SqlUserStore,
  SqlUserStoreOptions,
  TableOptions,
} from './sql/options.ts';
export {
  type DrizzleLike,
  drizzleClient,
  type PostgresJsLike,
  type PrismaLike,
  prismaClient,
} from './sql/postgres/bridges.ts';
export { check } from './sql/postgres/check.ts';
export type { PostgresClient } from './sql/postgres/client.ts';
export { postgresConnectionStore } from './sql/postgres/connection-store.ts';
export { migrate, migrations } from './sql/postgres/migrations.ts';
export { postgresReplayCache } from './sql/postgres/replay-cache.ts';
export { postgresStateStore } from './sql/postgres/state-store.ts';
export { postgresUserStore } from './sql/postgres/user-store.ts';
