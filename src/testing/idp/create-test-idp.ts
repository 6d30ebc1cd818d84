import { createHash } from 'node:crypto';
import { statusCodes } from '../../saml/names.ts';
import type { EncryptionStyle } from './encrypt.ts';
import { type SubmittedForm, submitForm, unescapeHtml } from './form.ts';
import { expectIdpOptions, expectProvider, expectRespondOptions } from './known-keys.ts';
import { listen } from './listen.ts';
import { idpMetadata } from './metadata.ts';
import { buildResponse } from './response.ts';
import { completeResponse } from './response-contents.ts';
import { createRoutes, type LoginToAnswer } from './routes.ts';
import { selfSigned } from './self-signed.ts';
import { signingStyle, signResponse } from './sign-response.ts';
import type { BegunLogin, RespondOptions, TestIdp, TestIdpOptions } from './test-idp.ts';
import { Directory } from './users.ts';
import { attributesOf, nameIdOf, vendors } from './vendors.ts';

/**
 * Makes a test identity provider. With an RSA `key` and `now` given, its output is the same in each run.
 *
 * @param options its users and key; defaults for all others
 * @throws TypeError for two users of one `id`, or an unknown option
 * @example
 * ```ts
 * const idp = createTestIdp({ users: [{ id: 'alice', email: 'alice@acme.example' }] });
 * const start = await sso.beginLogin({});
 * if (start.kind === 'unavailable') throw new Error(start.reason);
 * const { fields } = await idp.login(start, 'alice');
 * await sso.completeLogin({ samlResponse: fields['SAMLResponse'] ?? '', cookies: start.cookie.split(';')[0] });
 * ```
 */
export function createTestIdp(options: TestIdpOptions = {}): TestIdp {
  expectIdpOptions(options);
  const { entityId = 'https://idp.example.test/metadata', now = () => new Date() } = options;
  const key = options.key ?? selfSigned({ keyType: options.keyType });
  const vendor = vendors[options.vendor ?? 'generic'];
  const defaultFormat = options.nameIdFormat ?? vendor.nameIdFormat;
  const style = { signs: vendor.signs, ...signingStyle(options) };
  const directory = new Directory(options.users ?? []);
  const providers = [...(options.serviceProviders ?? [])];
  let baseUrl = (options.baseUrl ?? 'https://idp.example.test').replace(/\/$/, '');
  let count = 0;

  // Not random, so that runs are reproducible; it depends on the key and the time, so that it differs between identity
  // providers and runs.
  function newId(at: Date): string {
    const hash = createHash('sha256').update(`${key.certificate}${at.getTime()} ${count++}`);
    return `_${hash.digest('hex').slice(0, 32)}`;
  }

  function encryptionFor(entityId: string): EncryptionStyle | undefined {
    const { encryption, encryptionCertificate } = providers.find((known) => known.entityId === entityId) ?? {};
    return encryption ?? (encryptionCertificate === undefined ? undefined : { certificate: encryptionCertificate });
  }

  function responseXml(chosen: RespondOptions): string {
    expectRespondOptions(chosen);
    const user = typeof chosen.user === 'string' ? directory.find(chosen.user) : chosen.user;
    if (user === undefined) throw new TypeError(`there is no user ${chosen.user}`);
    const at = chosen.now ?? now();
    const nameIdFormat = chosen.nameIdFormat ?? defaultFormat;
    const contents = completeResponse(
      {
        issuer: entityId,
        acsUrl: chosen.acsUrl,
        audience: chosen.audience,
        inResponseTo: chosen.inResponseTo,
        now: at,
        newId: () => newId(at),
        nameId: user && nameIdOf(user, nameIdFormat, vendor, () => newId(at)),
        nameIdFormat,
        attributes: user ? attributesOf(user, vendor) : [],
      },
      chosen,
    );
    const xml = buildResponse(contents);
    return signResponse(chosen.mutateBeforeSigning?.(xml) ?? xml, contents, {
      ...style,
      ...signingStyle(chosen),
      key: chosen.key ?? key,
      encryption: chosen.encryption ?? encryptionFor(chosen.audience),
    });
  }

  function respond(chosen: RespondOptions): string {
    return Buffer.from(responseXml(chosen)).toString('base64');
  }

  function answer(login: LoginToAnswer): string {
    const user = directory.find(login.user);
    const { responder, authnFailed, requester, invalidNameIdPolicy } = statusCodes;
    if (!user) return respond({ ...login, user: null, status: { code: responder, subcode: authnFailed } });
    if (nameIdOf(user, login.nameIdFormat ?? defaultFormat, vendor, () => '_') === null) {
      return respond({ ...login, user: null, status: { code: requester, subcode: invalidNameIdPolicy } });
    }
    return respond(login);
  }

  function metadata(): string {
    const { ssoBindings = ['redirect', 'post'] } = options;
    const { certificate } = key;
    return idpMetadata({
      entityId,
      certificate,
      ssoUrl: `${baseUrl}/sso`,
      ssoBindings,
      nameIdFormat: defaultFormat,
      wantAuthnRequestsSigned: providers.some((provider) => provider.certificate !== undefined),
    });
  }

  const basePath = (): string => new URL(baseUrl).pathname.replace(/\/$/, '');
  const handle = createRoutes({ directory, providers, basePath, metadata, answer });

  async function login(begun: BegunLogin, user: string): Promise<SubmittedForm> {
    const url = new URL(begun.kind === 'redirect' ? begun.url : begun.action);
    const body = new URLSearchParams({ ...(begun.kind === 'form' ? begun.fields : {}), user });
    const response = await handle(new Request(url, { method: 'POST', body }));
    const html = await response.text();
    if (!response.ok) {
      throw new TypeError(`the identity provider refuses: ${unescapeHtml(/<p>([^<]*)<\/p>/.exec(html)?.[1] ?? html)}`);
    }
    return submitForm(html);
  }

  return {
    entityId,
    ...key,
    get baseUrl() {
      return baseUrl;
    },
    get ssoUrl() {
      return `${baseUrl}/sso`;
    },
    get users() {
      return directory.all;
    },
    addUser: (user) => directory.add(user),
    updateUser: (id, changes) => directory.update(id, changes),
    removeUser: (id) => directory.remove(id),
    addServiceProvider: (provider) => {
      expectProvider(provider);
      providers.push(provider);
    },
    metadata,
    responseXml,
    respond,
    handle,
    login,
    listen: async (port = 0) => {
      const listening = await listen(handle, port);
      if (options.baseUrl === undefined) baseUrl = listening.url;
      return listening;
    },
  };
}
