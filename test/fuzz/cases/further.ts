import { hash } from 'node:crypto';
import { SamlError } from '../../../src/errors.ts';
import { decodePost } from '../../../src/saml/bindings.ts';
import type { ValidateResponseOptions } from '../../../src/saml/response-options.ts';
import { readXml } from '../../../src/xml/read.ts';
import { DSIG } from '../../support/signing.ts';
import { checkReading } from '../invariants/reading.ts';
import { checkExplanation, checkXmlsec, type Verdict } from '../invariants/validating.ts';
import { Random } from '../random.ts';
import type { Violation } from '../statistics.ts';
import type { Bench } from './case.ts';

/** What costs more than a verdict: asked of all that is accepted, and of some that is refused. */
export async function checkFurther(
  field: string,
  verdict: Verdict,
  options: ValidateResponseOptions,
  name: string,
  { oracles, statistics }: Bench,
): Promise<Violation | null> {
  const random = new Random(`${name} further`);
  const accepted = !('code' in verdict);
  const xml = decode(field);
  if (xml === null || !(accepted || random.oneIn(5))) return null;
  const violation =
    (await checkExplanation(field, options, verdict)) ?? (await checkReading(xml, random, oracles.libxml2, statistics));
  if (violation !== null || !accepted || oracles.xmlsec === null) return violation;
  // xmlsec1 knows no RSA-PSS, and what stands in KeyInfo is nothing to it: of messages that differ there one is enough.
  if (xml.includes('rsa-MGF1') || !showsSignature(xml) || (isKnown(xml) && !random.oneIn(16))) return null;
  return checkXmlsec(xml, options, oracles.xmlsec, statistics);
}

function decode(field: string): string | null {
  try {
    return decodePost(field);
  } catch (error) {
    if (error instanceof SamlError) return null;
    throw error;
  }
}

/** The signature that was relied upon is not encrypted. */
function showsSignature(xml: string): boolean {
  return !xml.includes('EncryptedAssertion') || readXml(xml).all(DSIG, 'Signature').length > 0;
}

const seen = new Set<string>();

function isKnown(xml: string): boolean {
  const key = hash('sha256', xml.replace(/<((?:[\w.-]+:)?KeyInfo)\b.*?<\/\1\s*>/gs, ''));
  if (seen.has(key)) return true;
  if (seen.size < 1_000_000) seen.add(key);
  return false;
}
