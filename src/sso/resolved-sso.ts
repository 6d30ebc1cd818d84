import type { Connection } from '../connections/connection.ts';
import type { ConnectionStore } from '../connections/connection-store.ts';
import type { ConnectionInput } from '../connections/input.ts';
import type { ConnectionRegistry } from '../connections/registry.ts';
import type { Account } from '../provisioning/user-store.ts';
import type { ReplayCache } from '../saml/replay-cache.ts';
import type { DecryptionPair } from '../xml/decryption-pairs.ts';
import type { Limits } from '../xml/limits.ts';
import type { CertificateWatch } from './certificate-watch.ts';
import type { SsoEventBody } from './events.ts';
import type { PinnedKeys } from './other-connection.ts';
import type { RequestCookies } from './request-cookie.ts';
import type { ReturnTo } from './return-to.ts';
import type { SigningPair } from './signing-pair.ts';
import type { Organization, SsoOptions } from './types.ts';

/** The options of `createSso`, validated and complete. */
export interface ResolvedSso<U extends Account<string>>
  extends Pick<SsoOptions<U>, 'users' | 'roles' | 'policy' | 'discoverByDomain'> {
  /** Without a slash at its end. */
  readonly baseUrl: string;
  readonly registry: ConnectionRegistry;
  /** `null`: the connections are given in code. */
  readonly connectionStore: ConnectionStore | null;
  /** Connections given in code, in the order of `registry.all`. */
  readonly connectionInputs: readonly ConnectionInput[];
  readonly cookies: RequestCookies;
  readonly returnTo: ReturnTo;
  readonly replayCache: ReplayCache;
  readonly signing: SigningPair | undefined;
  /** Newest first. */
  readonly decryptionKeys: readonly DecryptionPair[];
  /** Of the certificates of the application itself. */
  readonly ownFingerprints: ReadonlySet<string>;
  readonly limits: Limits;
  readonly crossCheck: boolean;
  readonly clockSkewSeconds: number;
  readonly requestLifetimeSeconds: number;
  readonly certificateWatch: CertificateWatch;
  /** Of the connections in code; used to explain a key that is not configured. */
  readonly pinnedKeys: PinnedKeys;
  readonly organization: (id: string) => Promise<Organization>;
  readonly now: () => Date;
  /** Whether this key occurs for the first time today: for warnings that are not repeated at every login. */
  readonly firstToday: (key: string) => boolean;
  /** Never throws. */
  readonly emit: (event: SsoEventBody) => void;
  /** Emits a warning, once per connection, about a `policy.roleMap` that has no effect. */
  readonly warnOfRoleMap: (connection: Connection) => void;
  readonly entityIdOf: (connection: Connection | null) => string;
  readonly acsUrlOf: (connection: Connection | null) => string;
}
