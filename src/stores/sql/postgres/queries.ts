import { accountTables, field, type Layout, living } from './layout.ts';

/** An account as JSON. Times are milliseconds since 1970; everything that may be large or of the application's own type is text. */
export function accountJson(layout: Layout): string {
  const text = (name: Parameters<typeof field>[1]) => `${field(layout, name)}::text`;
  return `json_build_object(
      'id', ${text('id')}, 'organizationId', ${text('organizationId')}, 'email', ${text('email')},
      'name', ${text('name')}, 'role', ${text('role')}, 'status', ${text('status')},
      'emailVerified', ${field(layout, 'emailVerified')}, 'version', ${text('version')},
      'provenance', ${field(layout, 'provenance')}, 'customAttributes', ${field(layout, 'customAttributes')},
      'lastLoginAt', round(extract(epoch FROM ${field(layout, 'lastLoginAt')}) * 1000)::bigint,
      'identities', coalesce((
        SELECT json_agg(json_strip_nulls(json_build_object(
          'connectionId', i.connection_id, 'issuer', i.issuer, 'subject', i.subject,
          'nameQualifier', nullif(i.name_qualifier, ''), 'spNameQualifier', nullif(i.sp_name_qualifier, ''))) ORDER BY i.id)
        FROM ${layout.own('identities')} i WHERE i.user_id = ${field(layout, 'id')}), '[]'))`;
}

/** Values: organization, connection, issuer, subject, both qualifiers, organization again, key of the e-mail or null. */
export function findSql(layout: Layout): string {
  const { own, oneAccountPerEmail } = layout;
  const inOrganization = `${field(layout, 'organizationId')} = $7`;
  const lastFirst = `${field(layout, 'lastLoginAt')} DESC NULLS LAST`;
  // The organization is bound twice: as text, and with the type of the application's column.
  return `SELECT json_build_object(
    'bySubject', (SELECT ${accountJson(layout)}
      FROM ${accountTables(layout)} JOIN ${own('identities')} i ON i.user_id = ${field(layout, 'id')}
      WHERE i.organization_id = $1 AND i.identity_key = ${own('identity_key')}($2, $3, $4, $5, $6) AND ${inOrganization}
      ORDER BY ${living(layout)} DESC, ${lastFirst} LIMIT 1),
    'byEmail', (SELECT ${accountJson(layout)}
      FROM ${accountTables(layout)}
      WHERE ${field(layout, 'emailKey')} = $8 AND ${oneAccountPerEmail ? `(${inOrganization} OR ${living(layout)})` : inOrganization}
      ORDER BY ${living(layout)} DESC, ${inOrganization} DESC, ${lastFirst} LIMIT 1))::text AS result`;
}

/** Values: id. */
export function getSql(layout: Layout): string {
  return `SELECT ${accountJson(layout)}::text AS result FROM ${accountTables(layout)} WHERE ${field(layout, 'id')} = $1`;
}

/** Values: key of the e-mail. */
export function organizationsSql(layout: Layout): string {
  return `SELECT DISTINCT ${field(layout, 'organizationId')}::text AS result FROM ${accountTables(layout)}
    WHERE ${field(layout, 'emailKey')} = $1 AND ${living(layout)}`;
}

/** Values: organization. */
export function seatsSql(layout: Layout): string {
  return `SELECT count(*)::text AS result FROM ${accountTables(layout)}
    WHERE ${field(layout, 'organizationId')} = $1 AND ${layout.countsAsSeat}`;
}

/** Values: organization, ISO 8601 time. A column without zone is in UTC. */
export function staleSql(layout: Layout): string {
  const lastLogin = field(layout, 'lastLoginAt');
  return `SELECT ${accountJson(layout)}::text AS result FROM ${accountTables(layout)}
    WHERE ${field(layout, 'organizationId')} = $1 AND ${field(layout, 'status')} = 'active'
      AND (${lastLogin} IS NULL OR extract(epoch FROM ${lastLogin}) < extract(epoch FROM $2::text::timestamptz))
    ORDER BY ${lastLogin} NULLS FIRST`;
}

/** Values: organization. Oldest first. */
export function listSql(layout: Layout): string {
  const createdAt = layout.columns.createdAt === undefined ? '' : `${field(layout, 'createdAt')}, `;
  return `SELECT ${accountJson(layout)}::text AS result FROM ${accountTables(layout)}
    WHERE ${field(layout, 'organizationId')} = $1 ORDER BY ${createdAt}${field(layout, 'id')}`;
}
