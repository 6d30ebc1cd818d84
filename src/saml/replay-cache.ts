/**
 * Remembers which assertions and requests were used, so that each counts once (SAML Profiles 4.1.4.5).
 *
 * With several processes it must be shared: an implementation over Redis is `SET key 1 NX EX ttl`.
 */
export interface ReplayCache {
  /**
   * Claims `key` for `ttlSeconds`. Resolves to `true` the first time and to `false` while the claim lasts. Atomic.
   * Never forgets an unexpired key: a cache that is full throws, and the login is refused.
   */
  claim(key: string, ttlSeconds: number): Promise<boolean>;
}
