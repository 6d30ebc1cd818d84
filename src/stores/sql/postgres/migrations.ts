import { createHash } from 'node:crypto';
import { refusedMigration } from '../check/setup-error.ts';
import type { Migration, SchemaOptions } from '../options.ts';
import { checkBeforeMigrate, describePostgresError } from './check.ts';
import type { PostgresClient } from './client.ts';
import { functionsOf } from './functions.ts';
import { type Layout, layoutOf } from './layout.ts';
import { stateSql } from './state-tables.ts';
import { auditSql, connectionsSql, identitiesSql, replaySql, schemaSql, usersSql } from './tables.ts';

/**
 * The SQL that {@link migrate} runs, for those who run their own migrations. Run it again, all of it, when an option of
 * {@link SchemaOptions} changes.
 *
 * @param options those that the stores are given
 * @throws ConfigurationError for an invalid option
 * @example
 * ```ts
 * import { migrations } from 'saml-jit/postgres';
 *
 * console.log(migrations().map(({ sql }) => sql).join('\n'));
 * ```
 */
export function migrations(options: SchemaOptions = {}): readonly Migration[] {
  return migrationsOf(layoutOf(options));
}

/**
 * Creates the tables, indexes and functions, or updates them. May run at each start, and in several processes at once: one of
 * them works, the others wait. One transaction: it fails as a whole or not at all. Before that it examines the table of users as
 * `check` does.
 *
 * @param client a `Pool` or `Client` of pg, a PGlite, or any object with `query`
 * @param options those that the stores are given
 * @throws ConfigurationError for an invalid option
 * @throws DatabaseSetupError with every issue of the table of users, or with the error of the database
 * @example
 * ```ts
 * import pg from 'pg';
 * import { migrate, postgresUserStore } from 'saml-jit/postgres';
 *
 * const pool = new pg.Pool();
 * const options = { roles: ['admin', 'member'] };
 * await migrate(pool, options);
 * const users = postgresUserStore<'admin' | 'member'>(pool, options);
 * ```
 */
export async function migrate(client: PostgresClient, options: SchemaOptions = {}): Promise<void> {
  await checkBeforeMigrate(client, options);
  try {
    await client.query(migrateSql(layoutOf(options)));
  } catch (error) {
    throw refusedMigration('of saml-jit/postgres', describePostgresError(error), error);
  }
}

function migrationsOf(layout: Layout): readonly Migration[] {
  const steps: readonly (readonly [name: string, sql: string])[] = [
    ['users', usersSql(layout)],
    ['identities', identitiesSql(layout)],
    ['audit', auditSql(layout)],
    ['replay', replaySql(layout)],
    ['connections', connectionsSql(layout)],
    ['functions', functionsOf(layout).sql],
    ['state', stateSql(layout)],
  ];
  return steps.map(([name, sql], index) => ({ version: index + 1, name, sql }));
}

// One statement, because the statements of a pool may run on several connections.
function migrateSql(layout: Layout): string {
  const { prefix, own } = layout;
  const steps = migrationsOf(layout).map(({ version, name, sql }) => {
    const hash = createHash('sha256').update(sql).digest('hex');
    return `IF NOT EXISTS (SELECT FROM ${own('migrations')} WHERE version = ${version} AND hash = '${hash}') THEN
    EXECUTE $jit_step$${sql}$jit_step$;
    INSERT INTO ${own('migrations')} (version, name, hash) VALUES (${version}, '${name}', '${hash}')
    ON CONFLICT (version) DO UPDATE SET hash = excluded.hash, applied_at = excluded.applied_at;
  END IF;`;
  });
  return `DO $jit_migrate$ BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('saml-jit ${prefix} migrate', 0));
  EXECUTE $jit_step$${schemaSql(layout)}$jit_step$;
  IF to_regclass('${own('migrations')}') IS NULL THEN
    CREATE TABLE ${own('migrations')} (
      version integer PRIMARY KEY,
      name text NOT NULL,
      hash text NOT NULL,
      applied_at timestamptz NOT NULL DEFAULT now()
    );
  END IF;
  ${steps.join('\n  ')}
END $jit_migrate$`;
}
