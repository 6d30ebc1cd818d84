import type { Account, Identity } from './account.ts';
import { createdFields } from './changes.ts';
import type { Decision, FieldReason } from './decision.ts';
import { inDomains } from './email.ts';
import { attributeKeys, decidedFields, type FieldReasons } from './fields.ts';
import type { Profile } from './profile.ts';
import { quoted, type Rejection, reject } from './reject.ts';
import { grantedRole, newRole, rolePolicy, roleReason } from './roles.ts';
import type { Situation } from './situation.ts';
import { groupNotes } from './sync.ts';

/** Rules new-user, provisioning-mode, scim-managed and seat-limit, then the rules about roles. */
export function decideNewUser<U extends Account<string>>(
  situation: Situation<U>,
  identity: Identity,
  email: string,
): Decision<U> {
  const { connection, organization, profile, now } = situation;
  const { organizationId } = connection;
  const off = rejectIfOff(situation);
  if (off) return off;
  if (connection.policy.mode === 'update-only') {
    return reject(
      'not_invited',
      `No account of this organization has the address ${quoted([email])}, and policy.mode is "update-only"; invite the person first.`,
      { email },
    );
  }
  if (organization.scim) {
    return reject(
      'not_provisioned',
      `No account of this organization has the address ${quoted([email])}, and the accounts of organization ` +
        `"${organizationId}" are created by SCIM (organization() returns scim: true). Assign the person to the application's SCIM ` +
        'provisioning at the identity provider, with exactly this address, and wait for its next run.',
      { email, organizationId },
    );
  }
  const { seats } = organization;
  if ((situation.seatsTaken ?? 0) >= (seats ?? Infinity)) {
    const hint = `${seats === null ? 'The' : `All ${seats}`} seats of organization "${organizationId}" are taken; add seats or remove users.`;
    return reject('seat_limit_reached', hint, { organizationId, seats });
  }
  const policy = rolePolicy<NonNullable<U['role']>>(connection.policy, situation.roles);
  const role = policy && newRole(policy, profile);
  if (role?.action === 'reject') return role;
  const write = {
    organizationId,
    email,
    emailVerified: inDomains(email, connection.domains),
    name: profile.name,
    role: role?.action === 'set' ? role.role : null,
    identity,
    customAttributes: profile.customAttributes,
    lastLoginAt: now,
  };
  const changes = createdFields(write);
  const reasons: FieldReasons = [
    ['email', 'set'],
    ['name', profile.nameIsFallback ? 'fallback' : profile.name === null ? 'absent' : 'set'],
    ...(policy && role?.action === 'set'
      ? [['role', roleReason(role, grantedRole(policy, profile), null)] as const]
      : []),
    ...attributeKeys(profile, null).map(
      (key) => [`customAttributes.${key}`, newAttributeReason(profile, key)] as const,
    ),
  ];
  const notes = [...(role?.notes ?? []), ...groupNotes(profile)];
  return { action: 'create', write, changes, notes, fields: decidedFields(null, reasons, changes) };
}

function newAttributeReason({ customAttributes }: Profile, key: string): FieldReason {
  return Object.hasOwn(customAttributes, key) ? 'set' : 'unusable';
}

/** Rule provisioning-mode: rejects a user who is not known by subject if the mode is `off`. */
export function rejectIfOff<U extends Account<string>>({ connection }: Situation<U>): Rejection | null {
  if (connection.policy.mode !== 'off') return null;
  return reject(
    'provisioning_disabled',
    'policy.mode is "off": only users that this connection already knows by subject can sign in. Change the mode to allow others.',
    { connectionId: connection.id },
  );
}
