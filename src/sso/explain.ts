import { SamlError } from '../errors.ts';
import type { Profile } from '../provisioning/profile.ts';
import { predict } from '../provisioning/provision.ts';
import type { Account } from '../provisioning/user-store.ts';
import type { Assertion } from '../saml/assertion.ts';
import { parseDateTime } from '../saml/date-time.ts';
import type { UnverifiedResponse } from '../saml/decode-response.ts';
import { namespaces } from '../saml/names.ts';
import { startTrace } from '../saml/trace.ts';
import { ApplicationFailure, calledStore } from './call-application.ts';
import { type ResolvedDraft, resolveDraft } from './draft.ts';
import { type Assumptions, type EvaluatedLogin, evaluateLogin, startProgress } from './evaluate-login.ts';
import { readLoginProfile } from './read-login-profile.ts';
import type { ResolvedSso } from './resolved-sso.ts';
import type { ExplainInput, Explanation } from './types.ts';

/** Evaluates a message as `completeLogin` does, rule by rule, and predicts the decision. Writes and claims nothing. */
export async function explainLogin<U extends Account<string>>(
  sso: ResolvedSso<U>,
  input: ExplainInput,
): Promise<Explanation<U>> {
  const draft = draftOf(sso, input);
  const trace = startTrace('explain');
  const progress = startProgress();
  let assertion: Assertion | null = null;
  let profile: Profile | null = null;
  let decision: Explanation<U>['decision'] = null;
  try {
    const login = await evaluateLogin(sso, input, trace, progress, assumptionsOf(sso, input, draft));
    assertion = login.response.assertion;
    profile = trace.step('profile', 'saml-jit', () => readLoginProfile(sso, login.connection, login.response));
    decision = await predictDecision(sso, login, profile);
  } catch (error) {
    if (error instanceof ApplicationFailure) throw error.cause;
    if (!(error instanceof SamlError)) throw error;
  }
  const verdict = decision === null || decision.action === 'reject' ? 'reject' : 'accept';
  return {
    verdict,
    connectionId: progress.connection?.id ?? null,
    rules: trace.rules,
    assertion,
    profile,
    decision,
  };
}

/** A stored message is evaluated as the answer to the request that it names; with cookies, as an answer in this browser. */
function assumptionsOf<U extends Account<string>>(
  sso: ResolvedSso<U>,
  { inResponseTo, cookies, now }: ExplainInput,
  draft: ResolvedDraft | null,
): Assumptions {
  return {
    inResponseTo,
    anyBrowser: cookies === undefined,
    now: (received) => (now === 'issued' ? issueInstantOf(received) : now) ?? sso.now(),
    draft,
  };
}

/** The time of issue that the message claims. It is not verified yet, and only an explanation depends on it. */
function issueInstantOf({ root }: UnverifiedResponse): Date | null {
  const [assertion = root] = root.all(namespaces.assertion, 'Assertion');
  return parseDateTime(assertion.get('IssueInstant') ?? '');
}

async function predictDecision<U extends Account<string>>(
  sso: ResolvedSso<U>,
  { connection, now }: EvaluatedLogin,
  profile: Profile,
): Promise<Explanation<U>['decision']> {
  const organization = await sso.organization(connection.organizationId);
  const { decision, fields } = await predict({
    store: calledStore(sso.users),
    connection,
    organization,
    roles: sso.roles,
    profile,
    now,
  });
  if (decision.action === 'reject') {
    const { message: _, ...rejection } = decision;
    return rejection;
  }
  const { action, changes, notes } = decision;
  return { action, user: action === 'create' ? null : decision.user, changes, notes, fields };
}

/** @throws TypeError for a draft that is not valid, or an ACS URL of another connection */
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
