import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPool, type Pool } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SqliteDatabase } from '../../src/stores/sqlite.ts';
import { listens } from '../support/services.ts';

const server = { host: '127.0.0.1', port: 3306, user: 'root', password: '' };
const noMysql = process.env['CI'] === undefined && !(await listens(server.port));

/** Two pools on one new database, which is dropped afterwards; skipped where no server listens. */
export function onMysql(tests: (pools: () => readonly [Pool, Pool]) => void): void {
  describe.skipIf(noMysql)(`MySQL${noMysql ? ` (skipped: no server on 127.0.0.1:${server.port})` : ''}`, () => {
    const database = `saml_jit_test_${randomUUID().slice(0, 8)}`;
    let opened: readonly [Pool, Pool] | undefined;
    beforeAll(async () => {
      const admin = createPool(server);
      await admin.query(`CREATE DATABASE ${database} CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci`);
      await admin.end();
      opened = [createPool({ ...server, database }), createPool({ ...server, database })];
    });
    afterAll(async () => {
      await opened?.[0].query(`DROP DATABASE ${database}`);
      await Promise.all((opened ?? []).map((pool) => pool.end()));
    });
    tests(() => opened ?? expect.fail('the database is not open'));
  });
}

interface Database extends SqliteDatabase {
  close(): void;
}

/** Two connections to one new file; skipped without `node:sqlite`. */
export function onSqlite(tests: (open: () => readonly [Database, Database]) => void): void {
  const sqlite: unknown = process.getBuiltinModule('node:sqlite');
  if (typeof sqlite !== 'object' || sqlite === null || !('DatabaseSync' in sqlite)) {
    if (process.env['SAML_JIT_REQUIRE_SQLITE']) {
      test('SQLite is required', () => expect.fail('node:sqlite needs Node 22 or later'));
    } else {
      test.skip('SQLite: node:sqlite needs Node 22 or later', () => {});
    }
    return;
  }
  // The types of Node 20 do not know it.
  const { DatabaseSync } = sqlite as { readonly DatabaseSync: new (file: string) => Database };
  describe('SQLite', () => {
    const folder = mkdtempSync(join(tmpdir(), 'saml-jit-sqlite-'));
    afterAll(() => rmSync(folder, { recursive: true }));
    tests(() => {
      const file = join(folder, randomUUID());
      return [new DatabaseSync(file), new DatabaseSync(file)];
    });
  });
}
