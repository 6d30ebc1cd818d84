import type { SqliteDatabase } from '../../src/stores/sqlite.ts';

/** A database of `node:sqlite`. */
export interface Database extends SqliteDatabase {
  close(): void;
}

/** Opens a file; `null` before Node 22. */
export const openSqlite = openerOf(process.getBuiltinModule('node:sqlite'));

// The types of Node 20 do not know it.
function openerOf(module: unknown): ((file: string) => Database) | null {
  if (typeof module !== 'object' || module === null || !('DatabaseSync' in module)) return null;
  const { DatabaseSync } = module as { readonly DatabaseSync: new (file: string) => Database };
  return (file) => new DatabaseSync(file);
}
