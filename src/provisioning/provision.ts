import type { Account, FieldChange, Identity } from './account.ts';
import { changedFields } from './changes.ts';
import { decide } from './decide.ts';
import type { Acceptance, Decision, FieldDecision, Note, UpdateDecision } from './decision.ts';
import { inDomains, mayNameAnyEmail } from './email.ts';
import { checkDecision } from './invariants.ts';
import { checkPreconditions } from './preconditions.ts';
import type { Rejection } from './reject.ts';
import { rolePolicy } from './roles.ts';
import type { LoginContext, Situation } from './situation.ts';
import { userStoreErrorCode } from './store-errors.ts';
import type { UserStore } from './user-store.ts';

/** Input of {@link provision}. */
export interface ProvisionInput<U extends Account<string>> extends LoginContext<U> {
  readonly store: UserStore<U>;
  /** ID of the assertion, for the audit record. */
  readonly assertionId: string;
}

/** The result of provisioning. */
export type ProvisionResult<U extends Account<string>> = Provisioned<U> | ProvisioningRefused;

/** The user may sign in. */
interface Provisioned<U extends Account<string>> {
  readonly outcome: 'created' | 'updated' | 'unchanged';
  readonly user: U;
  readonly identity: Identity;
  readonly changes: readonly FieldChange[];
  readonly notes: readonly Note[];
}

/** Policy rejects the user; nothing was written. Switch on `reason` to know the type of `details`. */
type ProvisioningRefused = RefusedFor<Rejection>;

type RefusedFor<R> = R extends Rejection
  ? Omit<R, 'action'> & {
      readonly outcome: 'rejected';
      /** `null` if the rejection preceded the look-up. */
      readonly identity: Identity | null;
    }
  : never;

// A conflict means that another login of this user was written, so the second reading settles it; the rest is a margin.
const attempts = 5;

/**
 * Finds the account, decides, and writes the decision. If another login was written in the meantime, it reads again and decides
 * anew: rules concurrent-logins, last-seat and concurrent-demotions.
 *
 * @throws TypeError if a result of the store violates an invariant
 * @throws any other error of the store, including a UserConflict that persists; nothing was written then
 */
export async function provision<U extends Account<string>>(input: ProvisionInput<U>): Promise<ProvisionResult<U>> {
  let seatsTaken: number | undefined;
  for (let attempt = 1; ; attempt++) {
    const { decision, identity } = await evaluate(input, seatsTaken);
    if (identity === null) return refusal(decision, null);
    if (decision.action === 'reject') {
      // The seats were counted after the look-up: another login of this user may have taken the last one in between.
      const isStale = decision.reason === 'seat_limit_reached' && seatsTaken === undefined;
      if (!isStale) return refusal(decision, identity);
      seatsTaken = Infinity;
      continue;
    }
    try {
      return await write(input, decision, identity);
    } catch (error) {
      const code = userStoreErrorCode(error);
      const isLostRace = code === 'user_conflict' || code === 'seat_limit_reached';
      if (!isLostRace || attempt === attempts) throw error;
      // Read again here as well: another login of this user may have taken the last seat.
      if (code === 'seat_limit_reached') seatsTaken = Infinity;
    }
  }
}

/** Predicts the decision of {@link provision}: reads and decides in the same way, and writes nothing. A rejection has no fields. */
export async function predict<U extends Account<string>>(
  input: Omit<ProvisionInput<U>, 'assertionId'>,
): Promise<{ readonly decision: Decision<U>; readonly fields: readonly FieldDecision[] }> {
  const { decision } = await evaluate(input);
  return { decision, fields: decision.action === 'reject' ? [] : (decision.fields ?? []) };
}

type Evaluated<U extends Account<string>> =
  | { readonly decision: Rejection; readonly identity: null }
  | { readonly decision: Decision<U>; readonly identity: Identity };

async function evaluate<U extends Account<string>>(
  input: Omit<ProvisionInput<U>, 'assertionId'>,
  knownSeatsTaken?: number,
): Promise<Evaluated<U>> {
  const { store, connection, organization, profile } = input;
  const checked = checkPreconditions(input);
  if ('reason' in checked) return { decision: checked, identity: null };
  const { identity } = checked;
  const { organizationId, domains } = connection;
  // Rule verified-domains: a connection must not search for addresses of other domains.
  const isSearchable = profile.email !== null && (mayNameAnyEmail(connection) || inDomains(profile.email, domains));
  const found = await store.find({ ...identity, organizationId, email: isSearchable ? profile.email : null });
  const couldBeNew = found.bySubject === null && organization.seats !== null;
  const seatsTaken = knownSeatsTaken ?? (couldBeNew ? await store.seatsTaken?.(organizationId) : undefined);
  const situation: Situation<U> = { ...loginContext(input), found, seatsTaken };
  const proposed = decide(situation);
  const decision = store.decide
    ? checkDecision(situation, identity, proposed, await store.decide(situation, proposed))
    : proposed;
  return { decision, identity };
}

// The situation is passed to the application: with the values that the decision depends on, and no others.
function loginContext<U extends Account<string>>(input: LoginContext<U>): LoginContext<U> {
  const { connection, organization, roles, profile, now } = input;
  return { connection, organization, roles, profile, now };
}

async function write<U extends Account<string>>(
  input: ProvisionInput<U>,
  decision: Acceptance<U>,
  identity: Identity,
): Promise<Provisioned<U>> {
  const { store, connection, organization } = input;
  const { changes, notes } = decision;
  const action = decision.action === 'none' ? 'login' : decision.action;
  const audit = {
    at: input.now,
    connectionId: connection.id,
    organizationId: connection.organizationId,
    assertionId: input.assertionId,
    identity,
    action,
    changes,
    notes,
  } as const;
  if (decision.action === 'create') {
    const user = await store.create(decision.write, { seats: organization.seats, audit });
    return { outcome: 'created', user, identity, changes, notes };
  }
  const lastRole = rolePolicy<NonNullable<U['role']>>(connection.policy, input.roles)?.protected ?? null;
  const demotes = decision.write.role !== undefined && decision.write.role !== decision.user.role;
  const keepLast = demotes && decision.user.role === lastRole ? lastRole : null;
  // Logins that change nothing may run concurrently: only one that overwrites a value must have read the newest state.
  const expectedVersion = action === 'update' ? decision.user.version : undefined;
  try {
    const user = await store.update(decision.user, decision.write, { keepLast, expectedVersion, audit });
    return { outcome: action === 'update' ? 'updated' : 'unchanged', user, identity, changes, notes };
  } catch (error) {
    if (userStoreErrorCode(error) !== 'last_role_holder' || keepLast === null) throw error;
    return await write(input, withoutRole(decision), identity);
  }
}

// Rule last-role-holder.
function withoutRole<U extends Account<string>>(decision: UpdateDecision<U>): UpdateDecision<U> {
  const { role: _, ...rest } = decision.write;
  const changes = changedFields(decision.user, rest);
  const notes = [...decision.notes, 'last_holder_kept'] as const;
  return { action: changes.length > 0 ? 'update' : 'none', user: decision.user, write: rest, changes, notes };
}

function refusal({ action: _, ...rejection }: Rejection, identity: Identity | null): ProvisioningRefused {
  return { outcome: 'rejected', ...rejection, identity };
}
