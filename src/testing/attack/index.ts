export { type AttackReport, attack } from './attack.ts';
export type { BegunAttempt } from './browser.ts';
export { forgeries } from './catalogue.ts';
export type { Delivery, Forgery, Reaction, Who } from './forgery.ts';
export {
  type AttackedServiceProvider,
  type ForgeryMaterial,
  type ForgeryMaterialOptions,
  forgeryMaterial,
  type SigningMode,
} from './material.ts';
export type { AnsweredBrowser, AttackOptions, Attempt } from './options.ts';
