import type { ConfigurationError } from '../configuration-error.ts';
import type { CertificateStatus } from '../connections/certificate-status.ts';
import type { Connection } from '../connections/connection.ts';
import type { ConnectionPage, StorableConnection } from '../connections/connection-store.ts';

/** A connection as `sso.connections.get` and `list` show it to a settings page. */
export type ConnectionEntry = ValidConnectionEntry | InvalidConnectionEntry;

/** A valid connection. */
export interface ValidConnectionEntry {
  readonly id: string;
  /** As stored or as given in code. It contains private keys if the connection has a `decryption` key of its own. */
  readonly settings: unknown;
  /** Pass it to `save` as `expectedVersion`; `null` for a connection given in code. */
  readonly version: number | null;
  readonly connection: Connection;
  readonly error: null;
}

/** A row of the connection store that is not valid: logins do not use it. */
export interface InvalidConnectionEntry {
  /** `null` if the row has none. */
  readonly id: string | null;
  readonly settings: unknown;
  readonly version: number | null;
  readonly connection: null;
  /** Lists every issue with its path. */
  readonly error: ConfigurationError;
}

/** The result of `sso.connections.save`. `conflict`: the stored connection has another version, and nothing was written. */
export type SaveResult =
  | { readonly outcome: 'saved'; readonly connection: Connection }
  | { readonly outcome: 'conflict' };

/** What `sso.connections.lookup` finds connections by. */
export type LookupTarget = { readonly email: string } | { readonly domain: string };

/** A connection that a login can use. */
export interface ConnectionChoice {
  readonly connectionId: string;
  readonly organizationId: string;
}

/** A certificate of the application. */
export interface OwnCertificate extends CertificateStatus {
  /** PEM. */
  readonly certificate: string;
}

/** The application as the identity provider of one connection must know it. */
export interface ServiceProvider {
  readonly entityId: string;
  /** AssertionConsumerService URL, HTTP-POST binding. */
  readonly acsUrl: string;
  /** URL of the metadata, which contains all of this. */
  readonly metadataUrl: string;
  readonly certificates: {
    /** Certificate of the key that signs AuthnRequests; empty without `signing`. */
    readonly signing: readonly OwnCertificate[];
    /** Certificates of the keys that decrypt assertions, newest first. The metadata contains the first one. */
    readonly encryption: readonly OwnCertificate[];
  };
}

/** `sso.connections`: what settings pages and operators need. None of it checks who calls it. */
export interface ConnectionVerbs {
  /**
   * Reads one connection; `null` if it does not exist.
   *
   * @param connectionId its id, compared exactly
   * @throws what the connection store throws
   *
   * @example
   * ```ts
   * const entry = await sso.connections.get('acme-okta');
   * if (entry?.error) showProblems(entry.error.message);
   * ```
   */
  get(connectionId: string): Promise<ConnectionEntry | null>;
  /**
   * Lists connections in the order of their ids, `limit` at a time.
   *
   * @param page `limit`; `after` is the id after which the page begins
   * @throws TypeError if the connection store has no `list`, or for a `limit` that is not an integer from 1 to 1000
   *
   * @example
   * ```ts
   * const first = await sso.connections.list({ limit: 100 });
   * const second = await sso.connections.list({ limit: 100, after: first.at(-1)?.id ?? undefined });
   * ```
   */
  list(page: ConnectionPage): Promise<readonly ConnectionEntry[]>;
  /**
   * Validates a connection as `createSso` would, with its roles and default policy, and writes it to the connection store.
   * `id` and `organizationId` are required. Logins use it at once.
   *
   * @param connection settings with `id` and `organizationId`
   * @param options `expectedVersion`: the version that was read; `null` for a new connection
   * @throws ConfigurationError with every problem of the settings, to be shown at their fields
   * @throws TypeError if the connections are given in code, or if the connection store has no `put`
   *
   * @example
   * ```ts
   * const { outcome } = await sso.connections.save(settings, { expectedVersion: entry?.version ?? null });
   * if (outcome === 'conflict') showMessage('Another user has changed this connection.');
   * ```
   */
  save(connection: StorableConnection, options: { readonly expectedVersion: number | null }): Promise<SaveResult>;
  /**
   * Finds the connections that a login of an e-mail address can use, as `beginLogin` does; or those of a verified
   * domain. Empty if no connection matches. The result reveals who is a customer: do not show it to anonymous visitors.
   *
   * @param target `email` or `domain`
   * @throws TypeError for a target without exactly one of `email` and `domain`
   * @throws SamlError `store_failed`
   *
   * @example
   * ```ts
   * const choices = await sso.connections.lookup({ email: 'alice@acme.example' });
   * ```
   */
  lookup(target: LookupTarget): Promise<readonly ConnectionChoice[]>;
  /**
   * What the administrator of the identity provider enters there, if they cannot import the metadata.
   *
   * @param connectionId its id
   * @throws TypeError if no connection has this id
   * @throws SamlError `connection_unavailable` for a connection that is not valid, `store_failed`
   *
   * @example
   * ```ts
   * const { entityId, acsUrl, metadataUrl } = await sso.connections.serviceProvider('acme-okta');
   * ```
   */
  serviceProvider(connectionId: string): Promise<ServiceProvider>;
}
