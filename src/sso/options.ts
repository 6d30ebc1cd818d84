import type { Connection } from '../connections/connection.ts';
import { oneLine } from '../connections/problems.ts';
import { type ConnectionRegistry, connectionRegistry } from '../connections/registry.ts';
import { type RequestCookies, requestCookies } from '../http/cookies.ts';
import type { Account } from '../provisioning/user-store.ts';
import type { MessageSigning } from '../saml/bindings.ts';
import type { ReplayCache } from '../saml/replay-cache.ts';
import { memoryReplayCache } from '../stores/memory-replay-cache.ts';
import { parseCertificate } from '../xml/certificates.ts';
import { type DecryptionKey, resolveDecryptionKeys } from '../xml/decryption-keys.ts';
import { type Limits, resolveLimits } from '../xml/limits.ts';
import { eventStream, type SsoEventBody } from './events.ts';
import { expectOptions } from './expect-options.ts';
import { expectSigningPair, ownCertificate } from './own-certificate.ts';
import { type ReturnTo, returnToPolicy } from './return-to.ts';
import type { KeyAndCertificate, Organization, SsoOptions } from './types.ts';

/** `SsoOptions`, checked and complete. */
export interface ResolvedSso<U extends Account<string>>
  extends Pick<SsoOptions<U>, 'users' | 'roles' | 'policy' | 'discoverByDomain'> {
  /** Without a slash at its end. */
  readonly baseUrl: string;
  readonly registry: ConnectionRegistry;
  readonly cookies: RequestCookies;
  readonly returnTo: ReturnTo;
  readonly replayCache: ReplayCache;
  readonly signing: (MessageSigning & { readonly certificate: string }) | undefined;
  /** Newest first. */
  readonly decryptionKeys: readonly DecryptionKey[];
  /** That of the newest decryption key. */
  readonly encryptionCertificate: string | undefined;
  /** Of the certificates that are the application's own. */
  readonly ownFingerprints: ReadonlySet<string>;
  readonly limits: Limits;
  readonly crossCheck: boolean;
  readonly clockSkewSeconds: number;
  readonly requestLifetimeSeconds: number;
  readonly organization: (id: string) => Promise<Organization>;
  readonly now: () => Date;
  /** Never throws. */
  readonly emit: (event: SsoEventBody) => void;
  readonly entityIdOf: (connection: Connection | null) => string;
  readonly acsUrlOf: (connection: Connection | null) => string;
}

/** Checks the options of `createSso` and fills in the defaults. @throws TypeError that names the option */
export function resolveSso<U extends Account<string>>(options: SsoOptions<U>): ResolvedSso<U> {
  expectOptions(options);
  const baseUrl = parseBaseUrl(options.baseUrl);
  const {
    clockSkewSeconds = 60,
    requestLifetimeSeconds = 1800,
    now = () => new Date(),
    onEvent,
    roles,
    signing,
  } = options;
  if (!(clockSkewSeconds >= 0 && clockSkewSeconds <= 300))
    throw new TypeError('clockSkewSeconds must be from 0 to 300');
  if (!(requestLifetimeSeconds >= 60 && requestLifetimeSeconds <= 86_400)) {
    throw new TypeError('requestLifetimeSeconds must be from 60 to 86400');
  }
  if (signing !== undefined) expectSigningPair(signing);
  const decryption = [options.decryption ?? []].flat();
  const emit = eventStream(onEvent, now);
  const entityId = options.entityId ?? `${baseUrl}/metadata`;
  const registry = connectionRegistry(options.connections, {
    defaults: { policy: options.policy },
    roles,
    onInvalid: ({ error }) =>
      emit({ type: 'warning', connectionId: null, warning: 'connection_invalid', hint: oneLine(error) }),
    now,
  });
  const unsignable = signing === undefined ? registry.all.find(({ idp }) => idp.signRequests) : undefined;
  if (unsignable !== undefined) throw new TypeError(cannotSign(unsignable.id));
  return {
    users: options.users,
    roles,
    policy: options.policy,
    discoverByDomain: options.discoverByDomain,
    baseUrl,
    registry,
    cookies: requestCookies({
      secrets: Array.isArray(options.secret) ? options.secret : [options.secret],
      application: baseUrl,
      secure: baseUrl.startsWith('https:'),
      lifetimeSeconds: requestLifetimeSeconds,
      now,
    }),
    returnTo: returnToPolicy(options.returnTo),
    replayCache: options.replayCache ?? memoryReplayCache({ now }),
    signing,
    decryptionKeys: resolveDecryption(decryption),
    encryptionCertificate: decryption[0]?.certificate,
    ownFingerprints: new Set(
      [signing ?? [], decryption].flat().map(({ certificate }) => parseCertificate(certificate).fingerprint),
    ),
    limits: resolveLimits(options.limits),
    crossCheck: options.crossCheck !== false,
    clockSkewSeconds,
    requestLifetimeSeconds,
    organization: async (id) => {
      if (options.organization === undefined) return { sso: true, seats: null };
      const organization: Organization | undefined = await options.organization(id);
      const { scim } = organization ?? {};
      if (scim !== undefined && typeof scim !== 'boolean') {
        throw new TypeError(`organization(${JSON.stringify(id)}): scim must be true or false; received ${typeof scim}`);
      }
      if (typeof organization?.sso === 'boolean') {
        const { seats } = organization;
        // NaN, or a field of another name, would be no limit.
        if (seats === null || (typeof seats === 'number' && seats >= 0)) return organization;
        throw new TypeError(
          `organization(${JSON.stringify(id)}): seats must be null or a number; received ${String(seats)}`,
        );
      }
      const received = organization ? `an object whose sso is ${typeof organization.sso}` : String(organization);
      throw new TypeError(
        `organization(${JSON.stringify(id)}) must resolve to { sso: boolean, seats: number | null }; received ${received}`,
      );
    },
    now,
    emit,
    entityIdOf: (connection) => connection?.spEntityId ?? entityId,
    acsUrlOf: (connection) =>
      connection?.acs === 'own' ? `${baseUrl}/acs/${encodeURIComponent(connection.id)}` : `${baseUrl}/acs`,
  };
}

function resolveDecryption(pairs: readonly KeyAndCertificate[]): readonly DecryptionKey[] {
  const keys = resolveDecryptionKeys(pairs.map(({ privateKey }) => privateKey));
  const strangers = pairs.findIndex(
    ({ certificate }, i) => keys[i]?.publicKey.equals(ownCertificate('decryption', certificate).key) !== true,
  );
  if (strangers === -1) return keys;
  throw new TypeError(
    `decryption: the certificate${pairs.length > 1 ? ` at index ${strangers}` : ''} does not belong to the private key beside it; identity providers would encrypt what cannot be decrypted`,
  );
}

/** Says why a connection that signs requests cannot be used. */
export function cannotSign(connectionId: string): string {
  return `connection ${JSON.stringify(connectionId)} signs requests (idp.signRequests, or because the metadata of its identity provider asks for it): give createSso a signing key and certificate`;
}

const loopback = /^(?:localhost|[^.]+\.localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

function parseBaseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null) throw new TypeError('baseUrl must be an absolute URL, such as https://app.example.com/sso');
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && loopback.test(url.hostname))) {
    throw new TypeError('baseUrl must be https; http is for loopback (localhost) only');
  }
  if (url.search !== '' || url.hash !== '' || url.username !== '' || url.password !== '') {
    throw new TypeError('baseUrl must not have a query, a fragment or credentials');
  }
  let path = url.pathname;
  while (path.endsWith('/')) path = path.slice(0, -1);
  return `${url.origin}${path}`;
}
