import type { PostgresClient } from './client.ts';

/** What {@link prismaClient} uses of a `PrismaClient`. */
export interface PrismaLike {
  /** Runs one statement with `$1`, `$2`, ... bound to `values`, and resolves to the rows. */
  $queryRawUnsafe(query: string, ...values: unknown[]): PromiseLike<unknown>;
}

/** What {@link drizzleClient} uses of an `Sql` of postgres.js. */
export interface PostgresJsLike {
  /** Runs one statement with `$1`, `$2`, ... bound to `values`, and resolves to the rows. */
  unsafe(text: string, values?: unknown[]): PromiseLike<readonly unknown[]>;
}

/** What {@link drizzleClient} uses of a Drizzle database: the driver that it was created with. */
export interface DrizzleLike {
  readonly $client: PostgresClient | PostgresJsLike;
}

/**
 * The client of the stores over Prisma ORM 7 with `@prisma/adapter-pg`. Errors of Prisma get the SQLSTATE as `code`, so that a
 * lost race is a `UserConflict`. Throws nothing.
 *
 * @param prisma connected and disconnected by the application
 * @example
 * ```ts
 * import { PrismaPg } from '@prisma/adapter-pg';
 * import { postgresUserStore, prismaClient } from 'saml-jit/postgres';
 *
 * const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: process.env.DATABASE_URL }) });
 * const users = postgresUserStore(prismaClient(prisma));
 * ```
 */
export function prismaClient(prisma: PrismaLike): PostgresClient {
  return {
    async query(text, values = []) {
      try {
        return { rows: asRows(await prisma.$queryRawUnsafe(text, ...values)) };
      } catch (error) {
        const code = sqlStateWithin(error);
        if (code === null) throw error;
        throw Object.assign(new Error(error instanceof Error ? error.message : String(error), { cause: error }), {
          code,
        });
      }
    },
  };
}

/**
 * The client of the stores over Drizzle ORM with `node-postgres`, PGlite or postgres.js: its driver. Throws nothing.
 *
 * @param db what `drizzle()` returns; closed by the application
 * @example
 * ```ts
 * import { drizzle } from 'drizzle-orm/node-postgres';
 * import { drizzleClient, postgresUserStore } from 'saml-jit/postgres';
 *
 * const db = drizzle(process.env.DATABASE_URL);
 * const users = postgresUserStore(drizzleClient(db));
 * ```
 */
export function drizzleClient({ $client }: DrizzleLike): PostgresClient {
  if ('query' in $client) return { query: (text, values) => $client.query(text, values) };
  return { query: async (text, values = []) => ({ rows: await $client.unsafe(text, values) }) };
}

function asRows(result: unknown): readonly unknown[] {
  return Array.isArray(result) ? result : [];
}

/** The SQLSTATE in the details of an error of Prisma: of its engine, or of a driver adapter. */
function sqlStateWithin(error: unknown, depth = 0): string | null {
  if (typeof error !== 'object' || error === null || depth > 4) return null;
  for (const name of ['originalCode', 'code']) {
    const code: unknown = Reflect.get(error, name);
    // P2010 and its like are codes of Prisma.
    if (typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && !/^P[1-9]/.test(code)) return code;
  }
  for (const name of ['meta', 'driverAdapterError', 'cause']) {
    const code = sqlStateWithin(Reflect.get(error, name), depth + 1);
    if (code !== null) return code;
  }
  return null;
}
