import { createHash } from 'node:crypto';
import {
  accountColumn,
  accountFields,
  accountTables,
  type Field,
  field,
  type Layout,
  living,
  type Rows,
  target,
  writtenFields,
} from './layout.ts';
import { accountJson } from './queries.ts';

// Each write is one call of a function, so that it is one round trip and one transaction, over a pool as well. Functions are
// VOLATILE: each statement inside sees what was committed while it waited for a lock.

/** The names in functions, which must not be those of columns. */
const inFunction: Rows = { user: 'jit_user', account: 'jit_account' };

/** The functions that write, under names for their text: an older process goes on with its own while a newer one starts. */
export interface Functions {
  readonly create: string;
  readonly update: string;
  readonly setStatus: string;
  readonly sql: string;
}

export function functionsOf(layout: Layout): Functions {
  const bodies = { create: createBody(layout), update: updateBody(layout), setStatus: setStatusBody(layout) };
  const suffix = createHash('sha256').update(JSON.stringify(bodies)).digest('hex').slice(0, 8);
  const create = `${layout.schema}."create_user_${suffix}"`;
  const update = `${layout.schema}."update_user_${suffix}"`;
  const setStatus = `${layout.schema}."set_status_${suffix}"`;
  const define = (name: string, body: string) =>
    `CREATE OR REPLACE FUNCTION ${name}(jit_input jsonb) RETURNS text LANGUAGE plpgsql VOLATILE AS $jit_body$\n${body}\n$jit_body$;`;
  const sql = [define(create, bodies.create), define(update, bodies.update), define(setStatus, bodies.setStatus)];
  return { create, update, setStatus, sql: sql.join('\n') };
}

function createBody(layout: Layout): string {
  const { schema, users, columns, oneAccountPerEmail, countsAsSeat, givesIds } = layout;
  const own = `${field(layout, 'organizationId')} = jit_user.${columns.organizationId}`;
  const mapped = writtenFields.filter((name) => columns[name] !== undefined);
  const inserted = [...(givesIds ? [columns.id] : []), columns.organizationId, ...mapped.map((name) => columns[name])];
  return `DECLARE
  jit_new jsonb := jit_input->'user';
  jit_identity jsonb := jit_new->'identity';
  ${variables(layout)}
BEGIN
  jit_user.${columns.organizationId} := jit_new->>'organizationId';${givesIds ? `\n  jit_user.${columns.id} := jit_input->>'id';` : ''}
  IF jit_input->>'seats' IS NOT NULL THEN
    ${lockOrganization(layout, "jit_new->>'organizationId'")}
    IF EXISTS (SELECT FROM ${accountTables(layout)}
        WHERE ${field(layout, 'emailKey')} = jit_input->>'emailKey' AND ${living(layout)}${oneAccountPerEmail ? '' : ` AND ${own}`})
      OR EXISTS (SELECT FROM ${schema}."identities" i
        WHERE i.organization_id = jit_new->>'organizationId' AND i.living AND i.identity_key = ${identityKey(layout, 'jit_identity')})
    THEN RETURN '{"refused":"conflict"}'; END IF;
    IF (SELECT count(*) FROM ${accountTables(layout)} WHERE ${own} AND ${countsAsSeat}) >= (jit_input->>'seats')::numeric
    THEN RETURN '{"refused":"seats"}'; END IF;
  END IF;
  ${assign(layout, {
    email: "jit_input->>'email'",
    emailKey: "jit_input->>'emailKey'",
    name: "jit_new->>'name'",
    role: "jit_new->>'role'",
    status: "'active'",
    emailVerified: "(jit_new->>'emailVerified')::boolean",
    version: '1',
    provenance: 'NULL',
    customAttributes: "jit_new->'customAttributes'",
    lastLoginAt: "jit_new->>'lastLoginAt'",
  })}
  INSERT INTO ${users} (${inserted.join(', ')})
  VALUES (${inserted.map((column) => `jit_user.${column}`).join(', ')})
  RETURNING * INTO jit_user;
  ${writeAccount(layout)}
  ${addIdentity(layout, 'jit_identity')}
  ${writeAudit(layout)}
  ${returnAccount(layout)}
END`;
}

function updateBody(layout: Layout): string {
  const { schema, users, columns } = layout;
  const status = field(layout, 'status', inFunction);
  const role = field(layout, 'role', inFunction);
  const keep = columns.role === undefined ? 'text' : `${users}.${columns.role}%TYPE`;
  const when = (name: Field, value: string) =>
    `IF jit_changes ? '${name}' THEN ${assign(layout, { [name]: value })} END IF;`;
  return `DECLARE
  jit_changes jsonb := jit_input->'changes';
  jit_keep ${keep} := jit_input->>'keepLast';
  ${variables(layout)}
BEGIN
  IF jit_keep IS NOT NULL THEN
    ${lockOrganization(layout, "jit_input->>'organizationId'")}
  END IF;
  ${readLocked(layout)}
  IF NOT FOUND OR (${status} IN ('active', 'invited')) IS NOT TRUE
    OR jit_user.${columns.organizationId}::text <> jit_input->>'organizationId'
    OR ${field(layout, 'version', inFunction)}::text <> jit_input->>'expectedVersion'
  THEN RETURN '{"refused":"conflict"}'; END IF;
  IF ${role} = jit_keep AND jit_changes ? 'role' AND jit_changes->>'role' IS DISTINCT FROM jit_input->>'keepLast'
    AND NOT EXISTS (SELECT FROM ${accountTables(layout)}
      WHERE ${field(layout, 'organizationId')} = jit_user.${columns.organizationId} AND ${field(layout, 'status')} = 'active'
        AND ${field(layout, 'role')} = jit_keep AND ${field(layout, 'id')} <> jit_user.${columns.id})
  THEN RETURN '{"refused":"lastHolder"}'; END IF;
  ${assign(layout, { lastLoginAt: "jit_changes->>'lastLoginAt'" })}
  IF jit_changes - 'lastLoginAt' <> '{}' THEN
    IF jit_changes ? 'email' THEN
      ${assign(layout, { email: "jit_input->>'email'", emailKey: "jit_input->>'emailKey'" })}
    END IF;
    ${when('name', "jit_changes->>'name'")}
    ${when('role', "jit_changes->>'role'")}
    ${when('status', "jit_changes->>'status'")}
    ${when('emailVerified', "(jit_changes->>'emailVerified')::boolean")}
    ${when('customAttributes', "jit_changes->'customAttributes'")}
    ${assign(layout, {
      // Who set a field that is left out? The identity provider.
      provenance: `${target(layout, 'provenance', inFunction)} - ARRAY(SELECT jsonb_object_keys(jit_changes))`,
    })}
    IF (jit_input->>'newVersion')::boolean THEN
      ${assign(layout, { version: `${field(layout, 'version', inFunction)} + 1` })}
    END IF;
    ${writeUser(layout)}
    ${writeAccount(layout)}
    IF jit_changes ?| ARRAY['addIdentity', 'removeIdentity'] THEN
      DELETE FROM ${schema}."identities" i WHERE i.user_id = jit_user.${columns.id} AND i.identity_key IN (
        ${identityKey(layout, "(jit_changes->'addIdentity')")}, ${identityKey(layout, "(jit_changes->'removeIdentity')")});
    END IF;
    IF jit_changes ? 'addIdentity' THEN
      ${addIdentity(layout, "(jit_changes->'addIdentity')")}
    END IF;
  ELSE
    ${columns.lastLoginAt === undefined ? writeAccount(layout) : writeUser(layout, ['lastLoginAt'])}
  END IF;
  ${writeAudit(layout)}
  ${returnAccount(layout)}
END`;
}

function setStatusBody(layout: Layout): string {
  return `DECLARE
  ${variables(layout)}
BEGIN
  ${readLocked(layout)}
  IF NOT FOUND THEN RETURN '{}'; END IF;
  ${assign(layout, { status: "jit_input->>'status'", version: `${field(layout, 'version', inFunction)} + 1` })}
  ${writeUser(layout, ['status', 'version'])}
  ${writeAccount(layout)}
  ${returnAccount(layout)}
END`;
}

function variables({ schema, users, existing }: Layout): string {
  return `jit_user ${users}%ROWTYPE;${existing ? `\n  jit_account ${schema}."accounts"%ROWTYPE;` : ''}`;
}

/** Reads the user of `id` and locks the row. FOUND tells whether there is one. */
function readLocked({ schema, users, columns, existing }: Layout): string {
  // Two statements: only what is read after the lock was granted is sure to be the newest.
  return `jit_user.${columns.id} := jit_input->>'id';${
    existing
      ? `
  PERFORM FROM ${users} u WHERE u.${columns.id} = jit_user.${columns.id} FOR NO KEY UPDATE;
  SELECT * INTO jit_account FROM ${schema}."accounts" a WHERE a.user_id = jit_user.${columns.id};`
      : ''
  }
  SELECT * INTO jit_user FROM ${users} u WHERE u.${columns.id} = jit_user.${columns.id} FOR NO KEY UPDATE;`;
}

/** Seats and holders are counted: one write at a time in an organization. */
function lockOrganization({ prefix }: Layout, organization: string): string {
  return `IF current_setting('transaction_isolation') = 'repeatable read' THEN
      RAISE EXCEPTION 'saml-jit counts seats and role holders, and cannot do so in a REPEATABLE READ transaction'
        USING HINT = 'Give the store a client whose default_transaction_isolation is "read committed".';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('saml-jit ${prefix} ' || (${organization}), 0));`;
}

function assign(layout: Layout, values: { readonly [F in Field]?: string }): string {
  return writtenFields
    .filter((name) => values[name] !== undefined && (name !== 'emailKey' || layout.columns.emailKey !== undefined))
    .map((name) => `${target(layout, name, inFunction)} := ${written(layout, name, values[name] ?? '')};`)
    .join('\n  ');
}

function written({ verified }: Layout, name: Field, value: string): string {
  if (name !== 'emailVerified' || verified === undefined) return value;
  return `CASE WHEN ${value} THEN ${verified.setTrue} ELSE ${verified.setFalse} END`;
}

/** Writes back what the table of users has of the fields. */
function writeUser({ users, columns }: Layout, fields: readonly Field[] = writtenFields): string {
  const set = fields.flatMap((name) =>
    columns[name] === undefined ? [] : [`${columns[name]} = jit_user.${columns[name]}`],
  );
  if (set.length === 0) return '';
  return `UPDATE ${users} u SET ${set.join(', ')} WHERE u.${columns.id} = jit_user.${columns.id};`;
}

/** Writes the row of `accounts`, where there is such a table. */
function writeAccount(layout: Layout): string {
  if (!layout.existing) return '';
  const names = ['user_id', ...accountFields.map(accountColumn)];
  const alone = { ...layout, columns: withoutOptional(layout), verified: undefined };
  const values = accountFields.map((name) => field(alone, name, inFunction));
  const set = accountFields.map((name) => `${accountColumn(name)} = excluded.${accountColumn(name)}`);
  return `INSERT INTO ${layout.schema}."accounts" (${names.join(', ')})
  VALUES (jit_user.${layout.columns.id}, ${values.join(', ')})
  ON CONFLICT (user_id) DO UPDATE SET ${set.join(', ')};`;
}

function withoutOptional({ columns: { id, organizationId, email } }: Layout): Layout['columns'] {
  return { id, organizationId, email };
}

/** Values of the columns of an identity, in their order. */
function identityValues(identity: string): string {
  const qualifiers = ['nameQualifier', 'spNameQualifier'].map((name) => `coalesce(${identity}->>'${name}', '')`);
  return [...['connectionId', 'issuer', 'subject'].map((name) => `${identity}->>'${name}'`), ...qualifiers].join(', ');
}

function identityKey({ schema }: Layout, identity: string): string {
  return `${schema}."identity_key"(${identityValues(identity)})`;
}

function addIdentity({ schema, columns }: Layout, identity: string): string {
  return `INSERT INTO ${schema}."identities"
    (user_id, organization_id, connection_id, issuer, subject, name_qualifier, sp_name_qualifier)
  VALUES (jit_user.${columns.id}, jit_user.${columns.organizationId}::text, ${identityValues(identity)});`;
}

function writeAudit({ schema, columns }: Layout): string {
  const part = (path: string) => `jit_input #>> '{audit,${path}}'`;
  return `IF jit_input->>'audit' IS NOT NULL THEN
    INSERT INTO ${schema}."audit" (at, organization_id, user_id, action, assertion_id, connection_id, issuer, subject,
      name_qualifier, sp_name_qualifier, changes, notes)
    VALUES ((${part('at')})::timestamptz, ${part('organizationId')}, jit_user.${columns.id}::text, ${part('action')},
      ${part('assertionId')}, ${part('connectionId')}, ${part('identity,issuer')}, ${part('identity,subject')},
      coalesce(${part('identity,nameQualifier')}, ''), coalesce(${part('identity,spNameQualifier')}, ''),
      jit_input #> '{audit,changes}', jit_input #> '{audit,notes}');
  END IF;`;
}

function returnAccount(layout: Layout): string {
  return `RETURN (SELECT json_build_object('account', ${accountJson(layout)})
    FROM ${accountTables(layout)} WHERE ${field(layout, 'id')} = jit_user.${layout.columns.id});`;
}
