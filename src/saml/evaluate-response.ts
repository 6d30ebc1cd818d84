import { copyString } from '../lib/copy-string.ts';
import { crossCheck } from '../xml/cross-check.ts';
import type { VerifiedXml } from '../xml/signature.ts';
import type { Assertion } from './assertion.ts';
import { buildAssertion } from './build-assertion.ts';
import { isUsableUnsolicited } from './confirmation-rules.ts';
import { decodeResponse, type UnverifiedResponse } from './decode-response.ts';
import { decryptAssertion, decryptPart } from './decrypt-assertion.ts';
import { withEvenDuration } from './even-duration.ts';
import { aesCbcUsed, type LoginWarning, noteWarnings, signatureWarnings } from './login-warnings.ts';
import { readAssertion } from './read-assertion.ts';
import { expectSuccess, findAssertion, readResponse } from './read-response.ts';
import type { ValidationContext } from './response-options.ts';
import type { RuleInput } from './rule.ts';
import { rules } from './rules.ts';
import type { Trace } from './trace.ts';
import { requireSigned, verifySignatures } from './verify-signatures.ts';

const validated: unique symbol = Symbol('validated');

/** A response that passed signatures and every rule. Only {@link evaluateResponse} makes one. @internal */
export interface ValidatedResponse {
  readonly [validated]: true;
  readonly assertion: Assertion;
  /** Signed XML that the assertion was read from: a Response or an Assertion. */
  readonly verified: VerifiedXml;
  /** A confirmation names no request, so the assertion can also be used in an unsolicited response. */
  readonly usableUnsolicited: boolean;
  /** Runs the second verifier. Rejects with a SamlError, such as `verifiers_disagree`. */
  readonly crossCheck: () => Promise<void>;
  /** Fingerprints of the pinned certificates that signed it, each once. */
  readonly signedBy: readonly string[];
  readonly warnings: readonly LoginWarning[];
}

/**
 * All steps of `validateResponse` and `explainResponse`; `trace` determines at which failure they end.
 *
 * @throws SamlError the first failure
 * @internal
 */
export async function evaluateMessage(
  samlResponse: string,
  context: ValidationContext,
  isCrossChecked: boolean,
  trace: Trace,
): Promise<Assertion> {
  return withEvenDuration(async () => {
    const response = evaluateResponse(decodeResponse(samlResponse, context.limits, trace), context, trace);
    if (isCrossChecked) await trace.stepAsync('crossCheck', 'saml-jit', response.crossCheck);
    return response.assertion;
  });
}

/**
 * Verifies the signatures, decrypts, reads the assertion and checks the rules of the Web Browser SSO profile (SAML Profiles
 * 4.1.4). This is the only place that has the order of these steps.
 *
 * @throws SamlError the first failure
 * @internal
 */
export function evaluateResponse(
  { root }: UnverifiedResponse,
  context: ValidationContext,
  trace: Trace,
): ValidatedResponse {
  trace.step('status', 'SAML Core 3.2.2.1', () => expectSuccess(root));
  const assertionElement = trace.step('oneAssertion', 'SAML Profiles 4.1.4.2', () => findAssertion(root));
  const encrypted = assertionElement.localName === 'EncryptedAssertion';
  const outside = trace.step('signatures', 'SAML Core 5', () =>
    verifySignatures(root, encrypted ? [root] : [root, assertionElement], context),
  );
  const signedResponse = outside.find(({ element }) => element.parent === root)?.verified ?? null;
  const response = signedResponse?.root ?? null;
  if (response !== null) expectSuccess(response);
  const decrypted = encrypted
    ? trace.step('decryption', 'SAML Core 2.3.4', () => decryptAssertion(root, signedResponse, context))
    : undefined;
  const signatures = [...outside, ...(decrypted?.signatures ?? [])];
  const outermost = trace.step('requireSigned', 'SAML Profiles 4.1.3.5', () =>
    requireSigned(signatures, context.requireSigned),
  );
  // From here on only verified XML is read, except for the attributes of an unsigned Response.
  const verified = decrypted?.verified ?? outermost.verified;
  const verifiedAssertion = verified.root === response ? findAssertion(response) : verified.root;

  let usesAesCbc = decrypted?.usesAesCbc === true;
  const input: RuleInput = trace.step('assertion', 'SAML Core 2.3.3', () => ({
    response: readResponse(response ?? root, response !== null),
    assertion: readAssertion(
      verifiedAssertion,
      (part, expected) => {
        const opened = decryptPart(part, context, expected);
        usesAesCbc ||= opened.usesAesCbc;
        return opened.root;
      },
      keepTextOf(verified),
    ),
    expected: context,
  }));
  trace.checkAll(rules, input);
  return {
    [validated]: true,
    assertion: buildAssertion(input),
    verified,
    usableUnsolicited: isUsableUnsolicited(input),
    crossCheck: () => {
      const relied = signatures.find((signature) => signature.verified === verified) ?? outermost;
      return crossCheck(relied.element, relied.verified);
    },
    signedBy: [...new Set(signatures.map(({ verified: { signedBy } }) => signedBy.fingerprint))],
    warnings: [
      ...signatureWarnings(signatures, context.now),
      ...(usesAesCbc ? [aesCbcUsed] : []),
      ...noteWarnings(input.assertion),
    ],
  };
}

const shortMessage = 65_536;

/** For a short message, keeping all of it in memory costs less than copying its parts. */
function keepTextOf({ canonical }: VerifiedXml): (text: string) => string {
  return canonical.length > shortMessage ? copyString : (text) => text;
}
