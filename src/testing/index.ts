export { element, type XmlFragment } from '../xml/write.ts';
export type { EncryptionStyle } from './encrypt.ts';
export { type AttackReport, attack } from './forgeries/attack.ts';
export type { BegunAttempt } from './forgeries/browser.ts';
export { forgeries } from './forgeries/catalogue.ts';
export type { Delivery, Forgery, Reaction, Who } from './forgeries/forgery.ts';
export {
  type AttackedServiceProvider,
  type ForgeryMaterial,
  type ForgeryMaterialOptions,
  forgeryMaterial,
  type SigningMode,
} from './forgeries/material.ts';
export type { AnsweredBrowser, AttackOptions, Attempt } from './forgeries/options.ts';
export { type SubmittedForm, submitForm } from './form.ts';
export { createTestIdp } from './idp.ts';
export type { Listening } from './listen.ts';
export type { TestServiceProvider } from './pages.ts';
export { type ReplayCacheUnderTest, replayCacheCases } from './replay-cache-cases.ts';
export type { Instant, ResponseContents, ResponseOverrides } from './response-contents.ts';
export { type KeyPair, type KeyType, type SelfSignedOptions, selfSigned } from './self-signed.ts';
export type { SigningStyle } from './sign-response.ts';
export type { CaseContext, StoreCase, StoreNeeds, UserStoreUnderTest } from './store-cases/under-test.ts';
export { userStoreCases } from './store-cases.ts';
export type { BegunLogin, RespondOptions, TestIdp, TestIdpOptions } from './test-idp.ts';
export type { TestAttribute, TestUser } from './users.ts';
export type { Signs } from './vendors.ts';
