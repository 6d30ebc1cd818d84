import type { ConnectionStore } from '../connections/connection-store.ts';
import type { ConnectionInput, PolicyInput } from '../connections/input.ts';
import type { FieldDecision } from '../provisioning/decision.ts';
import type { Profile } from '../provisioning/profile.ts';
import type { RejectReason } from '../provisioning/reject.ts';
import type { Account, FieldChange, UserStore } from '../provisioning/user-store.ts';
import type { Assertion } from '../saml/assertion.ts';
import type { ReplayCache } from '../saml/replay-cache.ts';
import type { ExplainedRule } from '../saml/trace.ts';
import type { KeyAndCertificate } from '../xml/decryption-pairs.ts';
import type { Limits } from '../xml/limits.ts';
import type { ConnectionChoice, ConnectionVerbs } from './connection-verbs.ts';
import type { SsoEvent, SsoEventBody } from './events.ts';
import type { UserVerbs } from './user-verbs.ts';

/** What an organization is entitled to. */
export interface Organization {
  /** Its plan includes single sign-on. */
  readonly sso: boolean;
  /** Seat limit; `null`: none. */
  readonly seats: number | null;
  /** SCIM manages its people: a login creates nobody, and overwrites nothing. Default `false`. */
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
  /** What an organization is entitled to, asked at each login. Default: single sign-on, and no seat limit. */
  readonly organization?: ((id: string) => Promise<Organization>) | undefined;
  /** The application's roles, highest first; left out: an application without roles. */
  readonly roles?: readonly NonNullable<U['role']>[] | undefined;
  /** Defaults for `policy` of each connection. */
  readonly policy?: ConnectionInput['policy'] | undefined;
  readonly replayCache?: ReplayCache | undefined;
  /** Key that signs AuthnRequests. */
  readonly signing?: KeyAndCertificate | undefined;
  /**
   * RSA key that opens encrypted assertions; an array, newest first and 4 at most, while one replaces another. The metadata
   * shows the certificate of the newest. A connection may have a key of its own instead. Default none: encrypted assertions
   * are refused.
   */
  readonly decryption?: KeyAndCertificate | readonly KeyAndCertificate[] | undefined;
  readonly limits?: Partial<Limits> | undefined;
  /** A second, independent verifier must agree. Default `true`. */
  readonly crossCheck?: boolean | undefined;
  /** Tolerated difference of clocks in seconds, 0 to 300. Default 60. */
  readonly clockSkewSeconds?: number | undefined;
  /** How long a login may take at the identity provider, in seconds. Default 1800. */
  readonly requestLifetimeSeconds?: number | undefined;
  /** Where logins may end: path prefixes for RelayState of IdP-initiated logins, absolute URLs of other origins. */
  readonly returnTo?:
    | { readonly default?: string | undefined; readonly allow?: readonly string[] | undefined }
    | undefined;
  /** Lead an unknown e-mail to the connection of its verified domain. Default `false`: it reveals who is a customer. */
  readonly discoverByDomain?: boolean | undefined;
  /**
   * Told of each outcome, for logs and alerts, and to end sessions. Nobody waits for it, and what it throws is ignored. The
   * diagnostics channel `saml-jit:event` of Node.js publishes the same.
   */
  readonly onEvent?: ((event: SsoEvent) => void) | undefined;
  /** The clock. Default: the system's. */
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
  /** Where the browser goes afterwards: a path of the application or an allowed URL; anything else is ignored. */
  readonly returnTo?: string | undefined;
  /** Ask the identity provider to authenticate anew. */
  readonly forceAuthn?: boolean | undefined;
  /** The browser's Cookie header: the new request cookie replaces none that another tab still needs. */
  readonly cookies?: string | undefined;
}

/** A login begun: send the browser to the identity provider, with `cookie` in a Set-Cookie header. */
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
 * allow-forms allow-scripts`: the address of the form may be one that your customer entered, and the form must not carry
 * the SameSite=Strict cookies of another application under your domain.
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
/** No login can begin; show a page that says the same for unknown people and for people without SSO. */
export interface LoginUnavailable {
  readonly kind: 'unavailable';
  readonly reason: 'no_connection' | 'choose_connection' | 'sso_not_in_plan';
  /** Random, such as `K7QX-M2RD`: show it to the end user; the event has it too. */
  readonly reference: string;
  readonly choices?: readonly ConnectionChoice[] | undefined;
}

/** What the AssertionConsumerService received. */
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

/** What the application keeps to end the session at the identity provider later. JSON-safe. */
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
   * What the operator may want to know, e.g. `role_unconfirmed`, `email_conflict`, `last_holder_kept`. At
   * `unverified_account_linked`, end the sessions that the account has, and revoke its other credentials.
   */
  readonly notes: readonly string[];
  readonly profile: Profile;
  readonly assertion: Assertion;
  readonly samlSession: SamlSession;
  /** Where to send the browser: a path of the application or an allowed URL. */
  readonly returnTo: string;
  /** The request asked to authenticate anew (`beginLogin` with `forceAuthn`), and that was done. */
  readonly forceAuthn: boolean;
  readonly connectionId: string;
  readonly organizationId: string;
  readonly expireCookies: readonly string[];
}
/** Policy refuses this person. `message` is for the end user, `hint` for the operator (not enumerable). */
export interface LoginRejected {
  readonly outcome: 'rejected';
  readonly reason: RejectReason;
  readonly message: string;
  readonly hint: string;
  /** Random, such as `K7QX-M2RD`: show it to the end user; the event has it too. */
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
/** What `completeLogin` resolves to: tell the cases apart by `outcome`. */
export type LoginResult<U extends Account<string>> = LoginAccepted<U> | LoginRejected | LoginRestarted;

/** Settings to try before they are in force. */
export interface ExplainDraft {
  /**
   * Judged by this one instead of the connection of the message; its `id` tells whose people it knows. Where a customer
   * may draft, set `id` and `organizationId` yourself: the answer shows an account of the organization that it names.
   */
  readonly connection?: ConnectionInput | undefined;
  /** Keys of the policy that replace those of the connection. */
  readonly policy?: PolicyInput | undefined;
}

/** What `explain` judges: a message as it arrived, or as it was kept. */
export interface ExplainInput extends CompleteLoginInput {
  /** Default: what the message says that it answers; `null`: it must answer nothing. */
  readonly inResponseTo?: string | null | undefined;
  /** Judged as of then; `issued`: when the message says that it was made, for one that was kept. Default: now. */
  readonly now?: Date | 'issued' | undefined;
  readonly draft?: ExplainDraft | undefined;
}

/** What `explain` found; nothing was written or claimed. */
export interface Explanation<U extends Account<string>> {
  readonly verdict: 'accept' | 'reject';
  readonly connectionId: string | null;
  readonly rules: readonly ExplainedRule[];
  readonly assertion: Assertion | null;
  readonly profile: Profile | null;
  /** What a login would do, had it been this message's first use. */
  readonly decision:
    | {
        readonly action: 'create' | 'update' | 'none';
        readonly user: U | null;
        readonly changes: readonly FieldChange[];
        readonly notes: readonly string[];
        /** Each field, changed or kept, and why. */
        readonly fields: readonly FieldDecision[];
      }
    | { readonly action: 'reject'; readonly reason: RejectReason; readonly hint: string }
    | null;
}

/** The verbs. */
export interface Sso<U extends Account<string>> {
  /**
   * Finds the connection and makes an AuthnRequest for it (SAML Profiles 4.1.3).
   *
   * @throws SamlError `connection_unavailable` for a connection that cannot be used, `store_failed` when a function of the
   * application failed
   * @throws TypeError for a key that it does not know, or more than one that names the connection
   */
  beginLogin(who: LoginTarget, options?: BeginLoginOptions): Promise<LoginStart | LoginUnavailable>;
  /** @throws SamlError when the message cannot be trusted */
  completeLogin(input: CompleteLoginInput): Promise<LoginResult<U>>;
  /**
   * SAML metadata of the application, as XML, for the identity provider's administrator.
   * @throws TypeError if no connection has this id
   */
  metadata(input?: { readonly connectionId?: string | undefined }): Promise<string>;
  /**
   * Judges a message rule by rule and predicts the decision, writing and claiming nothing; with `draft`, under settings that
   * are not in force yet.
   *
   * @throws TypeError for a draft that is not valid: it lists every problem with its path
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
  /** Where a login ends that names no page: `returnTo.default`. */
  readonly defaultReturnTo: string;
  /** Bounds on messages; adapters derive from them how much of a request they read. */
  readonly limits: Limits;
  /** Publishes an event as the verbs do; for adapters. Never throws. */
  emit(event: SsoEventBody): void;
}
