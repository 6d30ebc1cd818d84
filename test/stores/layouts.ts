import type { UsersTable } from '../../src/stores/sql/columns.ts';

/** A table of users as an application has it, and the statements that create it. */
interface ExistingLayout {
  readonly users: UsersTable;
  readonly sql: readonly string[];
}

/** Creates the layout: `name` gives the full name of a table. */
type Make = (name: (table: string) => string, oneAccountPerEmail: boolean) => ExistingLayout;

// Booleans and a time of deletion instead of a status, a name in two columns, an enum or numbers for roles, a time of
// verification, a column without default.
const expressions = {
  status:
    "CASE WHEN u.deleted_at IS NOT NULL THEN 'removed' WHEN NOT u.is_active THEN 'suspended' WHEN u.is_invited THEN 'invited' ELSE 'active' END",
  writeStatus: (now: string) => ({
    is_active: "CASE WHEN :value = 'suspended' THEN FALSE ELSE TRUE END",
    is_invited: "CASE WHEN :value = 'invited' THEN TRUE ELSE FALSE END",
    deleted_at: `CASE WHEN :value = 'removed' THEN ${now} END`,
  }),
};
const softDeleteColumns = { id: 'id', organizationId: 'org', email: 'mail', emailKey: 'mail_key' };
const membershipColumns = {
  id: 'id',
  organizationId: 'organization_id',
  email: 'email',
  emailKey: 'email_key',
  name: 'display_name',
  role: 'role',
  status: 'status',
};

const filledByTrigger = { user_id: 'NULL' };

export const postgresSoftDelete: Make = (name) => ({
  users: {
    table: name('staff'),
    idType: 'bigint',
    columns: {
      ...softDeleteColumns,
      createdAt: 'joined_at',
      name: {
        read: "u.first_name || coalesce(' ' || u.last_name, '')",
        write: {
          first_name: "split_part(:value, ' ', 1)",
          last_name: "CASE WHEN strpos(:value, ' ') > 0 THEN substr(:value, strpos(:value, ' ') + 1) END",
        },
      },
      role: { read: 'u.access::text', write: { access: `:value::${name('access')}` } },
      status: { read: expressions.status, write: expressions.writeStatus('now()') },
      emailVerified: { read: 'u.verified_at IS NOT NULL', write: { verified_at: 'CASE WHEN :value THEN now() END' } },
    },
    insert: { locale: "'en'" },
  },
  sql: [
    `CREATE TYPE ${name('access')} AS ENUM ('member', 'admin', 'owner')`,
    `CREATE TABLE ${name('staff')} (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, org uuid NOT NULL,
      mail text NOT NULL, mail_key text, first_name text, last_name text, access ${name('access')},
      is_active boolean NOT NULL, is_invited boolean NOT NULL DEFAULT false, deleted_at timestamptz, verified_at timestamptz,
      locale text NOT NULL, joined_at timestamptz NOT NULL)`,
  ],
});

export const postgresMemberships: Make = (name) => ({
  users: { table: name('memberships'), idType: 'uuid', columns: membershipColumns, insert: filledByTrigger },
  sql: [
    `CREATE TABLE ${name('users')} (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), email text NOT NULL UNIQUE)`,
    `CREATE TABLE ${name('memberships')} (id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
      user_id uuid NOT NULL REFERENCES ${name('users')} (id), organization_id uuid NOT NULL, email text NOT NULL,
      email_key text NOT NULL, display_name text, role text, status text NOT NULL)`,
    `CREATE FUNCTION ${name('find_user')}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      INSERT INTO ${name('users')} (email) VALUES (NEW.email_key) ON CONFLICT (email) DO NOTHING;
      SELECT id INTO NEW.user_id FROM ${name('users')} WHERE email = NEW.email_key;
      RETURN NEW;
    END $$`,
    `CREATE TRIGGER find_user BEFORE INSERT ON ${name('memberships')}
      FOR EACH ROW EXECUTE FUNCTION ${name('find_user')}()`,
  ],
});

const binary = 'CHARACTER SET utf8mb4 COLLATE utf8mb4_bin';

const plainColumns = {
  id: 'id',
  organizationId: 'org',
  email: 'mail',
  name: 'full_name',
  role: 'access',
  status: 'state',
} as const;

export const mysqlSoftDelete: Make = (name, oneAccountPerEmail) => ({
  users: {
    table: name('staff'),
    idType: 'INT UNSIGNED',
    columns: {
      ...softDeleteColumns,
      role: 'access',
      name: {
        read: "CONCAT(u.first_name, IF(u.last_name IS NULL, '', CONCAT(' ', u.last_name)))",
        write: {
          first_name: "SUBSTRING_INDEX(:value, ' ', 1)",
          last_name: "IF(LOCATE(' ', :value) > 0, SUBSTRING(:value, LOCATE(' ', :value) + 1), NULL)",
        },
      },
      status: { read: expressions.status, write: expressions.writeStatus('UTC_TIMESTAMP(3)') },
      emailVerified: {
        read: 'u.verified_at IS NOT NULL',
        write: { verified_at: 'CASE WHEN :value = 1 THEN UTC_TIMESTAMP(3) END' },
      },
    },
    insert: { locale: "'en'" },
  },
  sql: [
    `CREATE TABLE ${name('staff')} (id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY, org CHAR(36) NOT NULL, mail VARCHAR(254) NOT NULL,
      mail_key VARCHAR(254) ${binary} NOT NULL, first_name VARCHAR(1024), last_name VARCHAR(1024),
      access ENUM('member', 'admin', 'owner'), is_active BOOLEAN NOT NULL, is_invited BOOLEAN NOT NULL DEFAULT FALSE,
      deleted_at DATETIME(3), verified_at DATETIME(3), locale CHAR(2) NOT NULL,
      living_mail_key VARCHAR(254) ${binary} AS (IF(deleted_at IS NULL, mail_key, NULL)) STORED,
      UNIQUE KEY living (${oneAccountPerEmail ? '' : 'org, '}living_mail_key), KEY mail_key (mail_key)
    ) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci`,
  ],
});

export const mysqlMemberships: Make = (name, oneAccountPerEmail) => ({
  users: { table: name('memberships'), idType: 'BIGINT', columns: membershipColumns, insert: filledByTrigger },
  sql: [
    `CREATE TABLE ${name('people')} (id BIGINT AUTO_INCREMENT PRIMARY KEY, email VARCHAR(254) ${binary} NOT NULL UNIQUE)`,
    `CREATE TABLE ${name('memberships')} (id BIGINT AUTO_INCREMENT PRIMARY KEY, user_id BIGINT NOT NULL,
      organization_id CHAR(36) NOT NULL, email VARCHAR(254) NOT NULL, email_key VARCHAR(254) ${binary} NOT NULL,
      display_name VARCHAR(1024), role VARCHAR(20), status VARCHAR(20) NOT NULL,
      living_email_key VARCHAR(254) ${binary} AS (IF(status = 'removed', NULL, email_key)) STORED,
      UNIQUE KEY living (${oneAccountPerEmail ? '' : 'organization_id, '}living_email_key), KEY email_key (email_key),
      FOREIGN KEY (user_id) REFERENCES ${name('people')} (id)
    ) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci`,
    `CREATE TRIGGER ${name('find_user')} BEFORE INSERT ON ${name('memberships')} FOR EACH ROW BEGIN
      INSERT IGNORE INTO ${name('people')} (email) VALUES (NEW.email_key);
      SET NEW.user_id = (SELECT id FROM ${name('people')} WHERE email = NEW.email_key);
    END`,
  ],
});

const index = (table: string, columns: string, condition: string) =>
  `CREATE UNIQUE INDEX ${table}_living ON ${table} (${columns}) WHERE ${condition}`;

export const sqliteSoftDelete: Make = (name, oneAccountPerEmail) => ({
  users: {
    table: name('staff'),
    idType: 'INTEGER',
    columns: {
      ...softDeleteColumns,
      name: {
        read: "u.first_name || CASE WHEN u.last_name IS NULL THEN '' ELSE ' ' || u.last_name END",
        write: {
          first_name: "CASE WHEN instr(:value, ' ') > 0 THEN substr(:value, 1, instr(:value, ' ') - 1) ELSE :value END",
          last_name: "CASE WHEN instr(:value, ' ') > 0 THEN substr(:value, instr(:value, ' ') + 1) END",
        },
      },
      role: {
        read: "CASE u.access WHEN 3 THEN 'owner' WHEN 2 THEN 'admin' WHEN 1 THEN 'member' END",
        write: { access: "CASE :value WHEN 'owner' THEN 3 WHEN 'admin' THEN 2 WHEN 'member' THEN 1 END" },
      },
      status: { read: expressions.status, write: expressions.writeStatus('CURRENT_TIMESTAMP') },
      emailVerified: {
        read: 'u.verified_at IS NOT NULL',
        write: { verified_at: 'CASE WHEN :value = 1 THEN CURRENT_TIMESTAMP END' },
      },
    },
    insert: { locale: "'en'" },
  },
  sql: [
    `CREATE TABLE ${name('staff')} (id INTEGER PRIMARY KEY AUTOINCREMENT, org TEXT NOT NULL, mail TEXT NOT NULL,
      mail_key TEXT NOT NULL, first_name TEXT, last_name TEXT, access INTEGER, is_active BOOLEAN NOT NULL,
      is_invited BOOLEAN NOT NULL DEFAULT FALSE, deleted_at TEXT, verified_at TEXT, locale TEXT NOT NULL)`,
    index(name('staff'), oneAccountPerEmail ? 'mail_key' : 'org, mail_key', 'deleted_at IS NULL'),
  ],
});

export const sqliteMemberships: Make = (name, oneAccountPerEmail) => ({
  users: { table: name('memberships'), idType: 'INTEGER', columns: membershipColumns },
  sql: [
    `CREATE TABLE ${name('people')} (id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE)`,
    `CREATE TABLE ${name('memberships')} (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES ${name('people')} (id),
      organization_id TEXT NOT NULL, email TEXT NOT NULL, email_key TEXT NOT NULL, display_name TEXT, role TEXT,
      status TEXT NOT NULL)`,
    index(name('memberships'), oneAccountPerEmail ? 'email_key' : 'organization_id, email_key', "status <> 'removed'"),
    `CREATE TRIGGER ${name('find_user')} AFTER INSERT ON ${name('memberships')} BEGIN
      INSERT OR IGNORE INTO ${name('people')} (email) VALUES (NEW.email_key);
      UPDATE ${name('memberships')} SET user_id = (SELECT id FROM ${name('people')} WHERE email = NEW.email_key)
      WHERE id = NEW.id;
    END`,
  ],
});

/** No column for the e-mail key: the unique index compares e-mails as they are written. */
export const mysqlPlain: Make = (name, oneAccountPerEmail) => ({
  users: { table: name('plain'), idType: 'BIGINT', columns: plainColumns },
  sql: [
    `CREATE TABLE ${name('plain')} (id BIGINT AUTO_INCREMENT PRIMARY KEY, org CHAR(36) NOT NULL, mail VARCHAR(254) ${binary} NOT NULL,
      full_name VARCHAR(1024), access VARCHAR(20), state VARCHAR(16) NOT NULL,
      living_mail VARCHAR(254) ${binary} AS (IF(state = 'removed', NULL, mail)) STORED,
      UNIQUE KEY living (${oneAccountPerEmail ? '' : 'org, '}living_mail)
    ) CHARACTER SET utf8mb4`,
  ],
});

/** The same in SQLite. */
export const sqlitePlain: Make = (name, oneAccountPerEmail) => ({
  users: { table: name('plain'), idType: 'INTEGER', columns: plainColumns },
  sql: [
    `CREATE TABLE ${name('plain')} (id INTEGER PRIMARY KEY, org TEXT NOT NULL, mail TEXT NOT NULL, full_name TEXT, access TEXT,
      state TEXT NOT NULL)`,
    `CREATE UNIQUE INDEX plain_living ON ${name('plain')} (${oneAccountPerEmail ? '' : 'org, '}mail) WHERE state <> 'removed'`,
  ],
});
