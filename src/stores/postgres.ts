export type { AccountInput, CompleteUserStore, EditableUserStore } from './complete-store.ts';
export type { ColumnExpression, UserColumns, UsersTable } from './sql/columns.ts';
export type { Migration, SchemaOptions, SqlUserStore, SqlUserStoreOptions, TableOptions } from './sql/options.ts';
export type { PostgresClient } from './sql/postgres/client.ts';
export { type PostgresConnectionStore, postgresConnectionStore } from './sql/postgres/connection-store.ts';
export { migrate, migrations } from './sql/postgres/migrations.ts';
export { postgresReplayCache } from './sql/postgres/replay-cache.ts';
export { postgresUserStore } from './sql/postgres/user-store.ts';
