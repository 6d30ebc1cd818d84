import type { ConnectionStore } from '../connections/connection-store.ts';
import type { ConnectionInput, PolicyInput } from '../connections/input.ts';
import type { FieldDecision } from '../provisioning/decision.ts';
import type { Profile } from '../provisioning/profile.ts';
import type { RejectionDetails, RejectReason } from '../provisioning/reject.ts';
import type { Account, FieldChange, UserStore } from '../provisioning/user-store.ts';
import type { Assertion } from '../saml/assertion.ts';
import type { ReplayCache } from '../saml/replay-cache.ts';
import type { ExplainedRule } from '../saml/trace.ts';
import type { KeyAndCertificate } from '../xml/decryption-pairs.ts';
import type { Limits } from '../xml/limits.ts';
import type { ConnectionChoice, ConnectionVerbs } from './connection-verbs.ts';
import type { SsoEvent, SsoEventBody } from './events.ts';
import type { UserVerbs } from './user-verbs.ts';

/** The plan of an organization. */
export interface Organization {
  /** The plan includes single sign-on. */
  readonly sso: boolean;
  /** Seat limit; `null`: none. */
  readonly seats: number | null;
  /** SCIM manages the users of the organization: a login creates and overwrites no account. Default `false`. */
  readonly scim?: boolean | undefined;
}

export type { KeyAndCertificate };

/** Options of `createSso`. */
export interface SsoOptions<U extends Account<string>> {
  /** Public URL under which the routes are mounted, e.g. `https://app.example.com/sso`; http only on loopback. */
  readonly baseUrl: string;
  /** Entity ID of the application; default `{baseUrl}/metadata`. */
  readonly entityId?: string | undefined;
  /** Seals the request cookie: at least 32 characters; an array (newest first) while rotating. */
  readonly secret: string | readonly string[];
  readonly connections: ConnectionInput | readonly ConnectionInput[] | ConnectionStore;
  readonly users: UserStore<U>;
  /** Resolves to the plan of an organization; called at each login. Default: single sign-on, and no seat limit. */
  readonly organization?: ((id: string) => Promise<Organization>) | undefined;
  /** The application's roles, highest first. Default: an application without roles. */
  readonly roles?: readonly NonNullable<U['role']>[] | undefined;
  /** Defaults for `policy` of each connection. */
  readonly policy?: ConnectionInput['policy'] | undefined;
  readonly replayCache?: ReplayCache | undefined;
  /** Key that signs AuthnRequests. */
  readonly signing?: KeyAndCertificate | undefined;
  /**
   * RSA key that decrypts assertions; an array, newest first and 4 at most, while one replaces another. The metadata
   * contains the certificate of the newest. A connection may have a key of its own instead. Default none: encrypted
   * assertions are refused.
   */
  readonly decryption?: KeyAndCertificate | readonly KeyAndCertificate[] | undefined;
  readonly limits?: Partial<Limits> | undefined;
  /** A second, independent verifier must agree. Default `true`. */
  readonly crossCheck?: boolean | undefined;
  /** Tolerated difference of clocks in seconds, 0 to 300. Default 60. */
  readonly clockSkewSeconds?: number | undefined;
  /** How long a login may take at the identity provider, in seconds. Default 1800. */
  readonly requestLifetimeSeconds?: number | undefined;
  /** Where a browser may go after a login: path prefixes for RelayState of IdP-initiated logins, URLs of other origins. */
  readonly returnTo?:
    | { readonly default?: string | undefined; readonly allow?: readonly string[] | undefined }
    | undefined;
  /** Find a connection for an unknown e-mail address by its verified domain. Default `false`: it reveals who is a customer. */
  readonly discoverByDomain?: boolean | undefined;
  /**
   * Called with each event, for logs and alerts, and to end sessions. It is not awaited, and what it throws is ignored. The
   * diagnostics channel `saml-jit:event` of Node.js publishes the same events.
   */
  readonly onEvent?: ((event: SsoEvent) => void) | undefined;
  /** The clock. Default: the system clock. */
  readonly now?: (() => Date) | undefined;
}

/** How `beginLogin` finds the connection; `{}` takes the only one. */
export type LoginTarget =
  | { readonly email: string }
  | { readonly connectionId: string }
  | { readonly organizationId: string }
  | Readonly<Record<string, never>>;

/** Options of `beginLogin`. */
export interface BeginLoginOptions {
  /** Where the browser goes after the login: a path of the application or an allowed URL; anything else is ignored. */
  readonly returnTo?: string | undefined;
  /** Ask the identity provider to authenticate the user anew (SAML Core 3.4.1, ForceAuthn). */
  readonly forceAuthn?: boolean | undefined;
  /** Cookie header of the browser, so that the new request cookie does not replace one that another tab needs. */
  readonly cookies?: string | undefined;
}

/** A login that has begun: send the browser to the identity provider, with `cookie` in a Set-Cookie header. */
export type LoginStart = RedirectStart | FormStart;
/** HTTP-Redirect binding: redirect (302 or 303) to `url`. */
export interface RedirectStart {
  readonly kind: 'redirect';
  readonly url: string;
  /** Set-Cookie value. */
  readonly cookie: string;
}
/**
 * HTTP-POST binding: answer 200 with `html`, a page that submits itself, under a Content-Security-Policy with `sandbox
 * allow-forms allow-scripts`: a customer may have entered the URL of the form, and the POST must not send the
 * SameSite=Strict cookies of another application under your domain.
 */
export interface FormStart {
  readonly kind: 'form';
  readonly html: string;
  readonly action: string;
  readonly fields: Readonly<Record<string, string>>;
  /** `script-src` source that admits the page's own script, for Content-Security-Policy. */
  readonly scriptHash: string;
  /** Set-Cookie value. */
  readonly cookie: string;
}
/** No login can begin. Show the same page for unknown users and for users without single sign-on. */
export interface LoginUnavailable {
  readonly kind: 'unavailable';
  readonly reason: 'no_connection' | 'choose_connection' | 'sso_not_in_plan';
  /** Random, such as `K7QX-M2RD`: show it to the end user; the event has the same one. */
  readonly reference: string;
  readonly choices?: readonly ConnectionChoice[] | undefined;
}

/** Input of `completeLogin`: what the AssertionConsumerService received. */
export interface CompleteLoginInput {
  /** Form field SAMLResponse, as received. */
  readonly samlResponse: string;
  /** Form field RelayState. */
  readonly relayState?: string | undefined;
  /** From the route `/acs/{connectionId}`; left out on the shared route. */
  readonly connectionId?: string | undefined;
  /** The Cookie header. */
  readonly cookies?: string | undefined;
}

/** The session at the identity provider, for the application to keep until logout. JSON-safe. */
export interface SamlSession {
  readonly connectionId: string;
  readonly issuer: string;
  readonly nameId: string | null;
  readonly nameIdFormat: string | null;
  readonly nameQualifier?: string | undefined;
  readonly spNameQualifier?: string | undefined;
  readonly sessionIndex?: string | undefined;
  /** ISO 8601. */
  readonly notOnOrAfter?: string | undefined;
}

/** The user is signed in: open the application's own session for `user`. */
export interface LoginAccepted<U extends Account<string>> {
  readonly outcome: 'created' | 'updated' | 'unchanged';
  readonly user: U;
  readonly changes: readonly FieldChange[];
  /**
   * Notes for the operator, e.g. `role_unconfirmed`, `email_conflict`, `last_holder_kept`. At `unverified_account_linked`,
   * end the sessions that the account has, and revoke its other credentials.
   */
  readonly notes: readonly string[];
  readonly profile: Profile;
  readonly assertion: Assertion;
  readonly samlSession: SamlSession;
  /** Where to send the browser: a path of the application or an allowed URL. */
  readonly returnTo: string;
  /** The request had `forceAuthn`, and the identity provider authenticated the user after it. */
  readonly forceAuthn: boolean;
  readonly connectionId: string;
  readonly organizationId: string;
  readonly expireCookies: readonly string[];
}
/**
 * Policy refuses this user. `message` is for the end user, `hint` and `details` for the operator (not enumerable). Switch on
 * `reason` to know the type of `details`.
 */
export type LoginRejected = { readonly [Reason in RejectReason]: LoginRejectedFor<Reason> }[RejectReason];
/** A {@link LoginRejected} for one reason. */
export interface LoginRejectedFor<Reason extends RejectReason> {
  readonly outcome: 'rejected';
  readonly reason: Reason;
  readonly message: string;
  readonly hint: string;
  /** The values of the hint; left out if `UserStore.decide` rejected without them. */
  readonly details?: RejectionDetails[Reason] | undefined;
  /** Random, such as `K7QX-M2RD`: show it to the end user; the event has the same one. */
  readonly reference: string;
  readonly profile: Profile;
  readonly connectionId: string;
  readonly organizationId: string;
  readonly expireCookies: readonly string[];
}
/** An IdP-initiated login, answered with a fresh AuthnRequest. */
export interface LoginRestarted {
  readonly outcome: 'redirect';
  readonly start: LoginStart;
  readonly connectionId: string;
  readonly organizationId: string;
  readonly expireCookies: readonly string[];
}
/** The result of `completeLogin`, discriminated by `outcome`. */
export type LoginResult<U extends Account<string>> = LoginAccepted<U> | LoginRejected | LoginRestarted;

/** Settings to try before they are in force. */
export interface ExplainDraft {
  /**
   * Validate against this connection instead of that of the message. If a customer may enter it, set `id` and
   * `organizationId` yourself: the explanation contains an account of that organization.
   */
  readonly connection?: ConnectionInput | undefined;
  /** Keys of the policy that replace those of the connection. */
  readonly policy?: PolicyInput | undefined;
}

/** Input of `explain`: a message as it was received, now or earlier. */
export interface ExplainInput extends CompleteLoginInput {
  /** Default: the InResponseTo of the message; `null`: it must be unsolicited. */
  readonly inResponseTo?: string | null | undefined;
  /** Time of validation; `issued`: the IssueInstant of the message, for one that was stored. Default: now. */
  readonly now?: Date | 'issued' | undefined;
  readonly draft?: ExplainDraft | undefined;
}

/** The result of `explain`. Nothing was written or claimed. */
export interface Explanation<U extends Account<string>> {
  readonly verdict: 'accept' | 'reject';
  readonly connectionId: string | null;
  readonly rules: readonly ExplainedRule[];
  readonly assertion: Assertion | null;
  readonly profile: Profile | null;
  /** What a login with this message would do at its first use. */
  readonly decision:
    | {
        readonly action: 'create' | 'update' | 'none';
        readonly user: U | null;
        readonly changes: readonly FieldChange[];
        readonly notes: readonly string[];
        /** Each field, changed or kept, and why. */
        readonly fields: readonly FieldDecision[];
      }
    | {
        readonly [Reason in RejectReason]: {
          readonly action: 'reject';
          readonly reason: Reason;
          readonly hint: string;
          /** The values of the hint; left out if `UserStore.decide` rejected without them. */
          readonly details?: RejectionDetails[Reason] | undefined;
        };
      }[RejectReason]
    | null;
}

/** What `createSso` returns. */
export interface Sso<U extends Account<string>> {
  /**
   * Finds the connection of a login and makes an AuthnRequest for it (SAML Profiles 4.1.3).
   *
   * @param target the connection, the organization, or the e-mail address of the user
   * @param options `returnTo`, `forceAuthn`, and the cookies of the browser
   * @throws SamlError `connection_unavailable` for a connection that cannot be used, `store_failed` when a function of the
   * application failed
   * @throws TypeError for an unknown key, or a target with more than one key
   *
   * @example
   * ```ts
   * const start = await sso.beginLogin({ email: 'alice@acme.example' }, { returnTo: '/reports' });
   * if (start.kind === 'redirect') response.setHeader('Set-Cookie', start.cookie).redirect(start.url);
   * ```
   */
  beginLogin(target: LoginTarget, options?: BeginLoginOptions): Promise<LoginStart | LoginUnavailable>;
  /**
   * Validates the response of the identity provider (SAML Profiles 4.1.4) and creates or updates the account. The result
   * says who is signed in, why the login was rejected, or where to send the browser for a login that is begun again.
   *
   * @param input the form that the browser posted, and its cookies
   * @throws SamlError when the message cannot be trusted, or `store_failed`
   *
   * @example
   * ```ts
   * const login = await sso.completeLogin({ samlResponse, relayState, cookies: request.headers.cookie });
   * if (login.outcome === 'rejected') response.status(403).send(login.message);
   * ```
   */
  completeLogin(input: CompleteLoginInput): Promise<LoginResult<U>>;
  /**
   * Metadata of the application (SAML Metadata 2.4.4), as XML, for the administrator of the identity provider.
   *
   * @param input the connection that the metadata is for; needed for one with an entity ID or URL of its own
   * @throws TypeError if no connection has this id
   *
   * @example
   * ```ts
   * response.type('application/samlmetadata+xml').send(await sso.metadata());
   * ```
   */
  metadata(input?: { readonly connectionId?: string | undefined }): Promise<string>;
  /**
   * Validates a message rule by rule and predicts the decision. It writes and claims nothing. With `draft`, it uses settings
   * that are not in effect yet.
   *
   * @param input the message, and what to assume
   * @throws TypeError for an invalid draft; it lists every problem with its path
   *
   * @example
   * ```ts
   * const draft = { policy: { roleMap: { 'app-admins': 'admin' }, defaultRole: 'member' } };
   * const { decision } = await sso.explain({ samlResponse, now: 'issued', draft });
   * // decision.fields: [{ field: 'role', current: 'admin', proposed: 'member', reason: 'default_role' }, ...]
   * ```
   */
  explain(input: ExplainInput): Promise<Explanation<U>>;
  /** Reads and writes the settings of connections, for settings pages. */
  readonly connections: ConnectionVerbs;
  /** Changes accounts on behalf of an operator. */
  readonly users: UserVerbs<U>;
  /** URL path under which the routes are expected, from `baseUrl`, e.g. `/sso`. */
  readonly basePath: string;
  /** Where the browser goes after a login without `returnTo`: `returnTo.default`. */
  readonly defaultReturnTo: string;
  /** Limits of messages; handlers derive the maximum size of a request body from them. */
  readonly limits: Limits;
  /**
   * Publishes an event as the verbs do; for handlers and adapters. Throws nothing.
   *
   * @param event its type and fields; the time is added
   *
   * @example
   * ```ts
   * const nowhere = { connectionId: null, organizationId: null, hint: 'no connection has this e-mail domain' } as const;
   * sso.emit({ type: 'unavailable', reason: 'no_connection', reference: 'K7QX-M2RD', ...nowhere });
   * ```
   */
  emit(event: SsoEventBody): void;
}
