export {
  type IoredisClient,
  type NodeRedisClient,
  type RedisReplayCacheOptions,
  redisReplayCache,
} from './redis-replay-cache.ts';
export { type NodeRedisStateClient, type RedisStateStoreOptions, redisStateStore } from './redis-state-store.ts';
