import { expectKnownKeys } from '../configuration-error.ts';
import type { Connection } from '../connections/connection.ts';
import { postForm } from '../lib/post-form.ts';
import { printable } from '../lib/quote.ts';
import { makeReference } from '../lib/random-id.ts';
import type { Account } from '../provisioning/user-store.ts';
import { authnRequestMessage } from '../saml/authn-request.ts';
import type { SsoEventBody } from './events.ts';
import { expectRequestPossible } from './expect-request.ts';
import { type FailedAt, failure, unknownLogin } from './failure.ts';
import { findConnections } from './find-connections.ts';
import { loginRegistry } from './login-registry.ts';
import { expectMetadataUsable, warnOfMetadata } from './metadata-validity.ts';
import { quoteIds } from './quote-ids.ts';
import type { ResolvedSso } from './resolved-sso.ts';
import type { BeginLoginOptions, LoginStart, LoginTarget, LoginUnavailable } from './types.ts';

/** Finds the connection of a login and begins it. */
export async function beginLogin<U extends Account<string>>(
  sso: ResolvedSso<U>,
  who: LoginTarget,
  options: BeginLoginOptions = {},
): Promise<LoginStart | LoginUnavailable> {
  expectHint(who);
  expectKnownKeys('beginLogin', options, optionKeys);
  const at: Writable<FailedAt> = { ...unknownLogin };
  try {
    const choice = await chooseConnection(sso, who);
    if (choice.connection === null) return reportUnavailable(sso, choice);
    const { connection } = choice;
    at.connectionId = connection.id;
    at.organizationId = connection.organizationId;
    const now = sso.now();
    expectMetadataUsable(connection, now);
    expectRequestPossible(sso, connection);
    warnOfMetadata(sso, connection, now);
    return startLogin(sso, connection, {
      returnTo: sso.returnTo.own(options.returnTo),
      forceAuthn: options.forceAuthn === true,
      restarted: false,
      cookies: options.cookies,
    });
  } catch (cause) {
    throw failure(sso, cause, at, 'No login was begun. The user may try again.');
  }
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };
type UnavailableEvent = Extract<SsoEventBody, { type: 'unavailable' }>;

const hintKeys = ['email', 'connectionId', 'organizationId'] as const;
const optionKeys: readonly (keyof BeginLoginOptions)[] = ['returnTo', 'forceAuthn', 'cookies'];

/** An unknown key would be `{}`: another connection than the one that is meant. @throws TypeError */
function expectHint(who: LoginTarget): void {
  if (typeof who !== 'object' || who === null)
    throw new TypeError('beginLogin: name the connection, e.g. { email }; {} takes the only one');
  expectKnownKeys('beginLogin', who, hintKeys);
  const entries = Object.entries(who);
  if (entries.length > 1)
    throw new TypeError(`beginLogin: pass one of ${hintKeys.join(', ')}; received ${Object.keys(who).join(' and ')}`);
  for (const [key, value] of entries)
    if (typeof value !== 'string') throw new TypeError(`beginLogin: ${key} must be a string; received ${typeof value}`);
}

/** What keeps a login from beginning. */
interface Unavailable {
  readonly reason: UnavailableEvent['reason'];
  readonly hint: string;
  /** Those that it is about. */
  readonly among: readonly Connection[];
}

type Choice = (Unavailable & { readonly connection: null }) | { readonly connection: Connection };

async function chooseConnection<U extends Account<string>>(sso: ResolvedSso<U>, who: LoginTarget): Promise<Choice> {
  const { registry, invalid } = loginRegistry(sso);
  const { connections, otherwise } = await findConnections({ ...sso, registry }, who);
  const none = (reason: Unavailable['reason'], hint: string, among = connections): Choice => ({
    connection: null,
    reason,
    hint,
    among,
  });
  if (connections.length === 0 && invalid.length > 0)
    return none(
      'connection_invalid',
      `Every connection that was found is invalid (see the warnings connection_invalid).`,
    );
  if (connections.length === 0) return none('no_connection', otherwise);

  const enabled = connections.filter((connection) => connection.enabled);
  if (enabled.length === 0) {
    const ids = quoteIds(connections.map(({ id }) => id));
    return none(
      'connection_disabled',
      `Disabled (enabled: false): ${ids}. Enable the connection to let its people in.`,
    );
  }
  const entitled: Connection[] = [];
  for (const connection of enabled) {
    const organization = await sso.organization(connection.organizationId);
    if (organization.sso) entitled.push(connection);
  }
  const [connection, second] = entitled;
  if (connection === undefined) {
    const ids = quoteIds(enabled.map(({ organizationId }) => organizationId));
    return none('sso_not_in_plan', `organization() says sso: false for ${ids}. Change the plan.`, enabled);
  }
  if (second !== undefined) {
    const ids = quoteIds(entitled.map(({ id }) => id));
    const hint = `Several connections are possible: ${ids}. Name one of them (connectionId, /login?connection=), or let the user choose.`;
    return none('choose_connection', hint, entitled);
  }
  return { connection };
}

/** The page says less than the event: that a connection is disabled or invalid is for the operator. */
const publicReasons = {
  no_connection: 'no_connection',
  connection_disabled: 'no_connection',
  connection_invalid: 'no_connection',
  sso_not_in_plan: 'sso_not_in_plan',
  choose_connection: 'choose_connection',
} as const satisfies Record<UnavailableEvent['reason'], LoginUnavailable['reason']>;

function reportUnavailable<U extends Account<string>>(
  { emit }: ResolvedSso<U>,
  { reason, hint, among }: Unavailable,
): LoginUnavailable {
  const reference = makeReference();
  const connectionId = onlyOne(among.map(({ id }) => id));
  const organizationId = onlyOne(among.map((connection) => connection.organizationId));
  emit({ type: 'unavailable', reason, connectionId, organizationId, hint: printable(hint, 2000), reference });
  const unavailable = { kind: 'unavailable', reason: publicReasons[reason], reference } as const;
  if (reason !== 'choose_connection') return unavailable;
  const choices = among.map(({ id, organizationId }) => ({ connectionId: id, organizationId }));
  return { ...unavailable, choices };
}

function onlyOne(values: readonly string[]): string | null {
  const [first = null, ...others] = new Set(values);
  return others.length === 0 ? first : null;
}

/** RelayState of a request that answers an unsolicited response: it must not come back with another. */
export const restartRelayState = 'saml-jit:restarted';

/** Makes the AuthnRequest and the cookie that binds its answer to this browser. */
export function startLogin<U extends Account<string>>(
  sso: ResolvedSso<U>,
  connection: Connection,
  login: {
    readonly returnTo: string | null;
    readonly forceAuthn: boolean;
    readonly restarted: boolean;
    readonly cookies: string | undefined;
  },
): LoginStart {
  const { returnTo, forceAuthn, restarted } = login;
  const { idp } = connection;
  const issuedAt = sso.now();
  const hash = idp.requestSignatureHash ?? undefined;
  const { id, ...message } = authnRequestMessage({
    issuer: sso.entityIdOf(connection),
    acsUrl: sso.acsUrlOf(connection),
    issueInstant: issuedAt,
    forceAuthn,
    nameIdFormat: idp.nameIdFormat,
    sso: idp.sso,
    binding: idp.binding,
    relayState: restarted ? restartRelayState : undefined,
    signing: idp.signRequests === false || sso.signing === undefined ? undefined : { ...sso.signing, hash },
  });
  const pending = { requestId: id, connectionId: connection.id, returnTo, issuedAt, forceAuthn, restarted };
  const cookie = sso.cookies.seal({ purpose: 'login', ...pending }, login.cookies);
  if (message.kind === 'redirect') return { ...message, cookie };
  return { ...message, ...postForm(message.action, message.fields), cookie };
}
