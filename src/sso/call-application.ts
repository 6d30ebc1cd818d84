import type { Decision } from '../provisioning/decision.ts';
import { userStoreErrorCode } from '../provisioning/store-errors.ts';
import type { Account, UserStore } from '../provisioning/user-store.ts';

/** A function of the application failed. Its `cause` is the value that the function threw. */
export class ApplicationFailure extends Error {
  override readonly name = 'ApplicationFailure';
  /** Name in the application's terms, e.g. `users.find`. */
  readonly functionName: string;

  constructor(functionName: string, cause: unknown) {
    super(`${functionName} failed`, { cause });
    this.functionName = functionName;
  }
}

/**
 * Calls a function of the application, so that its failures can be distinguished from errors of this package.
 *
 * @throws ApplicationFailure for everything that it throws, except the errors of the user store's contract
 */
export async function callApplication<T>(functionName: string, call: () => T | Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw isContractError(error) ? error : new ApplicationFailure(functionName, error);
  }
}

/** `UserConflict`, `SeatLimitReached` or `LastRoleHolder`: a user store throws them on purpose. */
export function isContractError(error: unknown): boolean {
  return userStoreErrorCode(error) !== null;
}

/** Wraps the functions of a user store that a login calls in {@link callApplication}, and checks the type of each result. */
export function calledStore<U extends Account<string>>(users: UserStore<U>): UserStore<U> {
  const { decide, seatsTaken } = users;
  return {
    find: (key) => callApplication('users.find', async () => expectFound(await users.find(key))),
    create: (user, guard) =>
      callApplication('users.create', async () => expectAccount('create', await users.create(user, guard))),
    update: (user, changes, guard) =>
      callApplication('users.update', async () => expectAccount('update', await users.update(user, changes, guard))),
    ...(decide && {
      decide: (situation, proposed) =>
        callApplication('users.decide', async () => expectDecision(await decide.call(users, situation, proposed))),
    }),
    ...(seatsTaken && {
      seatsTaken: (organizationId) => callApplication('users.seatsTaken', () => seatsTaken.call(users, organizationId)),
    }),
  };
}

function expectFound<U extends Account<string>>(found: Awaited<ReturnType<UserStore<U>['find']>>): typeof found {
  if (!isObject(found) || found.bySubject === undefined || found.byEmail === undefined)
    throw new TypeError('find() must resolve to { bySubject, byEmail }, each an account or null');
  for (const account of [found.bySubject, found.byEmail]) if (account !== null) expectAccount('find', account);
  return found;
}

function expectAccount<U extends Account<string>>(name: string, account: U): U {
  const missing = isObject(account)
    ? [
        ...(['id', 'organizationId', 'email'] as const).filter((field) => typeof account[field] !== 'string'),
        ...(Array.isArray(account.identities) ? [] : ['identities']),
      ]
    : null;
  if (missing?.length === 0) return account;
  const received = missing === null ? String(account) : `an object without ${missing.join(', ')}`;
  throw new TypeError(
    `${name}() must give accounts, each with id, organizationId, email and identities; received ${received}`,
  );
}

function expectDecision<U extends Account<string>>(decision: Decision<U>): Decision<U> {
  const actions = ['create', 'update', 'none', 'reject'];
  const complete =
    isObject(decision) &&
    actions.includes(decision.action) &&
    (decision.action === 'reject' || isObject(decision.write)) &&
    (decision.action === 'reject' || decision.action === 'create' || isObject(decision.user));
  if (complete) return decision;
  throw new TypeError('decide() must resolve to a Decision: the proposed one, or { ...proposed, ... } or reject(...)');
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
