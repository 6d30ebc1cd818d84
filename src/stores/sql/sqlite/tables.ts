import { accountFields, ownColumns } from '../columns.ts';
import { layoutOf } from '../layout.ts';
import { type Migration, prefixOf, type SchemaOptions } from '../options.ts';
import { sqlite } from './dialect.ts';

const integers: readonly string[] = ['emailVerified', 'version'];

/** The tables of SQLite, in the order in which they are made. */
export function sqliteTables(options: SchemaOptions): readonly Migration[] {
  const { users } = options;
  const { table, idColumn } = layoutOf(options, sqlite);
  const prefix = prefixOf(options);
  const name = (suffix: string) => sqlite.quote(prefix + suffix);
  const userId = `user_id ${users?.idType ?? 'TEXT'} NOT NULL`;
  const references = `REFERENCES ${table} (${idColumn}) ON DELETE CASCADE`;
  const space = options.oneAccountPerEmail ? 'email_key' : 'organization_id, email_key';
  const ownUsers = `
CREATE TABLE IF NOT EXISTS ${name('users')} (
  id TEXT PRIMARY KEY NOT NULL,
  organization_id TEXT NOT NULL,
  email TEXT NOT NULL,
  email_key TEXT NOT NULL,
  name TEXT,
  role TEXT,
  status TEXT NOT NULL CHECK (status IN ('active', 'invited', 'suspended', 'removed')),
  email_verified INTEGER NOT NULL,
  version INTEGER NOT NULL,
  provenance TEXT NOT NULL,
  custom_attributes TEXT NOT NULL,
  last_login_at TEXT,
  created_at TEXT NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS ${name('users_living')} ON ${name('users')} (${space}) WHERE status <> 'removed';
CREATE INDEX IF NOT EXISTS ${name('users_email')} ON ${name('users')} (email_key);
CREATE INDEX IF NOT EXISTS ${name('users_organization')} ON ${name('users')} (organization_id, status);`;
  const inProfile = accountFields
    .filter((field) => field !== 'emailKey' && users?.columns[field] === undefined)
    .map((field) => `,\n  ${ownColumns[field]} ${integers.includes(field) ? 'INTEGER' : 'TEXT'}`);
  const profiles = `
CREATE TABLE IF NOT EXISTS ${name('profiles')} (
  ${userId} PRIMARY KEY ${references}${inProfile.join('')}
);`;
  return [
    { version: 1, name: 'users', sql: users === undefined ? ownUsers : profiles },
    {
      version: 2,
      name: 'identities',
      sql: `
CREATE TABLE IF NOT EXISTS ${name('identities')} (
  id INTEGER PRIMARY KEY,
  ${userId} ${references},
  connection_id TEXT NOT NULL,
  issuer TEXT NOT NULL,
  subject TEXT NOT NULL,
  name_qualifier TEXT NOT NULL DEFAULT '',
  sp_name_qualifier TEXT NOT NULL DEFAULT '',
  identity_key TEXT NOT NULL,
  living INTEGER,
  UNIQUE (identity_key, living)
);
CREATE INDEX IF NOT EXISTS ${name('identities_user')} ON ${name('identities')} (user_id);`,
    },
    {
      version: 3,
      name: 'audit',
      sql: `
CREATE TABLE IF NOT EXISTS ${name('audit')} (
  id INTEGER PRIMARY KEY,
  at TEXT NOT NULL,
  action TEXT NOT NULL,
  user_id TEXT NOT NULL,
  organization_id TEXT NOT NULL,
  connection_id TEXT NOT NULL,
  assertion_id TEXT NOT NULL,
  issuer TEXT NOT NULL,
  subject TEXT NOT NULL,
  name_qualifier TEXT NOT NULL DEFAULT '',
  sp_name_qualifier TEXT NOT NULL DEFAULT '',
  changes TEXT NOT NULL,
  notes TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS ${name('audit_user')} ON ${name('audit')} (user_id, at);`,
    },
    {
      version: 4,
      name: 'replay',
      sql: `
CREATE TABLE IF NOT EXISTS ${name('replay')} (
  key_hash TEXT PRIMARY KEY NOT NULL,
  expires_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS ${name('replay_expiry')} ON ${name('replay')} (expires_at);`,
    },
    {
      version: 5,
      name: 'connections',
      sql: `
CREATE TABLE IF NOT EXISTS ${name('connections')} (
  id TEXT PRIMARY KEY NOT NULL,
  organization_id TEXT NOT NULL,
  issuer_key TEXT NOT NULL,
  settings TEXT NOT NULL,
  version INTEGER NOT NULL DEFAULT 1
);
CREATE INDEX IF NOT EXISTS ${name('connections_issuer')} ON ${name('connections')} (issuer_key);
CREATE INDEX IF NOT EXISTS ${name('connections_organization')} ON ${name('connections')} (organization_id);
CREATE TABLE IF NOT EXISTS ${name('connection_domains')} (
  domain TEXT NOT NULL,
  connection_id TEXT NOT NULL,
  PRIMARY KEY (domain, connection_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS ${name('connection_domains_connection')} ON ${name('connection_domains')} (connection_id);`,
    },
    {
      version: 6,
      name: 'connection_versions',
      sql: `
CREATE TABLE IF NOT EXISTS ${name('connection_versions')} (id INTEGER PRIMARY KEY, latest INTEGER NOT NULL);
INSERT OR IGNORE INTO ${name('connection_versions')} (id, latest) VALUES (1, 1);`,
    },
    {
      version: 7,
      name: 'state',
      sql: `
CREATE TABLE IF NOT EXISTS ${name('state')} (
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  organization_id TEXT,
  look_up_keys TEXT NOT NULL,
  value TEXT NOT NULL,
  version INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (kind, id)
);
CREATE INDEX IF NOT EXISTS ${name('state_expiry')} ON ${name('state')} (expires_at);
CREATE TABLE IF NOT EXISTS ${name('state_keys')} (
  kind TEXT NOT NULL,
  look_up_key TEXT NOT NULL,
  id TEXT NOT NULL,
  PRIMARY KEY (kind, look_up_key, id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS ${name('state_keys_record')} ON ${name('state_keys')} (kind, id);`,
    },
  ];
}
