import { SamlError } from '../../../src/errors.ts';
import { explainResponse } from '../../../src/saml/explain.ts';
import { validateResponse } from '../../../src/saml/response.ts';
import type { ValidateResponseOptions } from '../../../src/saml/response-options.ts';
import { claimsOf } from '../claims.ts';
import type { Xmlsec } from '../oracles/xmlsec.ts';
import { Statistics, type Violation } from '../statistics.ts';

/** The result of validation. */
export type Verdict = { readonly claims: string } | { readonly code: string; readonly hint: string };

/** Validates a message; an error that is not a SamlError is thrown. */
export async function verdictOf(field: string, options: ValidateResponseOptions): Promise<Verdict> {
  try {
    return { claims: claimsOf(await validateResponse(field, options)) };
  } catch (error) {
    if (error instanceof SamlError) return { code: error.code, hint: error.hint };
    throw error;
  }
}

/** The strict verifier accepts only claims that are signed, and then the cross-check agrees. */
export async function checkClaims(
  field: string,
  options: ValidateResponseOptions,
  claims: ReadonlySet<string>,
  statistics: Statistics,
): Promise<{ readonly verdict: Verdict; readonly violation: Violation | null }> {
  const verdict = await verdictOf(field, { ...options, crossCheck: false });
  Statistics.count(statistics.verdicts, 'code' in verdict ? verdict.code : 'accepted');
  if ('code' in verdict) return { verdict, violation: null };
  if (!claims.has(verdict.claims))
    return { verdict, violation: { invariant: 'claims that no key signed', detail: verdict.claims } };
  const checked = await verdictOf(field, options);
  Statistics.count(statistics.comparisons, 'xml-crypto: accepted messages');
  if ('code' in checked)
    return { verdict, violation: { invariant: 'the cross-check refuses', detail: `${checked.code}: ${checked.hint}` } };
  if (checked.claims !== verdict.claims)
    return { verdict, violation: { invariant: 'claims differ by cross-check', detail: checked.claims } };
  return { verdict, violation: null };
}

/** An explanation never fails, and has the same verdict. */
export async function checkExplanation(
  field: string,
  options: ValidateResponseOptions,
  verdict: Verdict,
): Promise<Violation | null> {
  const explained = await explainResponse(field, { ...options, crossCheck: false });
  const expected = 'code' in verdict ? 'reject' : 'accept';
  if (explained.verdict === expected) return null;
  return {
    invariant: 'explain has another verdict',
    detail: `${explained.verdict} instead of ${JSON.stringify(verdict)}`,
  };
}

/** xmlsec1 accepts the outermost signature of what we accept. */
export async function checkXmlsec(
  xml: string,
  options: ValidateResponseOptions,
  xmlsec: Xmlsec,
  statistics: Statistics,
): Promise<Violation | null> {
  const [certificate = ''] = options.identityProvider.certificates;
  const refusal = await xmlsec.verify(xml, certificate);
  Statistics.count(statistics.comparisons, 'xmlsec1: accepted messages');
  if (refusal === null) return null;
  return { invariant: 'xmlsec1 refuses', detail: refusal.slice(0, 1000) };
}
