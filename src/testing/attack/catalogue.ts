import { claimForgeries } from './claims.ts';
import { deliveryForgeries } from './delivery.ts';
import { encryptedForgeries } from './encrypted.ts';
import type { Forgery } from './forgery.ts';
import { keyForgeries } from './keys.ts';
import { signatureForgeries } from './signatures.ts';
import { textForgeries } from './text.ts';
import { assertionWrapping } from './wrapping-assertion.ts';
import { responseWrapping } from './wrapping-response.ts';

/** Every forgery; `docs/security/attacks.md` explains the rows. */
export const forgeries: readonly Forgery[] = [
  ...assertionWrapping,
  ...responseWrapping,
  ...signatureForgeries,
  ...keyForgeries,
  ...encryptedForgeries,
  ...textForgeries,
  ...claimForgeries,
  ...deliveryForgeries,
];
