import { createHash } from 'node:crypto';
import { type AccountField, ownColumns, withValue } from '../columns.ts';
import {
  accountTables,
  field,
  inQuery,
  isMapped,
  type Layout,
  living,
  physicalColumns,
  profileFields,
  type Rows,
  target,
  writtenFields,
} from './layout.ts';
import { accountJson } from './queries.ts';

// Each write is one call of a function, so that it is one round trip and one transaction, over a pool as well. Functions are
// VOLATILE: each statement inside sees what was committed while it waited for a lock.

/** The names in functions, which must not be those of columns. */
const inFunction: Rows = { user: 'jit_user', profile: 'jit_profile' };

/** The functions that write, named by a hash of their text: processes with other options keep using their own. */
export interface Functions {
  readonly create: string;
  readonly update: string;
  readonly setStatus: string;
  readonly put: string;
  readonly sql: string;
}

/** The functions of a layout, and the SQL that creates them. */
export function functionsOf(layout: Layout): Functions {
  const bodies = {
    create: createBody(layout),
    update: updateBody(layout),
    setStatus: setStatusBody(layout),
    put: putBody(layout),
  };
  const suffix = createHash('sha256').update(JSON.stringify(bodies)).digest('hex').slice(0, 8);
  const names = {
    create: layout.own(`create_user_${suffix}`),
    update: layout.own(`update_user_${suffix}`),
    setStatus: layout.own(`set_status_${suffix}`),
    put: layout.own(`put_user_${suffix}`),
  };
  const define = (name: keyof typeof names) =>
    `CREATE OR REPLACE FUNCTION ${names[name]}(jit_input jsonb) RETURNS text LANGUAGE plpgsql VOLATILE AS $jit_body$\n${bodies[name]}\n$jit_body$;`;
  return { ...names, sql: [define('create'), define('update'), define('setStatus'), define('put')].join('\n') };
}

function createBody(layout: Layout): string {
  const { own, columns, oneAccountPerEmail, countsAsSeat } = layout;
  const ofOrganization = `${field(layout, 'organizationId')} = jit_user.${columns.organizationId}`;
  return `DECLARE
  jit_new jsonb := jit_input->'user';
  jit_identity jsonb := jit_new->'identity';
  ${variables(layout)}
BEGIN
  jit_user.${columns.organizationId} := jit_new->>'organizationId';
  IF jit_input->>'seats' IS NOT NULL THEN
    ${lockOrganization(layout, "jit_new->>'organizationId'")}
    IF EXISTS (SELECT FROM ${accountTables(layout)}
        WHERE ${field(layout, 'emailKey')} = jit_input->>'emailKey' AND ${living(layout)}${oneAccountPerEmail ? '' : ` AND ${ofOrganization}`})
      OR EXISTS (SELECT FROM ${own('identities')} i
        WHERE i.organization_id = jit_new->>'organizationId' AND i.living AND i.identity_key = ${identityKey(layout, 'jit_identity')})
    THEN RETURN '{"refused":"conflict"}'; END IF;
    IF (SELECT count(*) FROM ${accountTables(layout)} WHERE ${ofOrganization} AND ${countsAsSeat}) >= (jit_input->>'seats')::numeric
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
  ${insertUser(layout)}
  ${writeProfile(layout)}
  ${addIdentity(layout, 'jit_identity')}
  ${writeAudit(layout)}
  ${returnAccount(layout)}
END`;
}

/** Writes every field of an account by hand. `expectedVersion` is that of an existing account, null for a new one. */
function putBody(layout: Layout): string {
  const { own, columns } = layout;
  const isGiven = `i.identity_key IN (SELECT ${identityKey(layout, 'jit_each')} FROM jsonb_array_elements(jit_new->'identities') jit_each)`;
  return `DECLARE
  jit_new jsonb := jit_input->'user';
  jit_identity jsonb;
  ${variables(layout)}
BEGIN
  IF jit_input->>'expectedVersion' IS NOT NULL THEN
    ${lockOrganization(layout, "jit_new->>'organizationId'")}
    ${readLocked(layout)}
    IF NOT FOUND OR ${field(layout, 'version', inFunction)}::text <> jit_input->>'expectedVersion'
    THEN RETURN '{"refused":"conflict"}'; END IF;
  END IF;
  jit_user.${columns.organizationId} := jit_new->>'organizationId';
  ${assign(layout, {
    email: "jit_input->>'email'",
    emailKey: "jit_input->>'emailKey'",
    name: "jit_new->>'name'",
    role: "jit_new->>'role'",
    status: "jit_new->>'status'",
    emailVerified: "(jit_new->>'emailVerified')::boolean",
    version: "coalesce((jit_input->>'expectedVersion')::bigint, 0) + 1",
    provenance: "nullif(jit_new->'provenance', 'null')",
    customAttributes: "nullif(jit_new->'customAttributes', 'null')",
    lastLoginAt: "jit_new->>'lastLoginAt'",
  })}
  IF jit_input->>'expectedVersion' IS NULL THEN
    ${insertUser(layout)}
  ELSE
    ${writeUser(layout)}
    UPDATE ${layout.users} u SET ${columns.organizationId} = jit_user.${columns.organizationId}
    WHERE u.${columns.id} = jit_user.${columns.id} AND u.${columns.organizationId} <> jit_user.${columns.organizationId};
  END IF;
  ${writeProfile(layout)}
  DELETE FROM ${own('identities')} i WHERE i.user_id = jit_user.${columns.id} AND NOT ${isGiven};
  FOR jit_identity IN SELECT jit_each FROM jsonb_array_elements(jit_new->'identities') jit_each
    WHERE NOT EXISTS (SELECT FROM ${own('identities')} i
      WHERE i.user_id = jit_user.${columns.id} AND i.identity_key = ${identityKey(layout, 'jit_each')})
  LOOP
    ${addIdentity(layout, 'jit_identity', `jit_new->>'status' <> 'removed'`)}
  END LOOP;
  ${returnAccount(layout)}
END`;
}

function updateBody(layout: Layout): string {
  const { own, users, columns } = layout;
  const status = field(layout, 'status', inFunction);
  const role = field(layout, 'role', inFunction);
  const keep = columns.role === undefined ? 'text' : `${users}.${columns.role}%TYPE`;
  const when = (name: AccountField, value: string) =>
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
  THEN RETURN '{"refused":"lastRoleHolder"}'; END IF;
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
      // A field that is left out was set by the identity provider.
      provenance: `${target(layout, 'provenance', inFunction)} - ARRAY(SELECT jsonb_object_keys(jit_changes))`,
    })}
    IF (jit_input->>'newVersion')::boolean THEN
      ${assign(layout, { version: `${field(layout, 'version', inFunction)} + 1` })}
    END IF;
    ${writeUser(layout)}
    ${writeProfile(layout)}
    IF jit_changes ?| ARRAY['addIdentity', 'removeIdentity'] THEN
      DELETE FROM ${own('identities')} i WHERE i.user_id = jit_user.${columns.id} AND i.identity_key IN (
        ${identityKey(layout, "(jit_changes->'addIdentity')")}, ${identityKey(layout, "(jit_changes->'removeIdentity')")});
    END IF;
    IF jit_changes ? 'addIdentity' THEN
      ${addIdentity(layout, "(jit_changes->'addIdentity')")}
    END IF;
  ELSE
    ${columns.lastLoginAt === undefined ? writeProfile(layout) : writeUser(layout, ['lastLoginAt'])}
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
  ${writeProfile(layout)}
  ${returnAccount(layout)}
END`;
}

function variables({ own, users, existing }: Layout): string {
  return `jit_user ${users}%ROWTYPE;${existing ? `\n  jit_profile ${own('profiles')}%ROWTYPE;` : ''}`;
}

/** Reads the user of `id` and locks the row. FOUND is false if the user does not exist. */
function readLocked({ own, users, columns, existing }: Layout): string {
  // Two statements: only what is read after the lock was granted is the newest.
  return `jit_user.${columns.id} := jit_input->>'id';${
    existing
      ? `
  PERFORM FROM ${users} u WHERE u.${columns.id} = jit_user.${columns.id} FOR NO KEY UPDATE;
  SELECT * INTO jit_profile FROM ${own('profiles')} p WHERE p.user_id = jit_user.${columns.id};`
      : ''
  }
  SELECT * INTO jit_user FROM ${users} u WHERE u.${columns.id} = jit_user.${columns.id} FOR NO KEY UPDATE;`;
}

/** Seats and role holders are counted by one write of an organization at a time. */
function lockOrganization({ prefix }: Layout, organization: string): string {
  return `IF current_setting('transaction_isolation') = 'repeatable read' THEN
      RAISE EXCEPTION 'saml-jit counts seats and role holders, and cannot do so in a REPEATABLE READ transaction'
        USING HINT = 'Give the store a client whose default_transaction_isolation is "read committed".';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('saml-jit ${prefix} ' || (${organization}), 0));`;
}

function assign(layout: Layout, values: { readonly [F in AccountField]?: string }): string {
  return writtenFields
    .flatMap((name): readonly string[] => {
      const value = values[name];
      if (value === undefined || (name === 'emailKey' && !isMapped(layout, name))) return [];
      const expression = layout.expressions[name];
      if (expression === undefined) return [`${target(layout, name, inFunction)} := ${value};`];
      return Object.entries(expression.write).map(
        ([column, sql]) => `jit_user."${column}" := ${withValue(sql, `(${value})`)};`,
      );
    })
    .join('\n  ');
}

/** Inserts the user; without an `id` in the input the database makes one. */
function insertUser(layout: Layout): string {
  const { users, columns, insert } = layout;
  const further = insert.map(([column]) => column);
  const written = new Set(writtenFields.flatMap((name) => physicalColumns(layout, name)));
  const names = [columns.organizationId, ...written];
  const createdAt = layout.existing && columns.createdAt !== undefined;
  const into = (ids: readonly string[]) =>
    `INSERT INTO ${users} (${[...ids, ...names, ...further, ...(createdAt ? [columns.createdAt] : [])].join(', ')})
    VALUES (${[
      ...[...ids, ...names].map((column) => `jit_user.${column}`),
      ...insert.map(([, sql]) => `(${sql})`),
      ...(createdAt ? ["coalesce((jit_new->>'lastLoginAt')::timestamptz, now())"] : []),
    ].join(', ')})
    RETURNING * INTO jit_user;`;
  return `IF jit_input->>'id' IS NULL THEN
    ${into([])}
  ELSE
    jit_user.${columns.id} := jit_input->>'id';
    ${into([columns.id])}
  END IF;`;
}

/** Writes the fields that the table of users holds. */
function writeUser(layout: Layout, fields: readonly AccountField[] = writtenFields): string {
  const { users, columns } = layout;
  const written = [...new Set(fields.flatMap((name) => physicalColumns(layout, name)))];
  if (written.length === 0) return '';
  const set = written.map((column) => `${column} = jit_user.${column}`).join(', ');
  return `UPDATE ${users} u SET ${set} WHERE u.${columns.id} = jit_user.${columns.id};`;
}

/** Writes the row of `profiles`, where there is such a table. */
function writeProfile(layout: Layout): string {
  if (!layout.existing) return '';
  const names = profileFields.map((name) => `"${ownColumns[name]}"`);
  const { id, organizationId, email } = layout.columns;
  const alone: Layout = { ...layout, columns: { id, organizationId, email }, expressions: {} };
  const values = profileFields.map((name) => field(alone, name, inFunction));
  const set = names.map((name) => `${name} = excluded.${name}`);
  return `INSERT INTO ${layout.own('profiles')} (user_id, ${names.join(', ')})
  VALUES (jit_user.${id}, ${values.join(', ')})
  ON CONFLICT (user_id) DO UPDATE SET ${set.join(', ')};`;
}

/** Values of the columns of an identity, in their order. */
function identityValues(identity: string): string {
  const qualifiers = ['nameQualifier', 'spNameQualifier'].map((name) => `coalesce(${identity}->>'${name}', '')`);
  return [...['connectionId', 'issuer', 'subject'].map((name) => `${identity}->>'${name}'`), ...qualifiers].join(', ');
}

function identityKey({ own }: Layout, identity: string): string {
  return `${own('identity_key')}(${identityValues(identity)})`;
}

function addIdentity({ own, columns }: Layout, identity: string, isLiving = 'true'): string {
  return `INSERT INTO ${own('identities')}
    (user_id, organization_id, connection_id, issuer, subject, name_qualifier, sp_name_qualifier, living)
  VALUES (jit_user.${columns.id}, jit_user.${columns.organizationId}::text, ${identityValues(identity)}, ${isLiving});`;
}

function writeAudit({ own, columns }: Layout): string {
  const part = (path: string) => `jit_input #>> '{audit,${path}}'`;
  return `IF jit_input->>'audit' IS NOT NULL THEN
    INSERT INTO ${own('audit')} (at, organization_id, user_id, action, assertion_id, connection_id, issuer, subject,
      name_qualifier, sp_name_qualifier, changes, notes)
    VALUES ((${part('at')})::timestamptz, ${part('organizationId')}, jit_user.${columns.id}::text, ${part('action')},
      ${part('assertionId')}, ${part('connectionId')}, ${part('identity,issuer')}, ${part('identity,subject')},
      coalesce(${part('identity,nameQualifier')}, ''), coalesce(${part('identity,spNameQualifier')}, ''),
      jit_input #> '{audit,changes}', jit_input #> '{audit,notes}');
  END IF;`;
}

function returnAccount(layout: Layout): string {
  return `RETURN (SELECT json_build_object('account', ${accountJson(layout)})
    FROM ${accountTables(layout)} WHERE ${field(layout, 'id', inQuery)} = jit_user.${layout.columns.id});`;
}
