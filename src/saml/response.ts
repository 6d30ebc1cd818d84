import { copyString } from '../lib/copy-string.ts';
import { printable } from '../lib/quote.ts';
import { crossCheck } from '../xml/cross-check.ts';
import type { XmlElement } from '../xml/element.ts';
import type { Limits } from '../xml/limits.ts';
import { readXml } from '../xml/read.ts';
import type { VerifiedXml } from '../xml/signature.ts';
import { validityAt } from '../xml/validity.ts';
import type { Assertion } from './assertion.ts';
import { decodePost } from './bindings.ts';
import { endOfUse, isUsableUnsolicited } from './confirmation-rules.ts';
import { decryptAssertion, decryptPart, withEvenDuration } from './decrypt-assertion.ts';
import { namespaces } from './names.ts';
import { type AssertionContent, readAssertion } from './read-assertion.ts';
import { expectResponse, expectSuccess, findAssertion, readResponse } from './read-response.ts';
import { resolveOptions, type ValidateResponseOptions, type ValidationContext } from './response-options.ts';
import { type RuleInput, rules } from './rules.ts';
import { requireSigned, type VerifiedSignature, verifySignatures } from './verify-signatures.ts';

/** A response that was read and not yet judged: every value is an untrusted claim. @internal */
export interface UnverifiedResponse {
  readonly root: XmlElement;
  /** Issuer of the Response, else of the Assertion: a hint which connection to judge it by. */
  readonly issuer: string | null;
  readonly inResponseTo: string | null;
}

/** A response whose signatures, rules and claims were found good. @internal */
export interface ValidatedResponse {
  readonly assertion: Assertion;
  /** Signed XML that the assertion was read from: a Response or an Assertion. */
  readonly verified: VerifiedXml;
  /** It can also be used in a response to no request, whatever this one answers. */
  readonly usableUnsolicited: boolean;
  /** Asks the second verifier. @throws SamlError `verifiers_disagree` */
  readonly crossCheck: () => void;
  /** Fingerprints of the pinned certificates that signed it, each once. */
  readonly signedBy: readonly string[];
  readonly warnings: readonly LoginWarning[];
}

/** Something that the operator should know although the login goes on. @internal */
export interface LoginWarning {
  readonly warning: string;
  readonly hint: string;
}

/** Records each step of judging; `explain` passes one to learn more than the first failure. @internal */
export interface Trail {
  step<T>(rule: string, section: string, check: () => T): T;
  /** Rules that do not depend on one another: all are asked before the first failure is thrown. */
  readonly exhaustive: boolean;
}

const shortMessage = 65_536;

const noTrail: Trail = { step: (_rule, _section, check) => check(), exhaustive: false };

/**
 * Validates a SAML Response received by HTTP-POST, as the Web Browser SSO profile prescribes (SAML Profiles 4.1.4), and
 * returns its assertion. Whatever it returns was signed by a pinned key, for this application, now.
 *
 * It does not remember: claim `issuer` and `id` in a {@link ReplayCache} until `notOnOrAfter`, as `createSso` does.
 *
 * @param samlResponse form field SAMLResponse: base64
 * @throws SamlError when the message cannot be trusted
 * @throws TypeError for options that make no sense
 *
 * @example
 * ```ts
 * const assertion = await validateResponse(request.body.SAMLResponse, {
 *   identityProvider: { entityId: 'https://idp.example.com', certificates: [pem] },
 *   serviceProvider: { entityId: 'https://app.example.com/sso/metadata', acsUrl: 'https://app.example.com/sso/acs' },
 *   inResponseTo: session.requestId,
 * });
 * ```
 */
export async function validateResponse(samlResponse: string, options: ValidateResponseOptions): Promise<Assertion> {
  const judgement = resolveOptions(options);
  return withEvenDuration(async () => {
    const judged = evaluateResponse(decodeResponse(samlResponse, judgement.limits), judgement);
    if (options.crossCheck !== false) judged.crossCheck();
    return judged.assertion;
  });
}

/** Decodes and reads a message, and judges nothing but its form. @internal */
export function decodeResponse(samlResponse: string, limits: Limits, trail: Trail = noTrail): UnverifiedResponse {
  if (typeof samlResponse !== 'string') throw new TypeError('samlResponse must be a string');
  const xml = trail.step('encoding', 'SAML Bindings 3.5.4', () => decodePost(samlResponse, limits));
  const root = trail.step('xml', 'SAML Core 1.1', () => readXml(xml, limits));
  trail.step('message', 'SAML Core 3.2.2', () => expectResponse(root));
  const issuer = (
    root.all(namespaces.assertion, 'Issuer')[0] ??
    root.all(namespaces.assertion, 'Assertion')[0]?.all(namespaces.assertion, 'Issuer')[0]
  )?.text;
  return { root, issuer: issuer?.trim() || null, inResponseTo: copyString(root.get('InResponseTo') ?? '') || null };
}

/** Verifies, reads and judges. @internal */
export function evaluateResponse(
  { root }: UnverifiedResponse,
  judgement: ValidationContext,
  trail: Trail = noTrail,
): ValidatedResponse {
  trail.step('status', 'SAML Core 3.2.2.1', () => expectSuccess(root));
  const assertionElement = trail.step('oneAssertion', 'SAML Profiles 4.1.4.2', () => findAssertion(root));
  const encrypted = assertionElement.localName === 'EncryptedAssertion';
  const outside = trail.step('signatures', 'SAML Core 5', () =>
    verifySignatures(root, encrypted ? [root] : [root, assertionElement], judgement),
  );
  const signedResponse = outside.find(({ element }) => element.parent === root)?.verified ?? null;
  const response = signedResponse?.root ?? null;
  if (response !== null) expectSuccess(response);
  const decrypted = encrypted
    ? trail.step('decryption', 'SAML Core 2.3.4', () => decryptAssertion(root, signedResponse, judgement))
    : undefined;
  const signatures = [...outside, ...(decrypted?.signatures ?? [])];
  const outermost = trail.step('requireSigned', 'SAML Profiles 4.1.3.5', () =>
    requireSigned(signatures, judgement.requireSigned),
  );
  // From here on nothing of the document as received is read, but for the attributes of an unsigned Response.
  const verified = decrypted?.verified ?? outermost.verified;
  const verifiedAssertion = verified.root === response ? findAssertion(response) : verified.root;

  let usesAesCbc = decrypted?.usesAesCbc === true;
  const judged: RuleInput = trail.step('assertion', 'SAML Core 2.3.3', () => ({
    response: readResponse(response ?? root, response !== null),
    // Of a short message it costs less to keep all of it in memory than to copy its parts.
    assertion: readAssertion(
      verifiedAssertion,
      (part, expected) => {
        const opened = decryptPart(part, judgement, expected);
        usesAesCbc ||= opened.usesAesCbc;
        return opened.root;
      },
      verified.canonical.length > shortMessage ? copyString : (text) => text,
    ),
    expected: judgement,
  }));
  applyRules(judged, trail);
  return {
    assertion: toAssertion(judged),
    verified,
    usableUnsolicited: isUsableUnsolicited(judged),
    crossCheck: () => {
      const relied = signatures.find((signature) => signature.verified === verified) ?? outermost;
      crossCheck(relied.element, relied.verified);
    },
    signedBy: [...new Set(signatures.map(({ verified: { signedBy } }) => signedBy.fingerprint))],
    warnings: [
      ...warningsOf(signatures, judgement.now),
      ...(usesAesCbc ? [aesCbcUsed] : []),
      ...notesOf(judged.assertion),
    ],
  };
}

function applyRules(judged: RuleInput, trail: Trail): void {
  const failures: unknown[] = [];
  for (const { name, section, check } of rules) {
    try {
      trail.step(name, section, () => check(judged));
    } catch (failure) {
      failures.push(failure);
      if (!trail.exhaustive) break;
    }
  }
  if (failures.length > 0) throw failures[0];
}

function toAssertion(judged: RuleInput): Assertion {
  const { assertion, expected } = judged;
  const [statement] = assertion.authnStatements;
  const notOnOrAfter = endOfUse(judged);
  if (statement === undefined || notOnOrAfter === null)
    throw new TypeError('an assertion must be judged before it is made');
  const attributes = new Map<string, string[]>();
  for (const { name, values } of assertion.attributes) {
    const merged = attributes.get(name);
    if (merged === undefined) attributes.set(name, [...values]);
    else for (const value of values) merged.push(value);
  }
  return {
    id: assertion.id,
    issuer: assertion.issuer,
    issueInstant: assertion.issueInstant,
    subject: assertion.subject,
    attributes,
    attributeList: assertion.attributes,
    session: { index: statement.sessionIndex, notOnOrAfter: statement.sessionNotOnOrAfter },
    authnContext: statement.authnContext,
    authnInstant: statement.authnInstant,
    audiences: assertion.conditions?.audienceRestrictions.flat() ?? [],
    inResponseTo: expected.inResponseTo ?? undefined,
    notOnOrAfter,
  };
}

/** Of two signatures by one certificate, or two with SHA-1, each warning is given once. */
function warningsOf(signatures: readonly VerifiedSignature[], now: Date): LoginWarning[] {
  const keys = new Map(signatures.map(({ verified: { signedBy } }) => [signedBy.fingerprint, signedBy]));
  const warnings: LoginWarning[] = [];
  for (const { subject, fingerprint, validFrom, validTo } of keys.values()) {
    if (!['expired', 'not_yet_valid'].includes(validityAt({ validFrom, validTo }, now).state)) continue;
    warnings.push({
      warning: 'certificate_expired',
      hint: `The certificate ${subject} (SHA-256 ${fingerprint}) is valid from ${validFrom?.toISOString()} to ${validTo?.toISOString()}. It is pinned and still verifies; ask the identity provider's administrator for the next one.`,
    });
  }
  if (signatures.some(({ verified }) => verified.usesSha1)) {
    warnings.push({
      warning: 'sha1_used',
      hint: 'The message was signed with SHA-1, which this connection allows. Ask the identity provider to switch to SHA-256, then remove security.allowSha1.',
    });
  }
  return warnings;
}

const aesCbcUsed: LoginWarning = {
  warning: 'aes_cbc_used',
  hint: 'The message holds content that is encrypted with AES-CBC, which does not detect alterations. Choose AES-GCM (such as AES-256-GCM) in the encryption settings of this application at the identity provider, if it offers that; then remove security.allowAesCbc of the connection where it is set.',
};

/** One warning, however many values an assertion omits. */
function notesOf({ notes }: AssertionContent): LoginWarning[] {
  if (notes.length === 0) return [];
  const more = notes.length > 5 ? `; and ${notes.length - 5} more` : '';
  return [{ warning: 'attribute_value_omitted', hint: printable(`${notes.slice(0, 5).join('; ')}${more}`, 2000) }];
}
