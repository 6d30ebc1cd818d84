import type { KeyObject } from 'node:crypto';
import type { TrustedKey } from './certificates.ts';
import type { Limits } from './limits.ts';

/** What a signature is verified against. */
export interface SignatureTrust {
  /** The pinned keys. */
  readonly keys: readonly TrustedKey[];
  /** Fingerprints of the application's own certificates, to explain a failure if one is pinned by mistake. */
  readonly ownFingerprints?: ReadonlySet<string> | undefined;
  /**
   * Returns what the caller knows about a key that is not pinned: a sentence for the hint, without a full stop. The key is
   * `null` if the message does not name its certificate.
   */
  readonly explainKey?: ((key: KeyObject | null) => string | undefined) | undefined;
  readonly allowSha1: boolean;
  readonly limits: Limits;
}
