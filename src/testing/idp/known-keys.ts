import { expectKnownKeys } from '../../configuration-error.ts';
import type { TestServiceProvider } from './pages.ts';
import type { ResponseContents } from './response-contents.ts';
import type { SigningStyle } from './sign-response.ts';
import type { RespondOptions, TestIdpOptions } from './test-idp.ts';

// Written as records, so that the compiler reports a key that is missing here.
type Keys<T> = Readonly<Record<keyof T, true>>;

const signing: Keys<SigningStyle> = {
  signs: true,
  signatureAlgorithm: true,
  digestAlgorithm: true,
  canonicalization: true,
  inclusivePrefixes: true,
  signaturePrefix: true,
  allowSha1: true,
};
const contents: Keys<ResponseContents> = {
  id: true,
  assertionId: true,
  issueInstant: true,
  issuer: true,
  assertionIssuer: true,
  destination: true,
  responseInResponseTo: true,
  status: true,
  assertion: true,
  nameId: true,
  nameIdFormat: true,
  nameQualifier: true,
  spNameQualifier: true,
  confirmationMethod: true,
  recipient: true,
  confirmationInResponseTo: true,
  confirmationNotBefore: true,
  confirmationNotOnOrAfter: true,
  notBefore: true,
  notOnOrAfter: true,
  audiences: true,
  authnInstant: true,
  sessionIndex: true,
  sessionNotOnOrAfter: true,
  authnContext: true,
  attributes: true,
  extraAssertionChildren: true,
  extraResponseChildren: true,
};
const respond: Keys<RespondOptions> = {
  user: true,
  acsUrl: true,
  audience: true,
  inResponseTo: true,
  now: true,
  encryption: true,
  key: true,
  mutateBeforeSigning: true,
  ...contents,
  ...signing,
};
const idp: Keys<TestIdpOptions> = {
  entityId: true,
  baseUrl: true,
  vendor: true,
  users: true,
  serviceProviders: true,
  key: true,
  keyType: true,
  nameIdFormat: true,
  ssoBindings: true,
  now: true,
  ...signing,
};
const provider: Keys<TestServiceProvider> = {
  entityId: true,
  acsUrl: true,
  name: true,
  certificate: true,
  encryptionCertificate: true,
  encryption: true,
  relayState: true,
};

/** A misspelt key would make a genuine response, and a test that proves nothing. @throws TypeError, here and below */
export function expectRespondOptions(options: RespondOptions): void {
  expectKnownKeys('respond', options, Object.keys(respond));
}

export function expectIdpOptions(options: TestIdpOptions): void {
  expectKnownKeys('createTestIdp', options, Object.keys(idp));
  for (const each of options.serviceProviders ?? []) expectProvider(each);
}

export function expectProvider(options: TestServiceProvider): void {
  expectKnownKeys('service provider', options, Object.keys(provider));
}
