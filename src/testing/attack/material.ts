import { encryptAssertion } from '../idp/encrypt.ts';
import { type KeyPair, type KeyType, selfSigned } from '../idp/self-signed.ts';
import type { RespondOptions, TestIdp } from '../idp/test-idp.ts';
import type { TestUser } from '../idp/users.ts';
import { assertionOf, idOf } from './parts.ts';

/** What the identity provider signs; `encrypted`: the Assertion, which it then encrypts. */
export type SigningMode = 'response' | 'assertion' | 'both' | 'encrypted';

/** Every {@link SigningMode} without encryption. */
export const clearModes: readonly SigningMode[] = ['response', 'assertion', 'both'];

/** Every {@link SigningMode}. */
export const signingModes: readonly SigningMode[] = [...clearModes, 'encrypted'];

/** The application, as the identity provider knows it. */
export interface AttackedServiceProvider {
  readonly entityId: string;
  readonly acsUrl: string;
  /** PEM of the certificate for which assertions are encrypted. Default: not encrypted. */
  readonly encryptionCertificate?: string | undefined;
}

/** Input of {@link forgeryMaterial}. */
export interface ForgeryMaterialOptions {
  readonly idp: TestIdp;
  readonly serviceProvider: AttackedServiceProvider;
  /** `id` or e-mail of a user in the directory of `idp`: the attacker's own account. */
  readonly user: string;
  /** The user whom the forgeries name; default: a user like `user`, but named mallory. */
  readonly victim?: string | TestUser | undefined;
  /** What the identity provider signs. `encrypted` needs a certificate of the service provider. */
  readonly signs: SigningMode;
  /** ID of the AuthnRequest that is pending; left out: none. */
  readonly inResponseTo?: string | undefined;
  readonly relayState?: string | undefined;
}

/** Genuine parts of one login, from which forgeries are made. */
export interface ForgeryMaterial {
  readonly signs: SigningMode;
  readonly serviceProvider: AttackedServiceProvider;
  /** Entity ID of the identity provider. */
  readonly issuer: string;
  /** The key that the application trusts. */
  readonly key: KeyPair;
  /** A key of the same type that is not trusted. */
  readonly untrustedKey: KeyPair;
  readonly user: TestUser;
  readonly victim: TestUser;
  readonly inResponseTo: string | undefined;
  readonly relayState: string | undefined;
  /** The time of the identity provider's clock. */
  readonly now: Date;
  /** XML of a new Response for the user, signed by the live key, in the clear, with single values replaced. */
  response(changes?: Partial<RespondOptions>): string;
  /** The same for the victim: all values are valid, except for `changes`. */
  victimsResponse(changes?: Partial<RespondOptions>): string;
  /** The victim's Response, unsigned, with its own IDs. */
  readonly forgedResponse: string;
  /** Its Assertion. */
  readonly forgedAssertion: string;
  /** Encrypts the content in the place of the Assertion, if the mode requires it. */
  seal(xml: string): string;
}

/**
 * Prepares the material of forgeries for one login.
 *
 * @param options the identity provider, the application, and the user whose message is forged
 * @throws TypeError when there is no such user
 *
 * @example
 * ```ts
 * const material = forgeryMaterial({ idp, serviceProvider, user: 'alice', signs: 'assertion' });
 * for (const { name, make } of forgeries) console.log(name, make(material));
 * ```
 */
export function forgeryMaterial(options: ForgeryMaterialOptions): ForgeryMaterial {
  const { idp, serviceProvider, signs, inResponseTo, relayState } = options;
  const user = find(idp, options.user);
  const victim = typeof options.victim === 'string' ? find(idp, options.victim) : (options.victim ?? mallory(user));
  const { entityId, acsUrl, encryptionCertificate: certificate } = serviceProvider;
  if (signs === 'encrypted' && certificate === undefined) throw new TypeError('encryptionCertificate is missing');
  const respond = (who: TestUser, changes?: Partial<RespondOptions>): string =>
    idp.responseXml({
      user: who,
      // Under its own entity ID the identity provider would encrypt for the application, but the parts are needed in
      // the clear.
      audience: '',
      audiences: [entityId],
      acsUrl,
      inResponseTo,
      signs: signs === 'encrypted' ? 'assertion' : signs,
      signaturePrefix: 'ds',
      ...changes,
    });
  const forgedResponse = respond(victim, { signs: 'none' });
  return {
    signs,
    serviceProvider,
    issuer: idp.entityId,
    key: { privateKey: idp.privateKey, certificate: idp.certificate },
    get untrustedKey() {
      return untrustedKey(keyTypeOf(idp));
    },
    user,
    victim,
    inResponseTo,
    relayState,
    now: new Date(/ IssueInstant="([^"]*)"/.exec(forgedResponse)?.[1] ?? ''),
    response: (changes) => respond(user, changes),
    victimsResponse: (changes) => respond(victim, changes),
    forgedResponse,
    forgedAssertion: assertionOf(forgedResponse),
    seal: (xml) =>
      signs === 'encrypted' &&
      certificate !== undefined &&
      xml.includes('<saml:Assertion ') &&
      !xml.includes('<saml:EncryptedAssertion')
        ? encryptAssertion(xml, { certificate })
        : xml,
  };
}

/** IDs of a Response and of its Assertion. */
export function idsOf(xml: string): { readonly response: string; readonly assertion: string } {
  return { response: idOf(xml), assertion: idOf(assertionOf(xml)) };
}

function find(idp: TestIdp, idOrEmail: string): TestUser {
  const found = idp.users.find(({ id, email }) => id === idOrEmail || email === idOrEmail);
  if (found === undefined) throw new TypeError(`there is no user ${idOrEmail} at the identity provider`);
  return found;
}

/** With the domain and role of the user, so that the application has no other reason to refuse. */
function mallory(user: TestUser): TestUser {
  const domain = /@.*/.exec(user.email ?? '')?.[0];
  return {
    ...user,
    id: 'mallory',
    nameId: undefined,
    email: domain && `mallory${domain}`,
    ...(user.firstName === undefined ? {} : { firstName: 'Mallory' }),
    ...(user.name === undefined ? {} : { name: 'Mallory' }),
  };
}

const untrustedKeys = new Map<KeyType, KeyPair>();

/** Made once per type, because making keys is slow. */
function untrustedKey(keyType: KeyType): KeyPair {
  const key = untrustedKeys.get(keyType) ?? selfSigned({ keyType, commonName: 'untrusted' });
  untrustedKeys.set(keyType, key);
  return key;
}

function keyTypeOf({ privateKey }: TestIdp): KeyType {
  const curves: Readonly<Record<string, KeyType>> = { prime256v1: 'p256', secp384r1: 'p384', secp521r1: 'p521' };
  const { namedCurve = '' } = privateKey.asymmetricKeyDetails ?? {};
  return curves[namedCurve] ?? (privateKey.asymmetricKeyType === 'rsa-pss' ? 'rsa-pss' : 'rsa');
}
