import { setImmediate } from 'node:timers/promises';
import type { ReplayCache } from '../../../src/saml/replay-cache.ts';
import { memoryReplayCache } from '../../../src/stores/memory-replay-cache.ts';

/** A replay cache with one defect, and the case that must catch it. */
interface DefectiveCache {
  readonly make: (now: () => Date) => ReplayCache;
  readonly caughtBy: string;
}

/** Claims another key, or for another time. */
function claiming(caughtBy: string, change: (key: string, ttl: number) => [key: string, ttl: number]): DefectiveCache {
  const make = (now: () => Date): ReplayCache => {
    const cache = memoryReplayCache({ now });
    return { claim: async (key, ttlSeconds) => cache.claim(...change(key, ttlSeconds)) };
  };
  return { make, caughtBy };
}

/** A table of expiry times, used in a way of its own. */
function table(
  caughtBy: string,
  claim: (table: Map<string, number>, key: string, ttl: number, now: number) => unknown,
) {
  const make = (now: () => Date): ReplayCache => {
    const times = new Map<string, number>();
    return {
      async claim(key, ttl) {
        if (!(ttl > 0)) throw new TypeError('ttlSeconds must be a positive number');
        return (await claim(times, key, ttl, now().getTime() / 1000)) === true;
      },
    };
  };
  return { make, caughtBy };
}

export const cacheDefects: Readonly<Record<string, DefectiveCache>> = {
  'knows nothing': {
    make: () => ({ claim: async () => true }),
    caughtBy: 'claim: true the first time, then false',
  },
  'has one key': claiming('claim: different keys are independent', (_, ttl) => ['', ttl]),
  'looks before it writes': table(
    'claim: of 50 concurrent claims exactly one is true',
    async (times, key, ttl, now) => {
      const taken = await setImmediate((times.get(key) ?? 0) > now);
      if (!taken) times.set(key, now + ttl);
      return !taken;
    },
  ),
  'folds case': claiming('claim: keys of any characters are distinct', (key, ttl) => [key.toLowerCase(), ttl]),
  'trims keys': claiming('claim: keys of any characters are distinct', (key, ttl) => [key.trim(), ttl]),
  'cuts keys': claiming('claim: keys of 10 KB that differ in the last character', (key, ttl) => [
    key.slice(0, 255),
    ttl,
  ]),
  'never forgets': claiming('claim: true again after it has expired', (key, ttl) => [key, ttl * 1000]),
  'rounds down': claiming('claim: lasts for fractions of a second, never shorter', (key, ttl) => [
    key,
    Math.floor(ttl) || Number.MIN_VALUE,
  ]),
  'counts milliseconds in 32 bits': table('claim: lasts for 30 days and more', (times, key, ttl, now) => {
    const taken = (times.get(key) ?? 0) > now;
    if (!taken) times.set(key, now + ((ttl * 1000) | 0) / 1000);
    return !taken;
  }),
  'prolongs what it refuses': table(
    'claim: a refused claim does not change the expiry of the first',
    (times, key, ttl, now) => {
      const taken = (times.get(key) ?? 0) > now;
      times.set(key, now + ttl);
      return !taken;
    },
  ),
  'forgets when it is full': table('claim: no unexpired key is dropped among 1,000 others', (times, key, ttl, now) => {
    const taken = (times.get(key) ?? 0) > now;
    if (!taken) times.set(key, now + ttl);
    for (const oldest of times.keys()) if (times.size > 500) times.delete(oldest);
    return !taken;
  }),
  'takes any time': claiming('claim: a ttlSeconds of 0 is a TypeError, and claims nothing', (key, ttl) => [
    key,
    ttl > 0 ? ttl : 1,
  ]),
};
