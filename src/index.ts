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
  CompleteConnectionStore,
  ConnectionPage,
  ConnectionQuery,
  ConnectionStore,
  ConnectionStoreOptions,
  StorableConnection,
  StoredConnection,
} from './connections/connection-store.ts';
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
export { type ConnectionDefaults, type ConnectionOptions, parseConnection } from './connections/schema.ts';
export type { KeyDetails, SamlErrorDetails } from './error-details.ts';
export {
  SamlError,
  type SamlErrorCode,
  type SamlErrorConstructor,
  type SamlErrorInfo,
  type SamlErrorOf,
} from './errors.ts';
export { type SsoHandlerOptions, ssoHandler } from './http/sso-handler.ts';
export type { HttpAnswer, HttpHandler, HttpRequest, HttpResponse } from './http/types.ts';
export {
  type CustomAttributeFields,
  type CustomAttributeValues,
  readCustomAttributes,
} from './provisioning/custom-attributes.ts';
export { decide } from './provisioning/decide.ts';
export type {
  Acceptance,
  AcceptanceDetails,
  CreateDecision,
  Decision,
  FieldDecision,
  FieldReason,
  Note,
  UpdateDecision,
} from './provisioning/decision.ts';
export { normalizeEmail } from './provisioning/email.ts';
export type { EmailProblem, Groups, Profile, SubjectProblem } from './provisioning/profile.ts';
export { type ReadProfileOptions, readProfile } from './provisioning/read-profile.ts';
export {
  type Rejection,
  type RejectionDetails,
  type RejectionFor,
  type RejectReason,
  type RoleDetails,
  reject,
} from './provisioning/reject.ts';
export type { Situation } from './provisioning/situation.ts';
export { LastRoleHolder, SeatLimitReached, UserConflict, type UserStoreError } from './provisioning/store-errors.ts';
export type {
  Account,
  AuditRecord,
  Changes,
  FieldChange,
  Identity,
  NewUser,
  Provenance,
  UserStore,
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
export type { JsonValue, StateKind, StatePage, StateRecord, StateStore } from './saml/state-store.ts';
export type { ExplainedRule } from './saml/trace.ts';
export type {
  ConnectionChoice,
  ConnectionEntry,
  ConnectionVerbs,
  InvalidConnectionEntry,
  LookupTarget,
  OwnCertificate,
  SaveResult,
  ServiceProvider,
  ValidConnectionEntry,
} from './sso/connection-verbs.ts';
export { createSso } from './sso/create-sso.ts';
export type { SsoEvent, SsoEventBody } from './sso/events.ts';
export type {
  BeginLoginOptions,
  CompleteLoginInput,
  ExplainDraft,
  ExplainInput,
  Explanation,
  FormStart,
  KeyAndCertificate,
  LoginAccepted,
  LoginRejected,
  LoginRejectedFor,
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
} from './sso/types.ts';
export type { AccountAction, StaleQuery, UserVerbs } from './sso/user-verbs.ts';
export type { AccountInput, CompleteUserStore, EditableUserStore } from './stores/complete-store.ts';
export {
  type MemoryUserStore,
  type MemoryUserStoreOptions,
  memoryUserStore,
} from './stores/memory.ts';
export { type MemoryConnectionStoreOptions, memoryConnectionStore } from './stores/memory-connection-store.ts';
export { type MemoryReplayCacheOptions, memoryReplayCache } from './stores/memory-replay-cache.ts';
export { type MemoryStateStoreOptions, memoryStateStore } from './stores/memory-state-store.ts';
export type { DecryptionPair } from './xml/decryption-pairs.ts';
export type { Limits } from './xml/limits.ts';
