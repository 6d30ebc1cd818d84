import { createHash } from 'node:crypto';
import type { ReplayCache } from './replay-cache.ts';

/** A JSON value. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** The kind of a record of a {@link StateStore}. Ids are separate for each kind. */
export type StateKind = 'session' | 'logout' | 'setup_link' | 'setup_session' | 'draft' | 'login_log' | 'scim_log';

/** One record of a {@link StateStore}. */
export interface StateRecord {
  readonly kind: StateKind;
  /** Unique within the kind: 1 to 255 visible ASCII characters without spaces. */
  readonly id: string;
  /** `null`: the record belongs to no organization. */
  readonly organizationId: string | null;
  /** The keys by which `find` finds the record: SHA-256 hashes, 43 characters of base64url. */
  readonly keys: readonly string[];
  readonly value: JsonValue;
  /** A positive integer, chosen by the writer, which each write increases. */
  readonly version: number;
  /** From this time on the record counts as absent. */
  readonly expiresAt: Date;
}

/** A page of a list. */
export interface StatePage {
  /** Maximum number of records, from 1 to 1000. */
  readonly limit: number;
  /** The id of the last record of the page before; it need not exist any more. Default: the first page. */
  readonly after?: string | undefined;
}

/**
 * Stores everything that expires: sessions, pending logouts, setup links, drafts, logs. It is a {@link ReplayCache} too, so
 * one store may serve as the `replayCache` of `createSso`.
 *
 * Every function is atomic across all processes that share the storage. An expired record is absent for every function,
 * even if it is still stored. A process whose clock is ahead must not remove what is unexpired for the others: remove
 * expired records by the clock of the storage, or some time after they expired. A full store rejects; it never removes
 * an unexpired record.
 */
export interface StateStore extends ReplayCache {
  /**
   * The record, or `null`. An id that no record can have resolves to `null` as well, because ids may come from a URL.
   */
  get(kind: StateKind, id: string): Promise<StateRecord | null>;
  /**
   * The records that have the key, ordered by id (code units, ascending).
   *
   * @param key one of `keys`
   * @throws TypeError for a key or limit that is not valid
   */
  find(kind: StateKind, key: string, page: StatePage): Promise<readonly StateRecord[]>;
  /**
   * Writes the record if the stored one has `expectedVersion`: compare and set. The keys replace those of the stored record.
   * Resolves to `false`, and writes nothing, if the stored record has another version. The id of a deleted record must not be
   * used again: a process that read the old record could replace the new one, if their versions are equal.
   *
   * @param expectedVersion `null`: there must be no such record
   * @throws TypeError for a record that is not valid, or whose version is not greater than `expectedVersion`
   */
  put(record: StateRecord, expectedVersion: number | null): Promise<boolean>;
  /** Deletes the record. A missing record is not an error. */
  delete(kind: StateKind, id: string): Promise<void>;
}

/**
 * Makes a look-up key of a {@link StateRecord}: the SHA-256 hash of its parts, 43 characters of base64url. So a store
 * stores no long values and no NameID in clear text, and compares exactly.
 *
 * @param name the kind of key, such as `name_id`: keys of different names never match
 * @param parts any text, compared exactly and one by one
 */
export function stateKey(name: string, ...parts: readonly string[]): string {
  return createHash('sha256')
    .update(JSON.stringify([name, ...parts]))
    .digest('base64url');
}
