import type { JsonValue, StatePage, StateRecord } from '../saml/state-store.ts';

/** A record whose value is text, as databases store it. */
export interface StoredState extends Omit<StateRecord, 'value'> {
  /** JSON. Text, because JSON columns of databases change what they hold: zero characters, lone surrogates, order of keys. */
  readonly text: string;
}

/**
 * Validates a record that is to be written.
 *
 * @throws TypeError that names the field
 */
export function storedState(record: StateRecord, expectedVersion: number | null): StoredState {
  const { value, ...rest } = record;
  const { kind, id, organizationId, keys, version, expiresAt } = rest;
  const text: string | undefined = JSON.stringify(value);
  expect(/^[a-z_]{1,32}$/.test(kind), 'kind must be a kind of state, such as session');
  expect(isStateId(id), 'id must be 1 to 255 visible ASCII characters without spaces');
  // PostgreSQL cannot store a zero character, and UTF-8 no half of a surrogate pair.
  const isText = organizationId === null || !/[\0\p{Surrogate}]/u.test(organizationId);
  expect(isText, 'organizationId must be null or well-formed text');
  for (const key of keys) expectStateKey(key);
  expect(text !== undefined, 'value must be JSON');
  expect(Number.isSafeInteger(version) && version > 0, 'version must be a positive integer');
  expect(version > (expectedVersion ?? 0), 'version must be greater than the expected version');
  expect(!Number.isNaN(expiresAt.getTime()), 'expiresAt must be a valid Date');
  return { ...rest, keys: [...new Set(keys)], text };
}

/** Reads the record back. */
export function stateRecord({ text, ...rest }: StoredState): StateRecord {
  const value: JsonValue = JSON.parse(text);
  return { ...rest, value };
}

/** Whether a record may have this id. */
export function isStateId(id: string): boolean {
  return /^[!-~]{1,255}$/.test(id);
}

/** @throws TypeError for a key that `stateKey` did not make */
export function expectStateKey(key: string): void {
  expect(/^[\w-]{43}$/.test(key), 'a key of a state record must be made by stateKey()');
}

/** The limit, and the id after which the page begins; empty: the first page. @throws TypeError for an invalid limit */
export function statePage({ limit, after = '' }: StatePage): { readonly limit: number; readonly after: string } {
  expect(Number.isInteger(limit) && limit > 0 && limit <= 1000, 'limit must be an integer from 1 to 1000');
  expect(after === '' || isStateId(after), 'after must be the id of a state record');
  return { limit, after };
}

function expect(condition: boolean, message: string): asserts condition {
  if (!condition) throw new TypeError(message);
}
