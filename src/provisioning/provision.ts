import { changedFields } from './changes.ts';
import { decide } from './decide.ts';
import { inDomains, mayNameAnyEmail } from './email.ts';
import { type ExplainedField, explainFields } from './explain-fields.ts';
import { checkDecision } from './invariants.ts';
import { checkPreconditions } from './preconditions.ts';
import type { Rejection } from './reject.ts';
import { rolePolicy } from './roles.ts';
import type { Acceptance, Arrival, Decision, Note, Situation } from './situation.ts';
import {
  type Account,
  type FieldChange,
  type Identity,
  LastRoleHolder,
  SeatLimitReached,
  UserConflict,
  type UserStore,
} from './user-store.ts';

/** Input of {@link provision}. */
export interface ProvisionInput<U extends Account<string>> extends Arrival<U> {
  readonly store: UserStore<U>;
  /** ID of the assertion, for the audit record. */
  readonly assertionId: string;
}

/** What a login came to. */
export type ProvisionResult<U extends Account<string>> = Provisioned<U> | ProvisioningRefused;

/** The user may sign in. */
export interface Provisioned<U extends Account<string>> {
  readonly outcome: 'created' | 'updated' | 'unchanged';
  readonly user: U;
  readonly identity: Identity;
  readonly changes: readonly FieldChange[];
  readonly notes: readonly Note[];
}

/** Policy refuses the person; nothing was written. */
export interface ProvisioningRefused extends Omit<Rejection, 'action'> {
  readonly outcome: 'rejected';
  /** `null` if the refusal came before there was one. */
  readonly identity: Identity | null;
}

// Each conflict means that another login of this person got through, so the second reading settles it; more is patience.
const attempts = 5;

/**
 * Finds the person, decides, and writes the decision; reads again when another login was faster (rows 27 to 29).
 *
 * @throws TypeError if an answer of the store breaks an invariant
 * @throws whatever else the store throws, {@link UserConflict} too if it does not settle; nothing was written then
 */
export async function provision<U extends Account<string>>(input: ProvisionInput<U>): Promise<ProvisionResult<U>> {
  let seatsTaken: number | undefined;
  for (let attempt = 1; ; attempt++) {
    const { decision, identity } = await evaluate(input, seatsTaken);
    if (identity === null) return refusal(decision, null);
    if (decision.action === 'reject') {
      // The count is younger than the look-up: the last seat may have gone to this very person in between.
      const isStale = decision.reason === 'seat_limit_reached' && seatsTaken === undefined;
      if (!isStale) return refusal(decision, identity);
      seatsTaken = Infinity;
      continue;
    }
    try {
      return await write(input, decision, identity);
    } catch (error) {
      const lostRace = error instanceof UserConflict || error instanceof SeatLimitReached;
      if (!lostRace || attempt === attempts) throw error;
      // Read again here as well: the last seat may have gone to this very person.
      if (error instanceof SeatLimitReached) seatsTaken = Infinity;
    }
  }
}

/** What {@link provision} would do now: the same reading and deciding, nothing written. No fields of a refusal. */
export async function predict<U extends Account<string>>(
  input: Omit<ProvisionInput<U>, 'assertionId'>,
): Promise<{ readonly decision: Decision<U>; readonly fields: readonly ExplainedField[] }> {
  const { decision, situation } = await evaluate(input);
  const refused = situation === null || decision.action === 'reject';
  return { decision, fields: refused ? [] : explainFields(situation, decision) };
}

type Evaluated<U extends Account<string>> =
  | { readonly decision: Rejection; readonly identity: null; readonly situation: null }
  | { readonly decision: Decision<U>; readonly identity: Identity; readonly situation: Situation<U> };

async function evaluate<U extends Account<string>>(
  input: Omit<ProvisionInput<U>, 'assertionId'>,
  knownSeatsTaken?: number,
): Promise<Evaluated<U>> {
  const { store, connection, organization, profile } = input;
  const screened = checkPreconditions(input);
  if ('reason' in screened) return { decision: screened, identity: null, situation: null };
  const { identity } = screened;
  const { organizationId, domains } = connection;
  // No connection may ask about addresses that are not its own to ask about.
  const askable = profile.email !== null && (mayNameAnyEmail(connection) || inDomains(profile.email, domains));
  const found = await store.find({ ...identity, organizationId, email: askable ? profile.email : null });
  const couldBeNew = found.bySubject === null && organization.seats !== null;
  const seatsTaken = knownSeatsTaken ?? (couldBeNew ? await store.seatsTaken?.(organizationId) : undefined);
  const situation: Situation<U> = { ...arrival(input), found, seatsTaken };
  const proposed = decide(situation);
  const decision = store.decide
    ? checkDecision(situation, identity, await store.decide(situation, proposed))
    : proposed;
  return { decision, identity, situation };
}

// A situation is handed to the application: it gets what the decision depends on, and nothing else.
function arrival<U extends Account<string>>({ connection, organization, roles, profile, now }: Arrival<U>): Arrival<U> {
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
  // Logins that change nothing may run side by side: only one that overwrites something must have seen the newest state.
  const expectedVersion = action === 'update' ? decision.user.version : undefined;
  try {
    const user = await store.update(decision.user, decision.write, { keepLast, expectedVersion, audit });
    return { outcome: action === 'update' ? 'updated' : 'unchanged', user, identity, changes, notes };
  } catch (error) {
    if (!(error instanceof LastRoleHolder) || keepLast === null) throw error;
    return await write(input, withoutRole(decision), identity);
  }
}

// Row 10.
function withoutRole<U extends Account<string>>(decision: Exclude<Acceptance<U>, { action: 'create' }>): Acceptance<U> {
  const { role: _, ...rest } = decision.write;
  const changes = changedFields(decision.user, rest);
  const notes = [...decision.notes, 'last_holder_kept'] as const;
  return { action: changes.length > 0 ? 'update' : 'none', user: decision.user, write: rest, changes, notes };
}

function refusal({ reason, message, hint }: Rejection, identity: Identity | null): ProvisioningRefused {
  return { outcome: 'rejected', reason, message, hint, identity };
}
