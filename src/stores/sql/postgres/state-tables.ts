import type { Layout } from './layout.ts';

/**
 * Records that expire, and the keys by which they are found. The record contains its keys as well; these are
 * authoritative.
 */
export function stateSql({ own, unqualified }: Layout): string {
  return `CREATE TABLE IF NOT EXISTS ${own('state')} (
  kind text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  organization_id text COLLATE "C",
  look_up_keys text[] COLLATE "C" NOT NULL,
  value text NOT NULL,
  version bigint NOT NULL,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (kind, id)
);
CREATE INDEX IF NOT EXISTS ${unqualified('state_expires')} ON ${own('state')} (expires_at);
CREATE TABLE IF NOT EXISTS ${own('state_keys')} (
  kind text COLLATE "C" NOT NULL,
  look_up_key text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  PRIMARY KEY (kind, look_up_key, id),
  FOREIGN KEY (kind, id) REFERENCES ${own('state')} (kind, id) ON DELETE CASCADE
);
CREATE INDEX IF NOT EXISTS ${unqualified('state_keys_record')} ON ${own('state_keys')} (kind, id);`;
}
