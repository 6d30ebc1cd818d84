export { connectionStoreCases } from './connection-store/cases.ts';
export type { ConnectionStoreUnderTest } from './connection-store/under-test.ts';
export { type ReplayCacheUnderTest, replayCacheCases } from './replay-cache.ts';
export { stateStoreCases } from './state-store/cases.ts';
export type { StateStoreUnderTest } from './state-store/under-test.ts';
export { userStoreCases } from './user-store/cases.ts';
export type { CaseContext, StoreCase, StoreNeeds, UserStoreUnderTest } from './user-store/under-test.ts';
