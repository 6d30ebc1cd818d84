import { printable } from '../lib/quote.ts';

/** Every reason for which policy rejects a user with a valid assertion. Reasons may be added, and are never renamed. */
export type RejectReason =
  | 'connection_disabled'
  | 'sso_not_in_plan'
  | 'attribute_mismatch'
  | 'email_invalid'
  | 'email_missing'
  | 'subject_invalid'
  | 'subject_missing'
  | 'user_removed'
  | 'user_suspended'
  | 'domain_not_allowed'
  | 'link_needs_verification'
  | 'subject_conflict'
  | 'provisioning_disabled'
  | 'not_invited'
  | 'not_provisioned'
  | 'seat_limit_reached'
  | 'role_unknown'
  | 'role_missing'
  | 'groups_overage'
  | 'email_in_other_organization';

// Rejections that could reveal an account of another organization have the same message as ordinary ones.
const ordinary = 'you cannot sign in with this account; please ask your administrator';

// One constant sentence per reason. It is shown to end users, so it contains no value of the message.
// docs/errors.md is generated from the comments: when it happens, how to fix it, and who can. The first that applies wins,
// roughly in this order: what could reveal another organization's data is checked last.
export const messages: Readonly<Record<RejectReason, string>> = {
  /**
   * The connection has `enabled: false`.
   * @remedy Enable it.
   * @fixedBy application
   */
  connection_disabled: 'single sign-on is switched off for your organization',
  /**
   * `organization(id)` returns `sso: false`.
   * @remedy Change the plan.
   * @fixedBy application
   */
  sso_not_in_plan: 'single sign-on is not available for your organization',
  /**
   * An attribute of `policy.requiredAttributes` is missing or has another value.
   * @remedy Send it from the identity provider, or change the policy.
   * @fixedBy identity provider, application
   */
  attribute_mismatch: ordinary,
  /**
   * The e-mail attribute contains no usable address. A domain that is not ASCII must have the one spelling that IDNA
   * 2008 defines: look-alikes are refused.
   * @remedy Correct the attribute; the hint quotes it.
   * @fixedBy identity provider
   */
  email_invalid: 'your identity provider sent an e-mail address that cannot be used',
  /**
   * No e-mail was received, and the user is not known by subject.
   * @remedy Send one or map it; the hint lists the attributes that were received.
   * @fixedBy identity provider, application
   */
  email_missing: 'your identity provider did not send your e-mail address',
  /**
   * The attribute that is the subject has several values, or the subject is an e-mail address whose domain is not ASCII.
   * @remedy Send one value, and the ASCII form of the domain (`xn--...`), or map another attribute as subject.
   * @fixedBy identity provider, application
   */
  subject_invalid: 'your identity provider sent an identifier for you that cannot be used',
  /**
   * No persistent NameID, no subject attribute, and the e-mail may not be the subject.
   * @remedy Send a persistent NameID, map `subject`, or set `policy.subject: 'email'`.
   * @fixedBy identity provider, application
   */
  subject_missing: 'your identity provider did not send a lasting identifier for you',
  /**
   * The account was removed.
   * @remedy Restore it, or set `policy.recreate`.
   * @fixedBy application
   */
  user_removed: 'your account was removed; please ask your administrator',
  /**
   * The account is suspended.
   * @remedy Restore it.
   * @fixedBy application
   */
  user_suspended: 'your account is suspended; please ask your administrator',
  /**
   * The e-mail is outside the verified domains; or the connection has no verified domains, and `policy.requireDomains`
   * is set.
   * @remedy Correct the address, or verify the domain and add it.
   * @fixedBy identity provider, application
   */
  domain_not_allowed: ordinary,
  /**
   * The e-mail of the account is not verified, or the account has the protected role and the domain is not verified.
   * @remedy Verify the account's e-mail in the application or set `policy.linkUnverified`; for the protected role,
   * verify the domain.
   * @fixedBy user, application
   */
  link_needs_verification: ordinary,
  /**
   * The account with this e-mail has another subject at this identity provider, or belongs to another one and the
   * domain is not verified.
   * @remedy Same user: remove the old identity or set `policy.rebind`; another user: remove the account;
   * another provider: verify the domain.
   * @fixedBy application
   */
  subject_conflict: ordinary,
  /**
   * `policy.mode` is `off`, and the user is not known by subject.
   * @remedy Change the mode.
   * @fixedBy application
   */
  provisioning_disabled: ordinary,
  /**
   * `policy.mode` is `update-only`, and no account has this e-mail.
   * @remedy Invite the user.
   * @fixedBy application
   */
  not_invited: ordinary,
  /**
   * `organization(id)` returns `scim: true`, and no account has this e-mail: SCIM creates the accounts of such an
   * organization.
   * @remedy Assign the user to the application at the identity provider, and wait until SCIM has created the account.
   * @fixedBy identity provider
   */
  not_provisioned: ordinary,
  /**
   * A new user, and all seats are taken; returning users always pass.
   * @remedy Add seats, or remove users.
   * @fixedBy application
   */
  seat_limit_reached: 'all seats of your organization are taken; please ask your administrator',
  /**
   * A new user with a role value that maps to no role, and no `policy.defaultRole`.
   * @remedy Correct the value (case matters), map it, or set `policy.defaultRole`.
   * @fixedBy identity provider, application
   */
  role_unknown: 'your identity provider sent a role that this application does not have',
  /**
   * No value that maps to a role was received, and no `policy.defaultRole`.
   * @remedy Assign a role at the identity provider, or set `policy.defaultRole`.
   * @fixedBy identity provider, application
   */
  role_missing: 'your identity provider gave you no role in this application',
  /**
   * The identity provider states that there are more groups than it sends, and `policy.groupsOverage` is `reject`.
   * @remedy Let it send only the groups that are assigned to the application, or app roles.
   * @fixedBy identity provider, application
   */
  groups_overage: 'your identity provider did not send your groups; please ask your administrator',
  /**
   * The e-mail belongs to an account of another organization, and no other rule rejects the login.
   * @remedy Use another address; with `policy.requireDomains` no organization can find this out.
   * @fixedBy identity provider
   */
  email_in_other_organization: ordinary,
};

/** The values behind each rejection. Values from the assertion are untrusted text; lists have at most 30 items. */
export interface RejectionDetails {
  readonly connection_disabled: { readonly connectionId: string };
  readonly sso_not_in_plan: { readonly organizationId: string };
  /** `received: null`: the attribute is absent. */
  readonly attribute_mismatch: {
    readonly attribute: string;
    readonly expected: string;
    readonly received: readonly string[] | null;
  };
  readonly email_invalid: { readonly received: string };
  readonly email_missing: { readonly receivedAttributes: readonly string[] };
  readonly subject_invalid: {
    readonly problem: 'several_values' | 'domain_not_ascii';
    readonly received: readonly string[];
  };
  readonly subject_missing: { readonly receivedAttributes: readonly string[] };
  readonly user_removed: { readonly userId: string };
  readonly user_suspended: { readonly userId: string };
  readonly domain_not_allowed: { readonly email: string; readonly domains: readonly string[] };
  readonly link_needs_verification: {
    readonly userId: string;
    readonly cause: 'email_unverified' | 'protected_role';
  };
  /** `known`: the subject that the account has at this identity provider; `null`: its identities are of other ones. */
  readonly subject_conflict: {
    readonly userId: string;
    readonly known: string | null;
    readonly received: string;
  };
  readonly provisioning_disabled: { readonly connectionId: string };
  readonly not_invited: { readonly email: string };
  readonly not_provisioned: { readonly email: string; readonly organizationId: string };
  /** `seats: null`: the store refused, although `organization(id)` names no limit. */
  readonly seat_limit_reached: { readonly organizationId: string; readonly seats: number | null };
  readonly role_unknown: RoleDetails;
  readonly role_missing: RoleDetails;
  readonly groups_overage: { readonly receivedAttributes: readonly string[] };
  readonly email_in_other_organization: { readonly email: string };
}

/** The values that a role could have been read from. `groups: null`: not sent, or more than the identity provider sends. */
export interface RoleDetails {
  readonly roleValues: readonly string[];
  readonly groups: readonly string[] | null;
}

/** Policy rejects the user. Switch on `reason` to know the type of `details`. */
export type Rejection = { readonly [Reason in RejectReason]: RejectionFor<Reason> }[RejectReason];

/** A rejection for one reason. */
export interface RejectionFor<Reason extends RejectReason> {
  readonly action: 'reject';
  readonly reason: Reason;
  /** Constant; safe to show an end user. */
  readonly message: string;
  /** For the operator: what was expected, what was received, and what to change. Never about another organization. */
  readonly hint: string;
  /** The values of the hint; left out if `UserStore.decide` rejected without them. For the operator, as the hint. */
  readonly details?: RejectionDetails[Reason] | undefined;
}

/**
 * Makes a rejection, also in `UserStore.decide`. Throws nothing. Unprintable characters of `hint` are
 * escaped.
 *
 * @param reason a reason of {@link RejectReason}
 * @param hint for the operator
 * @param details the values of the hint
 * @example
 * ```ts
 * import { reject } from 'saml-jit';
 *
 * const refused = reject('not_invited', 'Contractors have no access.');
 * ```
 */
export function reject<Reason extends RejectReason>(
  reason: Reason,
  hint: string,
  details?: RejectionDetails[Reason],
): RejectionFor<Reason> {
  return {
    action: 'reject',
    reason,
    message: messages[reason],
    hint: printable(hint, 2000),
    ...(details !== undefined && { details }),
  };
}

const maxItems = 30;

/** At most thirty values, for {@link RejectionDetails}. */
export function firstItems(values: readonly string[]): readonly string[] {
  return values.slice(0, maxItems);
}

/** Values of the assertion as part of a hint: each is shortened, and at most thirty are listed. */
export function quoted(values: readonly string[]): string {
  if (values.length === 0) return 'none';
  const shown = firstItems(values).map((value) => `"${printable(value, 100)}"`);
  return shown.join(', ') + (values.length > maxItems ? ` and ${values.length - maxItems} more` : '');
}
