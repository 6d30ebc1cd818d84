import { makeReference } from '../lib/random-id.ts';
import { provision } from '../provisioning/provision.ts';
import type { Account } from '../provisioning/user-store.ts';
import type { Assertion } from '../saml/assertion.ts';
import { calledStore } from './call-application.ts';
import type { EvaluatedLogin } from './evaluate-login.ts';
import { readLoginProfile } from './read-login-profile.ts';
import type { ResolvedSso } from './resolved-sso.ts';
import type { LoginAccepted, LoginRejected, SamlSession } from './types.ts';

/** Creates or updates the user of a claimed response, and emits `login` or `rejected`. */
export async function provisionLogin<U extends Account<string>>(
  sso: ResolvedSso<U>,
  { connection, response }: EvaluatedLogin,
  ending: Pick<LoginAccepted<U>, 'returnTo' | 'forceAuthn' | 'expireCookies'>,
): Promise<LoginAccepted<U> | LoginRejected> {
  const { assertion } = response;
  const { id: connectionId, organizationId } = connection;
  const profile = readLoginProfile(sso, connection, response);
  const common = { profile, connectionId, organizationId, expireCookies: ending.expireCookies };
  const event = { connectionId, organizationId, assertionId: assertion.id };
  const result = await provision({
    store: calledStore(sso.users),
    connection,
    organization: await sso.organization(organizationId),
    roles: sso.roles,
    profile,
    now: sso.now(),
    assertionId: assertion.id,
  });
  if (result.outcome === 'rejected') {
    const { outcome, message, identity, ...rejection } = result;
    const reference = makeReference();
    sso.emit({ type: 'rejected', ...event, ...rejection, identity, reference });
    // Hint and details are for the operator: they must not slip into a response body.
    const hidden = { enumerable: false };
    return Object.defineProperties(
      { outcome, message, reference, ...rejection, ...common },
      { hint: hidden, details: hidden },
    );
  }
  const { outcome, user, identity, changes, notes } = result;
  sso.emit({ type: 'login', ...event, outcome, userId: user.id, identity, changes, notes });
  return {
    outcome,
    user,
    changes,
    notes,
    ...common,
    assertion,
    samlSession: sessionOf(connectionId, assertion),
    returnTo: ending.returnTo,
    forceAuthn: ending.forceAuthn,
  };
}

function sessionOf(connectionId: string, { issuer, subject, session }: Assertion): SamlSession {
  return {
    connectionId,
    issuer,
    nameId: subject?.nameId ?? null,
    nameIdFormat: subject?.format ?? null,
    nameQualifier: subject?.nameQualifier,
    spNameQualifier: subject?.spNameQualifier,
    sessionIndex: session.index,
    notOnOrAfter: session.notOnOrAfter?.toISOString(),
  };
}
