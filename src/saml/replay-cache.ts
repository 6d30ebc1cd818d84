/**
 * Records used assertions and requests, so that each is accepted once (SAML Profiles 4.1.4.5).
 *
 * Several processes must share it: an implementation over Redis is `SET key 1 NX EX ttl`.
 */
export interface ReplayCache {
  /**
   * Claims `key` for `ttlSeconds`. Resolves to `true` the first time and to `false` while the claim lasts. Atomic.
   * It never drops an unexpired key: a full cache throws, and the login is refused.
   */
  claim(key: string, ttlSeconds: number): Promise<boolean>;
}
