export type { CompleteUserStore } from './complete-store.ts';
export type { PostgresClient } from './postgres/client.ts';
export { type PostgresConnectionStoreOptions, postgresConnectionStore } from './postgres/connection-store.ts';
export { type Migration, migrate, migrations } from './postgres/migrations.ts';
export type { ExistingUsers, PostgresOptions, UserColumns } from './postgres/options.ts';
export { postgresReplayCache } from './postgres/replay-cache.ts';
export { postgresStateStore } from './postgres/state-store.ts';
export { type PostgresUserStore, type PostgresUserStoreOptions, postgresUserStore } from './postgres/user-store.ts';
export type { VerifiedColumn } from './verified-column.ts';
