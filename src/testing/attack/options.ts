import type { TestIdp } from '../idp/test-idp.ts';
import type { TestUser } from '../idp/users.ts';
import type { BegunAttempt } from './browser.ts';
import type { Who } from './forgery.ts';
import type { AttackedServiceProvider, SigningMode } from './material.ts';

/** A browser after the response of the application. */
export interface AnsweredBrowser {
  readonly response: Response;
  /** The Cookie header of its further requests. */
  readonly cookies: string;
}

/** Options of `attack`. */
export interface AttackOptions {
  /** The identity provider that the application trusts. */
  readonly idp: TestIdp;
  /** The application, as the identity provider knows it. */
  readonly serviceProvider: AttackedServiceProvider;
  /** Your AssertionConsumerService: a URL, or a function that answers requests to `acsUrl` without a server. */
  readonly acs: string | ((request: Request) => Response | Promise<Response>);
  /**
   * How a browser begins a login: the URL of your page that sends it to the identity provider, or a function that does
   * the same; left out: every response is unsolicited, as from the identity provider's portal.
   */
  readonly begin?: string | (() => BegunAttempt | Promise<BegunAttempt>) | undefined;
  /** `id` or e-mail of a user in the directory of `idp` who may log in. */
  readonly user: string;
  /** The user whom the forgeries name; default: a new user like `user`, but named mallory. */
  readonly victim?: string | TestUser | undefined;
  /**
   * Returns who is signed in: any string that differs between users, such as the text of a page that names the user;
   * `null` for none. Ask the application with `cookies`, or read `response`.
   */
  readonly signedInAs: (browser: AnsweredBrowser) => string | null | Promise<string | null>;
  /** Signing modes to try; default: each that your application accepts. */
  readonly signs?: readonly SigningMode[] | undefined;
  /** Names of forgeries to omit, e.g. `unsolicited` if you allow IdP-initiated logins. */
  readonly except?: readonly string[] | undefined;
}

/** One message and its result. */
export interface Attempt {
  readonly name: string;
  /** Row of docs/security/attacks.md; `''` for a genuine message. */
  readonly row: string;
  readonly description: string;
  readonly signs: SigningMode;
  /** The user who was signed in. */
  readonly who: Who;
  /** HTTP status; `null` if the application threw. */
  readonly status: number | null;
  /** The value that it threw. */
  readonly error?: unknown;
}
