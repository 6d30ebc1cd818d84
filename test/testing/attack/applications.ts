import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SAML, ValidateInResponseTo } from '@node-saml/node-saml';
import { DOMParser } from '@xmldom/xmldom';
import express from 'express';
import * as samlify from 'samlify';
import { SignedXml } from 'xml-crypto';
import { ssoRouter } from '../../../src/http/express.ts';
import {
  type Account,
  type ConnectionInput,
  createSso,
  type LoginAccepted,
  memoryUserStore,
} from '../../../src/index.ts';
import { buildAuthnRequest } from '../../../src/saml/authn-request.ts';
import { redirectUrl } from '../../../src/saml/bindings.ts';
import {
  type AnsweredBrowser,
  type AttackedServiceProvider,
  type AttackOptions,
  type AttackReport,
  type Attempt,
  attack,
} from '../../../src/testing/attack/index.ts';
import { createTestIdp, selfSigned, type TestIdp, type TestIdpOptions } from '../../../src/testing/index.ts';

/** An application to attack: a handler, or a server. */
export interface Application {
  readonly idp: TestIdp;
  readonly serviceProvider: AttackedServiceProvider;
  readonly login: string;
  readonly handle: (request: Request) => Promise<Response>;
  readonly signedInAs: (browser: AnsweredBrowser) => Promise<string | null>;
}

/** Attacks an application. */
export function run(application: Application, changes: Partial<AttackOptions> = {}): Promise<AttackReport> {
  const { idp, serviceProvider, handle, login, signedInAs } = application;
  return attack({ idp, serviceProvider, acs: handle, begin: login, user: 'alice', signedInAs, ...changes });
}

/** The namesof attempts, each once. */
export const names = (attempts: readonly Attempt[]): string[] => [...new Set(attempts.map(({ name }) => name))].sort();

const users = [{ id: 'alice', email: 'alice@acme.example', firstName: 'Alice', lastName: 'Adams' }];

const origin = 'http://localhost:3000';

/** The session is the cookie: /me names the signed-in user, as in a real application. */
function careless(
  idp: TestIdp,
  routes: {
    readonly begin: () => Promise<string>;
    readonly complete: (fields: URLSearchParams, request: Request) => Promise<string>;
  },
): Application {
  const handle = async (request: Request): Promise<Response> => {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === '/login') return new Response(null, { status: 302, headers: { Location: await routes.begin() } });
    if (pathname === '/me') {
      const user = /(?:^|; )session=([^;]*)/.exec(request.headers.get('cookie') ?? '')?.[1];
      return new Response(user === undefined ? null : decodeURIComponent(user), {
        status: user === undefined ? 401 : 200,
      });
    }
    try {
      const fields = request.method === 'POST' ? new URLSearchParams(await request.text()) : searchParams;
      const user = await routes.complete(fields, request);
      const cookie = `session=${encodeURIComponent(user)}; HttpOnly`;
      // As many tutorials have it.
      const location = fields.get('RelayState') || '/';
      return new Response(null, { status: 302, headers: { Location: location, 'Set-Cookie': cookie } });
    } catch (error) {
      const headers = { 'Content-Type': 'text/html' };
      return new Response(error instanceof Error ? error.message : String(error), { status: 401, headers });
    }
  };
  return {
    idp,
    serviceProvider: { entityId: origin, acsUrl: `${origin}/acs` },
    login: `${origin}/login`,
    handle,
    signedInAs: async ({ cookies }) => {
      const me = await handle(new Request(`${origin}/me`, { headers: { cookie: cookies } }));
      return me.status === 200 ? me.text() : null;
    },
  };
}

/** node-saml with every check turned off that can be turned off, as found in the wild where the login "did not work". */
export function carelessNodeSaml(): Application {
  const idp = createTestIdp({ users });
  const saml = new SAML({
    callbackUrl: `${origin}/acs`,
    entryPoint: idp.ssoUrl,
    issuer: origin,
    idpCert: idp.certificate,
    audience: false,
    wantAssertionsSigned: false,
    wantAuthnResponseSigned: false,
    acceptedClockSkewMs: -1,
    validateInResponseTo: ValidateInResponseTo.never,
  });
  return careless(idp, {
    begin: () => saml.getAuthorizeUrlAsync('', undefined, {}),
    complete: async (fields, request) => {
      const { profile } =
        request.method === 'GET'
          ? await saml.validateRedirectAsync(Object.fromEntries(fields), new URL(request.url).search.slice(1))
          : await saml.validatePostResponseAsync({ SAMLResponse: fields.get('SAMLResponse') ?? '' });
      if (profile === null) throw new Error('no profile');
      return profile.nameID;
    },
  });
}

/** samlify without a schema validator, and without the checks that it leaves to the application. */
export function carelessSamlify(): Application {
  samlify.setSchemaValidator({ validate: () => Promise.resolve('skipped') });
  const idp = createTestIdp({ users });
  const provider = samlify.IdentityProvider({ metadata: idp.metadata() });
  const sp = samlify.ServiceProvider({
    entityID: origin,
    assertionConsumerService: [{ Binding: samlify.Constants.namespace.binding.post, Location: `${origin}/acs` }],
  });
  return careless(idp, {
    begin: async () => sp.createLoginRequest(provider, 'redirect').context,
    complete: async (fields) => {
      const { extract } = await sp.parseLoginResponse(provider, 'post', {
        body: { SAMLResponse: fields.get('SAMLResponse') },
      });
      if (extract.nameID === undefined) throw new Error('no NameID');
      return extract.nameID;
    },
  });
}

/** An Express application with this package, served over HTTP, as its documentation describes. */
export async function expressApp(
  connection: Partial<ConnectionInput> = {},
  idpOptions: TestIdpOptions = {},
): Promise<Application & AsyncDisposable> {
  const app = express();
  const server = createServer(app).listen(0, 'localhost');
  await once(server, 'listening');
  const url = `http://localhost:${(server.address() as AddressInfo).port}`;
  const idp = createTestIdp({ users, ...idpOptions });
  const { privateKey, certificate } = selfSigned({ commonName: 'app.example' });
  const sso = createSso({
    baseUrl: `${url}/sso`,
    secret: 'a secret of at least 32 characters',
    users: memoryUserStore(),
    decryption: { privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), certificate },
    connections: { ...connection, idp: { metadata: idp.metadata(), ...connection.idp } },
  });
  const sessions = new Map<string, string>();
  const onLogin = ({ login, res }: { login: LoginAccepted<Account<string>>; res: express.Response }): void => {
    const session = randomUUID();
    sessions.set(session, login.user.email);
    res.cookie('session', session, { httpOnly: true });
  };
  app.use('/sso', ssoRouter(sso, { onLogin }));
  app.get('/me', (req, res) => {
    const user = sessions.get(/session=([\w-]+)/.exec(req.headers.cookie ?? '')?.[1] ?? '');
    if (user === undefined) res.sendStatus(401);
    else res.send(user);
  });
  return {
    idp,
    serviceProvider: {
      entityId: `${url}/sso/metadata`,
      acsUrl: `${url}/sso/acs`,
      encryptionCertificate: certificate,
    },
    login: `${url}/sso/login`,
    handle: (request) => fetch(request, { redirect: 'manual' }),
    signedInAs: async ({ cookies }) => {
      const me = await fetch(`${url}/me`, { headers: { cookie: cookies } });
      return me.ok ? me.text() : null;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await once(server.close(), 'close');
    },
  };
}

/**
 * What is written in an afternoon: xml-crypto verifies the first Signature, and the user is read from an Assertion of the
 * document, wherever it is.
 */
export function carelessXmlCrypto(pick: 'first' | 'last'): Application {
  const idp = createTestIdp({ users });
  return careless(idp, {
    begin: async () => {
      const request = { issuer: origin, acsUrl: `${origin}/acs`, destination: idp.ssoUrl, issueInstant: new Date() };
      return redirectUrl(idp.ssoUrl, { message: 'SAMLRequest', xml: buildAuthnRequest(request).xml });
    },
    complete: async (fields) => {
      const xml = Buffer.from(fields.get('SAMLResponse') ?? '', 'base64').toString();
      const document = new DOMParser({ onError: () => undefined }).parseFromString(xml, 'text/xml');
      const signature = document.getElementsByTagName('ds:Signature').item(0);
      const verifier = new SignedXml({ publicCert: idp.certificate });
      verifier.loadSignature(String(signature));
      if (!verifier.checkSignature(xml)) throw new Error('bad signature');
      const assertions = document.getElementsByTagName('saml:Assertion');
      const assertion = assertions.item(pick === 'first' ? 0 : assertions.length - 1);
      return assertion?.getElementsByTagName('saml:NameID').item(0)?.textContent ?? '';
    },
  });
}
