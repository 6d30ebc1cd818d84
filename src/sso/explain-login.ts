import { SamlError } from '../errors.ts';
import type { Profile } from '../provisioning/profile.ts';
import { predict } from '../provisioning/provision.ts';
import type { Account } from '../provisioning/user-store.ts';
import type { Assertion } from '../saml/assertion.ts';
import { withEvenDuration } from '../saml/decrypt-assertion.ts';
import { recordTrail } from '../saml/explain.ts';
import { decodeResponse, judgeResponse } from '../saml/response.ts';
import { expectUnsolicitedAllowed, profileOf } from './complete-login.ts';
import { connectionFor, expectSameBrowser, judgementFor } from './judge-login.ts';
import type { ResolvedSso } from './options.ts';
import type { CompleteLoginInput, Explanation } from './types.ts';

/** Judges a message as `completeLogin` would, rule by rule, and predicts the decision. Writes and claims nothing. */
export async function explainLogin<U extends Account<string>>(
  sso: ResolvedSso<U>,
  input: CompleteLoginInput & { readonly inResponseTo?: string | null | undefined; readonly now?: Date | undefined },
): Promise<Explanation<U>> {
  const trail = recordTrail();
  let connectionId: string | null = null;
  let assertion: Assertion | null = null;
  let profile: Profile | null = null;
  let decision: Explanation<U>['decision'] = null;
  try {
    const received = decodeResponse(input.samlResponse, sso.limits, trail);
    // A stored message is judged as an answer to whatever it says it answers; with cookies, as this browser's.
    const inResponseTo = input.inResponseTo === undefined ? received.inResponseTo : input.inResponseTo;
    const opened =
      inResponseTo === null || input.cookies === undefined ? null : sso.cookies.open(input.cookies, inResponseTo);
    const found = await connectionFor(sso, received, input.connectionId, opened).catch((error: unknown) => error);
    const connection = trail.step('connection', 'saml-jit', () => {
      if (found instanceof Error) throw found;
      return found as Awaited<ReturnType<typeof connectionFor>>;
    });
    connectionId = connection.id;
    const now = input.now ?? sso.now();
    const judgement = judgementFor(sso, connection, input, { inResponseTo, opened, now });
    const judged = await withEvenDuration(async () => judgeResponse(received, judgement, trail));
    if (opened !== null) {
      trail.step('browser', 'SAML Profiles 4.1.5', () => expectSameBrowser(sso, opened, input.cookies));
    }
    if (inResponseTo === null) {
      trail.step('unsolicited', 'SAML Profiles 4.1.5', () => expectUnsolicitedAllowed(sso, connection, input));
    }
    if (sso.crossCheck) trail.step('crossCheck', 'saml-jit', judged.crossCheck);
    assertion = judged.assertion;
    profile = profileOf(connection, judged);
    const organization = await sso.organization(connection.organizationId);
    const predicted = await predict({ store: sso.users, connection, organization, roles: sso.roles, profile, now });
    decision =
      predicted.action === 'reject'
        ? { action: 'reject', reason: predicted.reason, hint: predicted.hint }
        : {
            action: predicted.action,
            user: predicted.action === 'create' ? null : predicted.user,
            changes: predicted.changes,
            notes: predicted.notes,
          };
  } catch (error) {
    if (!(error instanceof SamlError)) throw error;
  }
  const verdict = assertion === null || decision?.action === 'reject' ? 'reject' : 'accept';
  return { verdict, connectionId, rules: trail.rules, assertion, profile, decision };
}
