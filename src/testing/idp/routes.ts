import { errorPage, onUnavailable, portalPage, responsePage, type TestServiceProvider } from './pages.ts';
import { type ReceivedRequest, readAuthnRequest, receivePost, receiveRedirect, verifyRequest } from './request.ts';
import type { Directory } from './users.ts';

/** A login that a user completes. */
export interface LoginToAnswer {
  /** `id` or e-mail of a user who may have been removed from the directory. */
  readonly user: string;
  readonly acsUrl: string;
  /** Entity ID of the service provider. */
  readonly audience: string;
  /** Left out: unsolicited. */
  readonly inResponseTo?: string | undefined;
  /** Requested format. */
  readonly nameIdFormat?: string | undefined;
}

/** The properties of the identity provider that the routes use. */
export interface RoutesContext {
  readonly directory: Directory;
  readonly providers: readonly TestServiceProvider[];
  /** Path before `/sso`; it may change. */
  readonly basePath: () => string;
  readonly metadata: () => string;
  /** Makes the SAMLResponse. */
  readonly answer: (login: LoginToAnswer) => string;
}

/** The HTTP side of a test identity provider. */
export function createRoutes(context: RoutesContext): (request: Request) => Promise<Response> {
  const { directory, providers, basePath, metadata, answer } = context;

  return async (request) => {
    const url = new URL(request.url);
    const form = new URLSearchParams(request.method === 'POST' ? await request.text() : '');
    try {
      if (url.pathname === `${basePath()}/metadata`) {
        return new Response(metadata(), { headers: { 'Content-Type': 'application/samlmetadata+xml' } });
      }
      if (url.pathname === `${basePath()}/portal`) return portal(url);
      if (url.pathname === `${basePath()}/sso`) return signIn(url, form);
    } catch (error) {
      return errorPage(400, explain(error));
    }
    return errorPage(404, `The pages are ${basePath()}/sso, ${basePath()}/portal and ${basePath()}/metadata.`);
  };

  function portal({ pathname, searchParams }: URL): Response {
    const user = searchParams.get('user');
    const entityId = searchParams.get('sp');
    if (user === null || entityId === null) return portalPage(pathname, directory.all, providers);
    const provider = providers.find((known) => known.entityId === entityId);
    if (!provider) throw new Error(`unknown service provider ${entityId}`);
    const { acsUrl, relayState } = provider;
    return responsePage(
      acsUrl,
      answer({ user, acsUrl, audience: entityId }),
      searchParams.get('RelayState') ?? relayState,
    );
  }

  /** The chosen user is in the query or in the form; without one, a page shows the users to choose from. */
  function signIn(url: URL, form: URLSearchParams): Response {
    const posted = form.get('SAMLRequest');
    const received =
      posted === null ? receiveRedirect(url.search) : receivePost(posted, form.get('RelayState') ?? undefined);
    const login = readLogin(received);
    const user = form.get('user') ?? url.searchParams.get('user');
    if (user !== null) return responsePage(login.acsUrl, answer({ ...login, user }), received.relayState);
    const fields = posted === null ? {} : Object.fromEntries(form);
    return onUnavailable(`${url.pathname}${url.search}`, fields, directory.all);
  }

  function readLogin(received: ReceivedRequest): Omit<LoginToAnswer, 'user'> {
    const { issuer } = readAuthnRequest(received.root);
    const provider = providers.find((known) => known.entityId === issuer);
    if (!provider && providers.length > 0) throw new Error(`unknown service provider ${issuer}`);
    const root = provider?.certificate ? verifyRequest(received, provider.certificate) : received.root;
    const { id, nameIdFormat, acsUrl = provider?.acsUrl } = readAuthnRequest(root);
    if (acsUrl === undefined) throw new Error('the AuthnRequest has no AssertionConsumerServiceURL');
    if (provider && acsUrl !== provider.acsUrl) throw new Error(`${acsUrl} is not a URL of ${issuer}`);
    return { acsUrl, audience: issuer, inResponseTo: id, nameIdFormat };
  }
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'hint' in error ? `${error.message}: ${error.hint}` : error.message;
}
