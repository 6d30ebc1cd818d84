import type { KeyObject } from 'node:crypto';
import type { PresetName } from '../../connections/connection.ts';
import type { EncryptionStyle } from './encrypt.ts';
import type { SubmittedForm } from './form.ts';
import type { Listening } from './listen.ts';
import type { TestServiceProvider } from './pages.ts';
import type { ResponseOverrides } from './response-contents.ts';
import type { KeyPair, KeyType } from './self-signed.ts';
import type { SigningStyle } from './sign-response.ts';
import type { TestUser } from './users.ts';

/** Options of `createTestIdp`. */
export interface TestIdpOptions extends SigningStyle {
  /** Default `https://idp.example.test/metadata`. */
  readonly entityId?: string | undefined;
  /** Base URL of its endpoints; default `https://idp.example.test`, and once it listens, the address of the server. */
  readonly baseUrl?: string | undefined;
  /** The vendor whose attribute names, NameID format and signatures to imitate; default `generic`. */
  readonly vendor?: PresetName | undefined;
  readonly users?: readonly TestUser[] | undefined;
  /** Known service providers; none: any is served, but the portal has no tiles. */
  readonly serviceProviders?: readonly TestServiceProvider[] | undefined;
  /** Key and certificate; default: new ones. */
  readonly key?: KeyPair | undefined;
  /** Kind of the new key; default `rsa`. */
  readonly keyType?: KeyType | undefined;
  /** NameID format if the request names none; default: the vendor's. */
  readonly nameIdFormat?: string | undefined;
  /** Bindings of the single sign-on endpoint in the metadata; default both. */
  readonly ssoBindings?: readonly ('redirect' | 'post')[] | undefined;
  /** Default: the system's clock. */
  readonly now?: (() => Date) | undefined;
}

/**
 * A response to make. Beyond `user`, `acsUrl`, `audience` and `inResponseTo`, each field replaces the value that a
 * conforming identity provider writes.
 */
export interface RespondOptions extends ResponseOverrides, SigningStyle {
  /** `id` or e-mail of a user in the directory, a user that is not in it, or `null` for none. */
  readonly user: string | TestUser | null;
  readonly acsUrl: string;
  /** Entity ID of the service provider. */
  readonly audience: string;
  /** ID of the AuthnRequest; left out: unsolicited. */
  readonly inResponseTo?: string | undefined;
  readonly now?: Date | undefined;
  /** Encrypt the Assertion, as signed; default: as the service provider is configured, see {@link TestServiceProvider}. */
  readonly encryption?: EncryptionStyle | undefined;
  /** Sign with another key, e.g. one that is not trusted. */
  readonly key?: KeyPair | undefined;
  /** Changes the XML before it is signed. */
  readonly mutateBeforeSigning?: ((xml: string) => string) | undefined;
}

/** A login begun by a service provider, as `sso.beginLogin` returns it. */
export type BegunLogin =
  | { readonly kind: 'redirect'; readonly url: string }
  | { readonly kind: 'form'; readonly action: string; readonly fields: Readonly<Record<string, string>> };

/** A SAML identity provider inside the process, with a real key, real signatures and a directory of users. */
export interface TestIdp {
  readonly entityId: string;
  readonly privateKey: KeyObject;
  /** PEM. */
  readonly certificate: string;
  /** Current base URL of its endpoints `/sso`, `/portal` and `/metadata`. */
  readonly baseUrl: string;
  /** Single sign-on endpoint, for both bindings. */
  readonly ssoUrl: string;
  readonly users: readonly TestUser[];
  /** @throws TypeError when there is one of this `id` */
  addUser(user: TestUser): void;
  /** @throws TypeError if no user has this `id` */
  updateUser(id: string, changes: Partial<Omit<TestUser, 'id'>>): void;
  /** A removed user can no longer log in. @throws TypeError if no user has this `id` */
  removeUser(id: string): void;
  /** Registers a service provider, and puts its tile on the portal. @throws TypeError for an unknown key */
  addServiceProvider(provider: TestServiceProvider): void;
  /** SAML metadata, as XML. */
  metadata(): string;
  /**
   * A signed Response, as XML. @throws TypeError for an unknown user or option, or a value that cannot be written or
   * signed
   */
  responseXml(options: RespondOptions): string;
  /** The same as value of the form field SAMLResponse. */
  respond(options: RespondOptions): string;
  /**
   * Handles HTTP requests without a server. `/sso` shows a login page, or signs in `user` (query parameter or form
   * field) at once; `/portal` shows tiles, and with `user` and `sp` in the query posts an unsolicited response.
   */
  handle(request: Request): Promise<Response>;
  /**
   * Acts as the browser at this identity provider while `user` signs in.
   *
   * @returns the form that the browser then posts to the service provider
   * @throws TypeError when the request is refused, with the reason
   */
  login(begun: BegunLogin, user: string): Promise<SubmittedForm>;
  /** Serves it over HTTP on loopback. @param port 0 (default) selects a free one */
  listen(port?: number): Promise<Listening>;
}
