export { ConfigurationError, type ConfigurationIssue, type ConfigurationPath } from './configuration-error.ts';
export { type CertificateStatus, certificateStatus } from './connections/certificate-status.ts';
export type {
  AttributeMapping,
  AttributeSource,
  ClearableField,
  Connection,
  ConnectionSecurity,
  CustomAttributeSource,
  CustomAttributeType,
  IdentityProvider,
  PresetName,
  ProvisioningPolicy,
  SignatureHash,
  SyncedField,
} from './connections/connection.ts';
export type {
  ConnectionInput,
  CustomAttributeInput,
  FlatPolicyInput,
  IdentityProviderInput,
  MappingInput,
  PolicyInput,
  SecurityInput,
  SourceInput,
} from './connections/input.ts';
export type { ConnectionQuery, ConnectionStore } from './connections/registry.ts';
export { type ConnectionDefaults, type ConnectionOptions, parseConnection } from './connections/schema.ts';
export type { KeyDetails, SamlErrorDetails } from './error-details.ts';
export {
  SamlError,
  type SamlErrorCode,
  type SamlErrorConstructor,
  type SamlErrorInfo,
  type SamlErrorOf,
} from './errors.ts';
export {
  type CustomAttributeFields,
  type CustomAttributeValues,
  readCustomAttributes,
} from './provisioning/custom-attributes.ts';
export {
  type Acceptance,
  type Decision,
  decide,
  type FieldReason,
  type Note,
  type Situation,
} from './provisioning/decide.ts';
export { normalizeEmail } from './provisioning/email.ts';
export type { ExplainedField } from './provisioning/explain-fields.ts';
export type { EmailProblem, Groups, Profile } from './provisioning/profile.ts';
export { type Rejection, type RejectReason, reject } from './provisioning/reject.ts';
export type { SubjectProblem } from './provisioning/subject.ts';
export {
  type Account,
  type AuditRecord,
  type Changes,
  type FieldChange,
  type Identity,
  LastRoleHolder,
  type NewUser,
  type Provenance,
  SeatLimitReached,
  UserConflict,
  type UserStore,
} from './provisioning/user-store.ts';
export type { Assertion, AssertionAttribute, AssertionSession, AssertionSubject } from './saml/assertion.ts';
export type { AuthnRequestMessage } from './saml/authn-request.ts';
export type { MessageSigning } from './saml/bindings.ts';
export { type CreateAuthnRequestOptions, createAuthnRequest } from './saml/create-authn-request.ts';
export { createServiceProviderMetadata } from './saml/create-service-provider-metadata.ts';
export { explainResponse, type ResponseExplanation } from './saml/explain.ts';
export { type IdpMetadata, type MetadataEndpoints, parseIdpMetadata } from './saml/idp-metadata.ts';
export type { ReplayCache } from './saml/replay-cache.ts';
export { validateResponse } from './saml/response.ts';
export type { RequireSigned, ValidateResponseOptions } from './saml/response-options.ts';
export type { ServiceProviderMetadataOptions } from './saml/sp-metadata.ts';
export type { ExplainedRule } from './saml/trace.ts';
export { createSso } from './sso/create-sso.ts';
export type { SsoEvent, SsoEventBody } from './sso/events.ts';
export type {
  AccountAction,
  BeginLoginOptions,
  CompleteLoginInput,
  ExplainDraft,
  ExplainInput,
  Explanation,
  FormStart,
  KeyAndCertificate,
  LoginAccepted,
  LoginRejected,
  LoginRestarted,
  LoginResult,
  LoginStart,
  LoginTarget,
  LoginUnavailable,
  Organization,
  RedirectStart,
  SamlSession,
  Sso,
  SsoOptions,
  StaleQuery,
} from './sso/types.ts';
export type { AccountInput, CompleteUserStore, EditableUserStore } from './stores/complete-store.ts';
export {
  type MemoryUserStore,
  type MemoryUserStoreOptions,
  memoryUserStore,
} from './stores/memory.ts';
export { type MemoryReplayCacheOptions, memoryReplayCache } from './stores/memory-replay-cache.ts';
export type { DecryptionPair } from './xml/decryption-pairs.ts';
export type { Limits } from './xml/limits.ts';
