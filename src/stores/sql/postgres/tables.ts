import { renameTable } from '../columns.ts';
import { inIndex, isMapped, type Layout, physicalColumns } from './layout.ts';

// All of this may run again: migrate() repeats what other options have changed.

/** Creates the schema, unless it exists: a role without the privilege to create schemas can use an existing one. */
export function schemaSql({ schema }: Layout): string {
  return `DO $jit_schema$ BEGIN
  IF to_regnamespace('${schema}') IS NULL THEN CREATE SCHEMA ${schema}; END IF;
END $jit_schema$;`;
}

/** The library's own table of users, or the columns that the application's table lacks. */
export function usersSql(layout: Layout): string {
  const { own, users, idType, columns, existing } = layout;
  const fields = `name text,
  role text,
  status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'invited', 'suspended', 'removed')),
  email_verified boolean NOT NULL DEFAULT false,
  version bigint NOT NULL DEFAULT 1,
  provenance jsonb,
  custom_attributes jsonb,
  last_login_at timestamptz`;
  const table = existing
    ? `CREATE TABLE IF NOT EXISTS ${own('profiles')} (
  user_id ${idType} PRIMARY KEY REFERENCES ${users} (${columns.id}) ON DELETE CASCADE,
  ${fields}
);`
    : // Free space on each page allows updates of a last login without index writes.
      `CREATE TABLE IF NOT EXISTS ${users} (
  id text COLLATE "C" PRIMARY KEY DEFAULT gen_random_uuid()::text,
  organization_id text COLLATE "C" NOT NULL,
  email text NOT NULL,
  email_key text COLLATE "C" NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  ${fields}
) WITH (fillfactor = 85);`;
  return `${schemaSql(layout)}
${table}
${userIndexes(layout)}`;
}

/** Name of the index that keeps living accounts of one e-mail apart. PostgreSQL cuts names. */
export function uniqueIndexName({ prefix, oneAccountPerEmail }: Layout): string {
  return `${prefix}_email_${oneAccountPerEmail ? 'once' : 'per_organization'}`.slice(0, 63);
}

function userIndexes(layout: Layout): string {
  const { prefix, users, columns, oneAccountPerEmail } = layout;
  const key = columns.emailKey ?? `(${inIndex(layout, 'emailKey')})`;
  const living = isMapped(layout, 'status') ? ` WHERE ${inIndex(layout, 'status')} <> 'removed'` : '';
  const counted = [columns.organizationId, columns.status, columns.role].filter((column) => column !== undefined);
  const wanted = uniqueIndexName(layout);
  const other = uniqueIndexName({ ...layout, oneAccountPerEmail: !oneAccountPerEmail });
  const tableSchema = users.includes('.') ? `${users.split('.')[0]}.` : '';
  const unique = oneAccountPerEmail ? key : `${columns.organizationId}, ${key}`;
  return `CREATE UNIQUE INDEX IF NOT EXISTS "${wanted}" ON ${users} (${unique})${living};
DROP INDEX IF EXISTS ${tableSchema}"${other}";
CREATE INDEX IF NOT EXISTS "${prefix}_email" ON ${users} (${key}, ${columns.organizationId});
CREATE INDEX IF NOT EXISTS "${prefix}_organization" ON ${users} (${counted.join(', ')});`;
}

/** Identities; `living` and `organization_id` follow the user, so that a unique index can see them. */
export function identitiesSql(layout: Layout): string {
  const { prefix, own, unqualified, users, idType, columns, expressions } = layout;
  const { id, organizationId } = columns;
  const collation = idType === 'text' && !layout.existing ? ' COLLATE "C"' : '';
  const status = expressions.status ? `(${renameTable(expressions.status.read, 'NEW')})` : `NEW.${columns.status}`;
  const hasStatus = isMapped(layout, 'status');
  const set = [
    `organization_id = NEW.${organizationId}::text`,
    ...(hasStatus ? [`living = ${status} <> 'removed'`] : []),
  ];
  const changed = [organizationId, ...physicalColumns(layout, 'status')];
  const differs = changed.map((column) => `OLD.${column} IS DISTINCT FROM NEW.${column}`).join(' OR ');
  // Each part with its length, so that different identities give different texts.
  const parts = [1, 2, 3, 4, 5].map((n) => `length($${n}) || ':' || $${n}`).join(' || ');
  return `CREATE OR REPLACE FUNCTION ${own('identity_key')}(connection_id text, issuer text, subject text,
  name_qualifier text, sp_name_qualifier text) RETURNS bytea
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $jit_body$
  SELECT sha256(convert_to(${parts}, 'UTF8'))
$jit_body$;
CREATE TABLE IF NOT EXISTS ${own('identities')} (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id ${idType}${collation} NOT NULL REFERENCES ${users} (${id}) ON DELETE CASCADE,
  organization_id text COLLATE "C" NOT NULL,
  connection_id text COLLATE "C" NOT NULL,
  issuer text COLLATE "C" NOT NULL,
  subject text COLLATE "C" NOT NULL,
  name_qualifier text COLLATE "C" NOT NULL DEFAULT '',
  sp_name_qualifier text COLLATE "C" NOT NULL DEFAULT '',
  identity_key bytea NOT NULL GENERATED ALWAYS AS (
    ${own('identity_key')}(connection_id, issuer, subject, name_qualifier, sp_name_qualifier)) STORED,
  living boolean NOT NULL DEFAULT true
);
CREATE UNIQUE INDEX IF NOT EXISTS ${unqualified('identities_once')} ON ${own('identities')} (organization_id, identity_key) WHERE living;
CREATE INDEX IF NOT EXISTS ${unqualified('identities_key')} ON ${own('identities')} (identity_key);
CREATE INDEX IF NOT EXISTS ${unqualified('identities_user')} ON ${own('identities')} (user_id);
CREATE OR REPLACE FUNCTION ${own('follow_user')}() RETURNS trigger LANGUAGE plpgsql AS $jit_body$
BEGIN
  UPDATE ${own('identities')} SET ${set.join(', ')} WHERE user_id = NEW.${id};
  RETURN NULL;
END
$jit_body$;
DROP TRIGGER IF EXISTS "${prefix}_follow_user" ON ${users};
CREATE TRIGGER "${prefix}_follow_user" AFTER UPDATE OF ${changed.join(', ')} ON ${users}
FOR EACH ROW WHEN (${differs}) EXECUTE FUNCTION ${own('follow_user')}();${hasStatus ? '' : followProfile(layout)}`;
}

function followProfile({ own, unqualified }: Layout): string {
  return `
CREATE OR REPLACE FUNCTION ${own('follow_profile')}() RETURNS trigger LANGUAGE plpgsql AS $jit_body$
BEGIN
  UPDATE ${own('identities')} SET living = NEW.status <> 'removed'
  WHERE user_id = NEW.user_id AND living = (NEW.status = 'removed');
  RETURN NULL;
END
$jit_body$;
DROP TRIGGER IF EXISTS ${unqualified('follow_profile')} ON ${own('profiles')};
CREATE TRIGGER ${unqualified('follow_profile')} AFTER INSERT OR UPDATE OF status ON ${own('profiles')}
FOR EACH ROW EXECUTE FUNCTION ${own('follow_profile')}();`;
}

/** The audit table: rows outlive the users, and are only inserted. */
export function auditSql({ own, unqualified }: Layout): string {
  return `CREATE TABLE IF NOT EXISTS ${own('audit')} (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL,
  organization_id text COLLATE "C" NOT NULL,
  user_id text NOT NULL,
  action text NOT NULL,
  assertion_id text NOT NULL,
  connection_id text NOT NULL,
  issuer text NOT NULL,
  subject text NOT NULL,
  name_qualifier text NOT NULL DEFAULT '',
  sp_name_qualifier text NOT NULL DEFAULT '',
  changes jsonb NOT NULL,
  notes jsonb NOT NULL
);
CREATE INDEX IF NOT EXISTS ${unqualified('audit_organization')} ON ${own('audit')} (organization_id, id);
CREATE OR REPLACE FUNCTION ${own('refuse_change')}() RETURNS trigger LANGUAGE plpgsql AS $jit_body$
BEGIN
  RAISE EXCEPTION 'the audit table is append-only'
    USING HINT = 'To delete old rows, disable the trigger append_only in the same transaction.';
END
$jit_body$;
DROP TRIGGER IF EXISTS ${unqualified('append_only')} ON ${own('audit')};
CREATE TRIGGER ${unqualified('append_only')} BEFORE UPDATE OR DELETE OR TRUNCATE ON ${own('audit')}
FOR EACH STATEMENT EXECUTE FUNCTION ${own('refuse_change')}();`;
}

/** Used assertions and requests, by hash. */
export function replaySql({ own, unqualified }: Layout): string {
  return `CREATE TABLE IF NOT EXISTS ${own('replay')} (
  key text COLLATE "C" PRIMARY KEY,
  expires_at timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS ${unqualified('replay_expires')} ON ${own('replay')} (expires_at);`;
}

/** Connections. An issuer may be longer than an ordinary index allows. */
export function connectionsSql({ own, unqualified }: Layout): string {
  return `CREATE TABLE IF NOT EXISTS ${own('connections')} (
  id text COLLATE "C" PRIMARY KEY,
  organization_id text COLLATE "C" NOT NULL,
  issuer text COLLATE "C" NOT NULL,
  domains text[] COLLATE "C" NOT NULL,
  settings jsonb NOT NULL
);
ALTER TABLE ${own('connections')} ADD COLUMN IF NOT EXISTS version bigint NOT NULL DEFAULT 1;
CREATE TABLE IF NOT EXISTS ${own('connection_versions')} (id integer PRIMARY KEY, latest bigint NOT NULL);
INSERT INTO ${own('connection_versions')} (id, latest) VALUES (1, 1) ON CONFLICT DO NOTHING;
CREATE INDEX IF NOT EXISTS ${unqualified('connections_organization')} ON ${own('connections')} (organization_id);
CREATE INDEX IF NOT EXISTS ${unqualified('connections_issuer')} ON ${own('connections')} USING hash (issuer);
CREATE INDEX IF NOT EXISTS ${unqualified('connections_domains')} ON ${own('connections')} USING gin (domains);`;
}
