/** A table of the library with the columns that its stores use. */
export interface OwnTable {
  /** Quoted. */
  readonly table: string;
  readonly columns: readonly string[];
}

const tables: Readonly<Record<string, readonly string[]>> = {
  audit: ['at', 'organization_id', 'user_id', 'action', 'assertion_id', 'connection_id', 'issuer', 'changes', 'notes'],
  connections: ['id', 'organization_id', 'settings', 'version'],
  connection_versions: ['id', 'latest'],
  state: ['kind', 'id', 'organization_id', 'look_up_keys', 'value', 'version', 'expires_at'],
  state_keys: ['kind', 'look_up_key', 'id'],
};

/** Tables that the stores use, except those that an account is read from; `further` are those that differ between databases. */
export function ownTables(
  own: (name: string) => string,
  further: Readonly<Record<string, readonly string[]>>,
): readonly OwnTable[] {
  return Object.entries({ ...tables, ...further }).map(([name, columns]) => ({ table: own(name), columns }));
}
