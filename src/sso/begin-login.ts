import { expectKnownKeys } from '../configuration-error.ts';
import type { Connection } from '../connections/connection.ts';
import { postForm } from '../lib/post-form.ts';
import { printable } from '../lib/quote.ts';
import { makeReference } from '../lib/random-id.ts';
import type { Account } from '../provisioning/user-store.ts';
import { authnRequestMessage } from '../saml/authn-request.ts';
import { chooseConnection, type Unavailable } from './choose-connection.ts';
import { expectRequestPossible } from './expect-request.ts';
import { type FailedAt, failure, unknownLogin } from './failure.ts';
import { expectMetadataUsable, warnOfMetadata } from './metadata-validity.ts';
import type { ResolvedSso } from './resolved-sso.ts';
import type { BeginLoginOptions, LoginStart, LoginTarget, LoginUnavailable } from './types.ts';

/** Finds the connection of a login and begins it. */
export async function beginLogin<U extends Account<string>>(
  sso: ResolvedSso<U>,
  target: LoginTarget,
  options: BeginLoginOptions = {},
): Promise<LoginStart | LoginUnavailable> {
  expectTarget(target);
  expectKnownKeys('beginLogin', options, optionKeys);
  const at: Writable<FailedAt> = { ...unknownLogin };
  try {
    const choice = await chooseConnection(sso, target);
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

const targetKeys = ['email', 'connectionId', 'organizationId'] as const;
const optionKeys: readonly (keyof BeginLoginOptions)[] = ['returnTo', 'forceAuthn', 'cookies'];

/** An unknown key would be ignored, and `{}` names another connection than the one that is meant. @throws TypeError */
function expectTarget(target: LoginTarget): void {
  if (typeof target !== 'object' || target === null)
    throw new TypeError('beginLogin: name the connection, e.g. { email }; {} takes the only one');
  expectKnownKeys('beginLogin', target, targetKeys);
  const entries = Object.entries(target);
  if (entries.length > 1)
    throw new TypeError(
      `beginLogin: pass one of ${targetKeys.join(', ')}; received ${Object.keys(target).join(' and ')}`,
    );
  for (const [key, value] of entries)
    if (typeof value !== 'string') throw new TypeError(`beginLogin: ${key} must be a string; received ${typeof value}`);
}

/** The result is less exact than the event: that a connection is disabled or invalid is for the operator only. */
const publicReasons = {
  no_connection: 'no_connection',
  connection_disabled: 'no_connection',
  connection_invalid: 'no_connection',
  sso_not_in_plan: 'sso_not_in_plan',
  choose_connection: 'choose_connection',
} as const satisfies Record<Unavailable['reason'], LoginUnavailable['reason']>;

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

/** RelayState of a request that answers an unsolicited response. If it returns with another one, the login is a loop. */
export const restartRelayState = 'saml-jit:restarted';

/** Makes the AuthnRequest, and the cookie that binds its response to this browser. */
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
