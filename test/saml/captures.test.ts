import { readFileSync } from 'node:fs';
import { inflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { ConnectionInput } from '../../src/connections/input.ts';
import { nameIdFormats } from '../../src/saml/names.ts';
import { validateResponse } from '../../src/saml/response.ts';
import type { ValidateResponseOptions } from '../../src/saml/response-options.ts';
import { createSso } from '../../src/sso/create-sso.ts';
import { requestCookies } from '../../src/sso/request-cookie.ts';
import { memoryUserStore } from '../../src/stores/memory.ts';
import { selfSigned } from '../../src/testing/idp/self-signed.ts';
import { encode, expectError, expectRefused, rejectionOf } from './support.ts';

/** One entry of the manifest: a message that an identity provider really sent, and what is known about it. */
interface Capture {
  readonly idp: 'lasso' | 'samlp';
  readonly case: string;
  readonly file: string;
  readonly message: 'Response' | 'LogoutRequest' | 'LogoutResponse';
  readonly expect: 'accept' | 'reject' | 'policy';
  readonly sp: string;
  readonly acs: string;
  readonly inResponseTo: string | null;
  readonly issuedAt: string;
  readonly idpCert: string;
  readonly binding: 'HTTP-POST' | 'HTTP-Redirect';
  readonly expectedEmail: string | null;
  readonly expectedGroups: readonly string[] | null;
  readonly expectedNameId: string | null;
  readonly issuer: readonly string[];
  readonly encrypted: boolean;
  readonly responseSigned: boolean;
  readonly encAlgs: readonly string[];
  readonly status: readonly string[];
  readonly sigAlgs: readonly string[];
  readonly nameIdFormat: readonly string[];
}

const read = (file: string): string => readFileSync(new URL(`../fixtures/captures/${file}`, import.meta.url), 'utf8');
const captures: readonly Capture[] = JSON.parse(read('manifest.json'));
const responses = captures.filter(({ message }) => message === 'Response');
const encrypted = responses.filter((capture) => capture.encrypted);

const bodyOf = (capture: Capture): string => {
  const { params }: { params: Record<string, string> } = JSON.parse(read(capture.file));
  return params['SAMLResponse'] ?? params['SAMLRequest'] ?? '';
};
const title = (capture: Capture): string => `${capture.idp}: ${capture.case}`;
const cases = (list: readonly Capture[]) => list.map((capture) => [title(capture), capture] as const);
const clockOf = ({ issuedAt }: Capture): Date => new Date(Date.parse(issuedAt) + 1000);

function optionsOf(capture: Capture): ValidateResponseOptions {
  return {
    identityProvider: { entityId: capture.issuer[0] ?? '', certificates: [read(capture.idpCert)] },
    serviceProvider: { entityId: capture.sp, acsUrl: capture.acs, decryptionKeys: [read('keys/sp-enc.key')] },
    inResponseTo: capture.inResponseTo,
    now: clockOf(capture),
  };
}

const emailNames = [
  'urn:oid:0.9.2342.19200300.100.1.3',
  'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress',
  'email',
];
const groupNames = ['groups', 'http://schemas.passportjs.com/groups'];

async function expectAccepted(capture: Capture, more: Partial<ValidateResponseOptions> = {}): Promise<void> {
  const assertion = await validateResponse(bodyOf(capture), { ...optionsOf(capture), ...more });
  const values = (names: readonly string[]) => names.map((name) => assertion.attributes.get(name)).find(Boolean);
  expect(assertion.issuer).toBe(capture.issuer[0]);
  // The manifest names the NameID where it is not the e-mail address.
  expect(assertion.subject?.nameId).toBe(capture.expectedNameId ?? capture.expectedEmail);
  // For encrypted content the manifest does not state the format.
  expect(assertion.subject?.format).toBe(capture.nameIdFormat[0] ?? nameIdFormats.emailAddress);
  expect(values(emailNames)).toEqual([capture.expectedEmail]);
  expect(values(groupNames)).toEqual(capture.expectedGroups);
  expect(assertion.inResponseTo ?? null).toBe(capture.inResponseTo);
  expect(assertion.audiences).toContain(capture.sp);
}

const refusals: Readonly<Record<string, readonly [Parameters<typeof expectRefused>[1], ...string[]]>> = {
  'lasso: authnfailed': ['status_not_success', 'Responder / RequestDenied', 'not assigned to this application'],
  'lasso: nopassive': ['status_not_success', 'Responder / RequestDenied'],
  'samlp: authnfailed': ['status_not_success', 'AuthnFailed', 'could not authenticate'],
  'samlp: nopassive': ['status_not_success', 'NoPassive', 'start an ordinary login'],
  'samlp: no-destination-audience-fallback': [
    'destination_mismatch',
    '"https://sp.example.test/saml/metadata"',
    '"http://127.0.0.1:8080/saml/acs"',
  ],
  'samlp: enc-unsigned': [
    'decryption_failed',
    'The message names the certificate of a configured key',
    'is not signed',
  ],
  'samlp: unsigned': ['signature_missing', 'Neither the Response nor the Assertion is signed'],
  'samlp: wrong-audience': ['audience_mismatch', '"https://sp.example.test/saml/metadata"'],
};

describe('responses of real identity providers', () => {
  it('are as many as in the manifest', () => {
    expect([responses.length, encrypted.length]).toEqual([52, 14]);
  });

  it.each(cases(responses.filter((capture) => capture.expect === 'accept')))('accepts %s', (_, capture) =>
    expectAccepted(capture),
  );

  it.each(cases(responses.filter((capture) => capture.expect === 'reject')))('refuses %s', async (name, capture) => {
    const [code, ...hinted] = refusals[name] ?? expect.fail('this capture needs its code here');
    await expectRefused(validateResponse(bodyOf(capture), optionsOf(capture)), code, ...hinted);
  });

  it.each(cases(responses.filter((capture) => capture.expect === 'policy' && !capture.encrypted)))(
    'accepts %s only where SHA-1 is allowed',
    async (_, capture) => {
      expect(capture.sigAlgs).toContain('http://www.w3.org/2000/09/xmldsig#rsa-sha1');
      await expectRefused(validateResponse(bodyOf(capture), optionsOf(capture)), 'algorithm_not_allowed', 'allowSha1');
      await expectAccepted(capture, { allowSha1: true });
    },
  );

  it.each(cases(encrypted.filter((capture) => capture.expect === 'policy')))(
    'refuses %s, whose encryption lets attackers in',
    async (_, capture) => {
      const received = capture.encAlgs.find((uri) => /#(?:rsa-1_5|tripledes-cbc)$/.test(uri)) ?? expect.fail();
      await expectRefused(validateResponse(bodyOf(capture), optionsOf(capture)), 'algorithm_not_allowed', received);
    },
  );

  it.each(cases(responses.filter((capture) => capture.expect === 'accept')))(
    'refuses %s by a key that is not pinned',
    async (_, capture) => {
      const other = capture.idp === 'lasso' ? 'keys/samlp.crt' : 'keys/lasso.crt';
      const { identityProvider, ...rest } = optionsOf(capture);
      const withOtherCertificate = { ...rest, identityProvider: { ...identityProvider, certificates: [read(other)] } };
      const refused = validateResponse(bodyOf(capture), withOtherCertificate);
      if (capture.encrypted && !capture.responseSigned)
        return expectRefused(refused, 'decryption_failed', 'is not signed');
      return expectRefused(refused, 'untrusted_certificate', 'Configured: ');
    },
  );

  it.each(cases(encrypted))('refuses %s without a key that opens it', async (_, capture) => {
    const { serviceProvider, ...rest } = optionsOf(capture);
    const withKeys = (decryptionKeys: readonly string[]) =>
      validateResponse(bodyOf(capture), { ...rest, serviceProvider: { ...serviceProvider, decryptionKeys } });
    await expectRefused(withKeys([]), 'decryption_key_missing', 'give the identity provider its certificate');
    if (capture.expect === 'policy') return;
    const other = selfSigned().privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const hint = 'names a certificate that belongs to none of the configured keys';
    await expectRefused(withKeys([other]), 'decryption_failed', hint);
  });

  it.each(cases(captures.filter(({ message }) => message !== 'Response')))(
    'refuses %s, a logout message posted to the AssertionConsumerService',
    async (_, capture) => {
      const body = bodyOf(capture);
      const posted = capture.binding === 'HTTP-POST' ? body : encode(inflate(body));
      const hints = [`received <${capture.message}>`, 'set the single logout URL, not the ACS URL'];
      await expectRefused(validateResponse(posted, optionsOf(capture)), 'unexpected_message', ...hints);
      if (capture.binding === 'HTTP-Redirect') {
        const asSent = validateResponse(body, optionsOf(capture));
        await expectRefused(asSent, 'invalid_encoding', 'DEFLATE-compressed');
      }
    },
  );
});

function inflate(base64: string): string {
  return inflateRawSync(Buffer.from(base64, 'base64'), { maxOutputLength: 1 << 20 }).toString();
}

const secret = 'a secret of more than thirty-two characters';

/** Posts a capture to an application that knows of its identity provider no more than its metadata, and `settings`. */
async function login(capture: Capture, settings: Omit<ConnectionInput, 'idp'> = {}) {
  const now = () => clockOf(capture);
  const users = memoryUserStore();
  const idp = { metadata: read(`${capture.idp}/metadata.xml`) };
  const policy = { idpInitiated: 'allow' } as const;
  const connections = { idp, policy, ...settings };
  const sso = createSso({
    baseUrl: 'http://127.0.0.1:8080/saml',
    entityId: capture.sp,
    secret,
    connections,
    decryption: { privateKey: read('keys/sp-enc.key'), certificate: read('keys/sp-enc.crt') },
    users,
    now,
  });
  const cookies = capture.inResponseTo === null ? undefined : cookieOf(capture, capture.inResponseTo);
  const result = await sso.completeLogin({ samlResponse: bodyOf(capture), cookies });
  return { result, users: await users.list('default') };
}

/** The cookie of the browser that began the login of a capture. */
function cookieOf(capture: Capture, requestId: string): string | undefined {
  const { seal } = requestCookies({
    secrets: [secret],
    application: 'http://127.0.0.1:8080/saml',
    secure: false,
    lifetimeSeconds: 1800,
    now: () => clockOf(capture),
  });
  const forceAuthn = capture.case === 'forceauthn';
  const issuedAt = new Date(capture.issuedAt);
  const pending = { requestId, connectionId: 'default', returnTo: '/welcome', issuedAt, forceAuthn, restarted: false };
  return seal({ purpose: 'login', ...pending }, undefined).split(';')[0];
}

describe('an application that is given the metadata and no mapping', () => {
  const good = responses.filter((capture) => capture.expect === 'accept');
  const transient = good.filter(({ nameIdFormat }) => nameIdFormat[0]?.endsWith(':transient'));
  const lasting = good.filter((capture) => !transient.includes(capture));
  const person = { email: 'alice@example.test', name: 'Alice Liddell', role: null, status: 'active' };

  it.each(cases(lasting))('creates the account from %s', async (_, capture) => {
    const { result, users } = await login(capture);
    if (result.outcome !== 'created') return expect.fail(result.outcome);
    expect(result.user).toMatchObject(person);
    expect(result.returnTo).toBe(capture.inResponseTo === null ? '/' : '/welcome');
    const sent = groupNames.some((name) => result.assertion.attributes.has(name));
    expect(result.profile.groups).toEqual(
      sent ? { kind: 'values', values: capture.expectedGroups } : { kind: 'absent' },
    );
    expect(users).toEqual([result.user]);
  });

  it.each(cases(transient))('does not use the transient NameID of %s as key', async (_, capture) => {
    const refused = await login(capture);
    expect(refused.result).toMatchObject({ outcome: 'rejected', reason: 'subject_missing' });
    expect(refused.users).toEqual([]);
    const trusted = await login(capture, { domains: ['example.test'] });
    expect(trusted.result).toMatchObject({ outcome: 'created', user: person, profile: { subjectSource: 'email' } });
  });

  it.each(cases(responses.filter((capture) => capture.expect !== 'accept')))(
    'creates no account from %s',
    async (name, capture) => {
      const error = await rejectionOf(login(capture));
      expectError(error, refusals[name]?.[0] ?? 'algorithm_not_allowed');
    },
  );
});
