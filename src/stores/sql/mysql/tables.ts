import { type AccountField, accountFields, ownColumns } from '../columns.ts';
import { layoutOf } from '../layout.ts';
import { type Migration, prefixOf, type SchemaOptions } from '../options.ts';
import { mysql } from './dialect.ts';

const key = 'CHAR(64) CHARACTER SET ascii COLLATE ascii_bin';

/** SQL types of the fields of an account, in the library's own tables. */
const types: Readonly<Record<AccountField, string>> = {
  id: 'VARCHAR(191)',
  organizationId: 'VARCHAR(255)',
  email: 'VARCHAR(254)',
  emailKey: 'VARCHAR(254)',
  name: 'VARCHAR(1024)',
  role: 'VARCHAR(255)',
  status: 'VARCHAR(16)',
  emailVerified: 'TINYINT',
  version: 'BIGINT',
  provenance: 'VARCHAR(255)',
  customAttributes: 'LONGTEXT',
  lastLoginAt: 'DATETIME(3)',
  createdAt: 'DATETIME(3)',
};
/** Qualifiers of a NameID; at most 1,024 characters reach a store. */
const qualifiers = ['name_qualifier', 'sp_name_qualifier'].map((name) => `${name} VARCHAR(1024) NOT NULL DEFAULT ''`);
/** Of a state record: visible ASCII characters. */
const stateName = ['kind VARCHAR(32)', 'id VARCHAR(255)'].map(
  (name) => `${name} CHARACTER SET ascii COLLATE ascii_bin NOT NULL`,
);
const optional: readonly AccountField[] = ['name', 'role', 'lastLoginAt'];

/** The tables of MySQL, in the order in which they are made: one statement each, as drivers want it. */
export function mysqlTables(options: SchemaOptions): readonly Migration[] {
  const { users, oneAccountPerEmail = false } = options;
  const prefix = prefixOf(options);
  const { table, idColumn } = layoutOf(options, mysql);
  const idType = users?.idType ?? `${types.id} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`;
  const owner = `FOREIGN KEY (user_id) REFERENCES ${table} (${idColumn}) ON DELETE CASCADE`;
  const space = oneAccountPerEmail ? 'living_email_key' : 'organization_id, living_email_key';
  const define = (field: AccountField) => `${ownColumns[field]} ${types[field]}`;
  const columns = accountFields.map((field) => `${define(field)}${optional.includes(field) ? '' : ' NOT NULL'}`);
  const inProfile = accountFields
    .filter((field) => field !== 'emailKey' && users?.columns[field] === undefined)
    .map(define);
  const create = (version: number, name: string, lines: readonly string[]): Migration => ({
    version,
    name,
    sql:
      `CREATE TABLE IF NOT EXISTS ${mysql.quote(prefix + name)} (\n  ${lines.join(',\n  ')}\n) ` +
      'ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin',
  });
  return [
    users === undefined
      ? create(1, 'users', [
          ...columns,
          "living_email_key VARCHAR(254) AS (CASE WHEN status = 'removed' THEN NULL ELSE email_key END) STORED",
          'PRIMARY KEY (id)',
          `UNIQUE KEY living (${space})`,
          'KEY email (email_key)',
          'KEY organization (organization_id, status)',
        ])
      : create(1, 'profiles', [`user_id ${idType} NOT NULL`, ...inProfile, 'PRIMARY KEY (user_id)', owner]),
    create(2, 'identities', [
      'id BIGINT NOT NULL AUTO_INCREMENT',
      `user_id ${idType} NOT NULL`,
      'connection_id VARCHAR(255) NOT NULL',
      'issuer TEXT NOT NULL',
      'subject TEXT NOT NULL',
      ...qualifiers,
      `identity_key ${key} NOT NULL`,
      'living TINYINT',
      'PRIMARY KEY (id)',
      'UNIQUE KEY living (identity_key, living)',
      'KEY owner (user_id)',
      owner,
    ]),
    create(3, 'audit', [
      'id BIGINT NOT NULL AUTO_INCREMENT',
      'at DATETIME(3) NOT NULL',
      'action VARCHAR(16) NOT NULL',
      'user_id VARCHAR(191) NOT NULL',
      'organization_id VARCHAR(255) NOT NULL',
      'connection_id VARCHAR(255) NOT NULL',
      'assertion_id TEXT NOT NULL',
      'issuer TEXT NOT NULL',
      'subject TEXT NOT NULL',
      ...qualifiers,
      'changes LONGTEXT NOT NULL',
      'notes LONGTEXT NOT NULL',
      'PRIMARY KEY (id)',
      'KEY owner (user_id, at)',
    ]),
    create(4, 'locks', ['organization_id VARCHAR(255) NOT NULL', 'PRIMARY KEY (organization_id)']),
    create(5, 'replay', [
      `key_hash ${key} NOT NULL`,
      'expires_at BIGINT NOT NULL',
      'PRIMARY KEY (key_hash)',
      'KEY expiry (expires_at)',
    ]),
    create(6, 'connections', [
      'id VARCHAR(255) NOT NULL',
      'organization_id VARCHAR(255) NOT NULL',
      `issuer_key ${key} NOT NULL`,
      'settings LONGTEXT NOT NULL',
      'version BIGINT NOT NULL DEFAULT 1',
      'PRIMARY KEY (id)',
      'KEY issuer (issuer_key)',
      'KEY organization (organization_id)',
    ]),
    create(7, 'connection_domains', [
      'domain VARCHAR(253) NOT NULL',
      'connection_id VARCHAR(255) NOT NULL',
      'PRIMARY KEY (domain, connection_id)',
      'KEY connection (connection_id)',
    ]),
    create(8, 'connection_versions', ['id TINYINT NOT NULL', 'latest BIGINT NOT NULL', 'PRIMARY KEY (id)']),
    {
      version: 9,
      name: 'first_connection_version',
      sql: `INSERT IGNORE INTO ${mysql.quote(`${prefix}connection_versions`)} (id, latest) VALUES (1, 1)`,
    },
    create(10, 'state', [
      ...stateName,
      'organization_id TEXT',
      'look_up_keys TEXT NOT NULL',
      'value LONGTEXT NOT NULL',
      'version BIGINT NOT NULL',
      'expires_at BIGINT NOT NULL',
      'PRIMARY KEY (kind, id)',
      'KEY expiry (expires_at)',
    ]),
    create(11, 'state_keys', [
      ...stateName,
      'look_up_key CHAR(43) CHARACTER SET ascii COLLATE ascii_bin NOT NULL',
      'PRIMARY KEY (kind, look_up_key, id)',
      'KEY record (kind, id)',
    ]),
  ];
}
