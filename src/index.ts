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
export { SamlError, type SamlErrorCode, type SamlErrorInfo } from './errors.ts';
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
export { type ExplainedRule, explainResponse, type ResponseExplanation } from './saml/explain.ts';
export { type IdpMetadata, type MetadataEndpoints, parseIdpMetadata } from './saml/idp-metadata.ts';
export type { ReplayCache } from './saml/replay-cache.ts';
export { validateResponse } from './saml/response.ts';
export type { RequireSigned, ValidateResponseOptions } from './saml/response-options.ts';
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
