import { SamlError } from '../errors.ts';
import type { Profile } from '../provisioning/profile.ts';
import { predict } from '../provisioning/provision.ts';
import type { Account } from '../provisioning/user-store.ts';
import type { Assertion } from '../saml/assertion.ts';
import { parseDateTime } from '../saml/date-time.ts';
import { withEvenDuration } from '../saml/decrypt-assertion.ts';
import { recordTrail } from '../saml/explain.ts';
import { namespaces } from '../saml/names.ts';
import { decodeResponse, evaluateResponse, type UnverifiedResponse } from '../saml/response.ts';
import { ApplicationFailure, calledStore } from './call-application.ts';
import { expectUnsolicitedAllowed, profileOf } from './complete-login.ts';
import { type ResolvedDraft, resolveDraft } from './draft.ts';
import { expectMetadataUsable } from './metadata-validity.ts';
import type { ResolvedSso } from './options.ts';
import { otherConnectionOf } from './other-connection.ts';
import type { ExplainInput, Explanation } from './types.ts';
import { connectionFor, expectSameBrowser, validationContextFor } from './validate-login.ts';

/** Judges a message as `completeLogin` would, rule by rule, and predicts the decision. Writes and claims nothing. */
export async function explainLogin<U extends Account<string>>(
  sso: ResolvedSso<U>,
  input: ExplainInput,
): Promise<Explanation<U>> {
  const draft = draftOf(sso, input);
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
    const found = await settled(connectionFor(sso, received, input.connectionId, opened, draft?.connection));
    const connection = trail.step('connection', 'saml-jit', () => {
      if ('error' in found) throw found.error;
      return draft === null ? found.value : draft.apply(found.value);
    });
    connectionId = connection.id;
    const now = input.now === 'issued' ? (issued(received) ?? sso.now()) : (input.now ?? sso.now());
    trail.step('metadata', 'SAML Metadata 2.3.1', () => expectMetadataUsable(connection, now));
    const explainKey = await otherConnectionOf(sso, connection, received.issuer);
    const judgement = validationContextFor(sso, connection, input, { inResponseTo, opened, now, explainKey });
    const judged = await withEvenDuration(async () => evaluateResponse(received, judgement, trail));
    if (opened !== null) {
      trail.step('browser', 'SAML Profiles 4.1.5', () => expectSameBrowser(sso, opened, input.cookies));
    }
    if (inResponseTo === null) {
      trail.step('unsolicited', 'SAML Profiles 4.1.5', () => expectUnsolicitedAllowed(sso, connection, input));
    }
    if (sso.crossCheck) trail.step('crossCheck', 'saml-jit', judged.crossCheck);
    assertion = judged.assertion;
    profile = profileOf(sso, connection, judged);
    const organization = await sso.organization(connection.organizationId);
    const { decision: predicted, fields } = await predict({
      store: calledStore(sso.users),
      connection,
      organization,
      roles: sso.roles,
      profile,
      now,
    });
    decision =
      predicted.action === 'reject'
        ? { action: 'reject', reason: predicted.reason, hint: predicted.hint }
        : {
            action: predicted.action,
            user: predicted.action === 'create' ? null : predicted.user,
            changes: predicted.changes,
            notes: predicted.notes,
            fields,
          };
  } catch (error) {
    if (error instanceof ApplicationFailure) throw error.cause;
    if (!(error instanceof SamlError)) throw error;
  }
  const verdict = assertion === null || decision?.action === 'reject' ? 'reject' : 'accept';
  return { verdict, connectionId, rules: trail.rules, assertion, profile, decision };
}

/** @throws TypeError for a draft that is not valid, or an address of another connection */
function draftOf<U extends Account<string>>(sso: ResolvedSso<U>, input: ExplainInput): ResolvedDraft | null {
  if (input.draft === undefined) return null;
  const draft = resolveDraft(sso, input.draft);
  const { connection } = draft;
  if (connection !== null && input.connectionId !== undefined && input.connectionId !== connection.id) {
    throw new TypeError(
      `draft.connection.id is ${JSON.stringify(connection.id)}, and connectionId names another, ${JSON.stringify(input.connectionId)}`,
    );
  }
  return draft;
}

async function settled<T>(promise: Promise<T>): Promise<{ readonly value: T } | { readonly error: unknown }> {
  try {
    return { value: await promise };
  } catch (error) {
    return { error };
  }
}

/** When the message says that it was made. Nobody vouches for it yet, and nothing but an explanation depends on it. */
function issued({ root }: UnverifiedResponse): Date | null {
  const [assertion = root] = root.all(namespaces.assertion, 'Assertion');
  return parseDateTime(assertion.get('IssueInstant') ?? '');
}
