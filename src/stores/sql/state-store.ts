import type { ReplayCache } from '../../saml/replay-cache.ts';
import type { StateKind, StateRecord, StateStore } from '../../saml/state-store.ts';
import { retryLostRaces } from '../retry-lost-races.ts';
import { expectStateKey, isStateId, type StoredState, statePage, stateRecord, storedState } from '../state-record.ts';
import { expectStoreOptions } from './expect-options.ts';
import { prefixOf, type SqlStateStoreOptions } from './options.ts';
import { column, command, type Dialect, query, type Runner, textColumn, type Work } from './statement.ts';

const aDay = 86_400_000;
/** Every fourth write removes up to ten expired records: more than were added. */
const sweepEvery = 4;
const sweepSize = 10;

/** The state store of MySQL and SQLite, with the replay cache of the same database. */
export function sqlStateStore(
  options: SqlStateStoreOptions,
  { quote, forUpdate }: Dialect,
  { read, write }: Runner,
  { claim }: ReplayCache,
): StateStore {
  expectStoreOptions(options);
  const { now = () => new Date() } = options;
  const prefix = prefixOf(options);
  const [table, keyTable] = [quote(`${prefix}state`), quote(`${prefix}state_keys`)];
  const selection = 's.kind, s.id, s.organization_id, s.look_up_keys, s.value, s.version, s.expires_at';
  let writes = 0;

  function* get(kind: StateKind, id: string): Work<StateRecord | null> {
    const sql = `SELECT ${selection} FROM ${table} s WHERE s.kind = ? AND s.id = ? AND s.expires_at > ?`;
    const [row] = yield* query(sql, kind, id, now().getTime());
    return row === undefined ? null : stateRecord(readState(row));
  }

  function* find(kind: StateKind, key: string, limit: number, after: string): Work<readonly StateRecord[]> {
    // A limit is part of the text: MySQL binds no parameter there.
    const sql = `SELECT ${selection} FROM ${keyTable} k JOIN ${table} s ON s.kind = k.kind AND s.id = k.id
      WHERE k.kind = ? AND k.look_up_key = ? AND k.id > ? AND s.expires_at > ? ORDER BY k.id LIMIT ${limit}`;
    return (yield* query(sql, kind, key, after, now().getTime())).map((row) => stateRecord(readState(row)));
  }

  function* put(record: StoredState, expectedVersion: number | null): Work<boolean> {
    const { kind, id, organizationId, keys, text, version, expiresAt } = record;
    const stored = yield* query(
      `SELECT version, expires_at FROM ${table} WHERE kind = ? AND id = ?${forUpdate}`,
      kind,
      id,
    );
    const isLiving = stored.length > 0 && Number(column(stored[0], 'expires_at')) > now().getTime();
    if ((isLiving ? Number(column(stored[0], 'version')) : null) !== expectedVersion) return false;
    const columns = ['organization_id', 'look_up_keys', 'value', 'version', 'expires_at'];
    const values = [organizationId, keys.join(' '), text, version, expiresAt.getTime()];
    if (stored.length === 0) {
      const names = [...columns, 'kind', 'id'];
      const places = names.map(() => '?').join(', ');
      yield* command(`INSERT INTO ${table} (${names.join(', ')}) VALUES (${places})`, ...values, kind, id);
    } else {
      const set = columns.map((name) => `${name} = ?`).join(', ');
      yield* command(`UPDATE ${table} SET ${set} WHERE kind = ? AND id = ?`, ...values, kind, id);
      yield* command(`DELETE FROM ${keyTable} WHERE kind = ? AND id = ?`, kind, id);
    }
    if (keys.length > 0) {
      const rows = keys.map(() => '(?, ?, ?)').join(', ');
      const sql = `INSERT INTO ${keyTable} (kind, look_up_key, id) VALUES ${rows}`;
      yield* command(sql, ...keys.flatMap((key) => [kind, key, id]));
    }
    return true;
  }

  function* remove(rows: readonly (readonly [kind: string, id: string])[], expiredBy: number): Work<void> {
    const which = rows.map(() => '(kind = ? AND id = ?)').join(' OR ');
    // The records first: so this waits for a write of one of them, and does not meet its keys in the opposite order.
    const locked = yield* query(
      `SELECT kind, id FROM ${table} WHERE (${which}) AND expires_at <= ? ORDER BY kind, id${forUpdate}`,
      ...rows.flat(),
      expiredBy,
    );
    if (locked.length === 0) return;
    const names = locked.flatMap((row) => [textColumn(row, 'kind') ?? '', textColumn(row, 'id') ?? '']);
    const these = locked.map(() => '(kind = ? AND id = ?)').join(' OR ');
    yield* command(`DELETE FROM ${keyTable} WHERE ${these}`, ...names);
    yield* command(`DELETE FROM ${table} WHERE ${these}`, ...names);
  }

  async function sweep(): Promise<void> {
    if (writes++ % sweepEvery !== 0) return;
    // A day later: a process whose clock is ahead must not remove what is unexpired for the others.
    const expiredBy = now().getTime() - aDay;
    const sql = `SELECT kind, id FROM ${table} WHERE expires_at <= ? ORDER BY expires_at LIMIT ${sweepSize}`;
    const expired = await read(() => query(sql, expiredBy));
    if (expired.length === 0) return;
    const rows = expired.map((row) => [textColumn(row, 'kind') ?? '', textColumn(row, 'id') ?? ''] as const);
    await write(() => remove(rows, expiredBy));
  }

  return {
    claim,
    get: async (kind, id) => (isStateId(id) ? read(() => get(kind, id)) : null),
    async find(kind, key, page) {
      expectStateKey(key);
      const { limit, after } = statePage(page);
      return read(() => find(kind, key, limit, after));
    },
    async put(record, expectedVersion) {
      const stored = storedState(record, expectedVersion);
      const isWritten = await retryLostRaces(() => write(() => put(stored, expectedVersion)));
      // What cannot be removed now is removed later: the write is done.
      await sweep().catch(() => {});
      return isWritten;
    },
    async delete(kind, id) {
      if (isStateId(id)) await retryLostRaces(() => write(() => remove([[kind, id]], Number.MAX_SAFE_INTEGER)));
    },
  };
}

function readState(row: unknown): StoredState {
  const keys = textColumn(row, 'look_up_keys') ?? '';
  return {
    // The column holds only what put() has written.
    kind: textColumn(row, 'kind') as StateKind,
    id: textColumn(row, 'id') ?? '',
    organizationId: textColumn(row, 'organization_id'),
    keys: keys === '' ? [] : keys.split(' '),
    text: textColumn(row, 'value') ?? 'null',
    version: Number(column(row, 'version')),
    expiresAt: new Date(Number(column(row, 'expires_at'))),
  };
}
