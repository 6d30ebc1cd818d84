import { expect } from 'vitest';
import type { SamlErrorCode } from '../../src/errors.ts';
import { isVerifiedXml } from '../../src/xml/signature.ts';
import { refusal } from '../support/refusal.ts';
import { MARK, type Trust, verifyAll } from '../support/signing.ts';

/** Messages for the end user, by code. */
export const messages: Partial<Record<SamlErrorCode, string>> = {
  signature_invalid: 'the signature of the SAML message is not valid',
  signature_wrapped: 'the signature does not cover the content it is attached to',
  algorithm_not_allowed: 'the SAML message uses an algorithm that is not allowed',
  untrusted_certificate: 'the SAML message is signed with a key that is not configured',
};

/** First child of {@link marked}. */
export const content = '<p:Issuer>idp</p:Issuer>';
/** A message to be signed with `signMarked`. */
export const marked = `<p:Message xmlns:p="urn:p" xmlns:xs="urn:xs" xmlns="urn:d" ID="_s">${content}${MARK}<p:Value type="xs:string">alice</p:Value></p:Message>`;
export const unsigned = marked.replace(MARK, '');

/** The canonical form verified by the only signature of a document. */
export function verifyOne(xml: string, trust: Partial<Trust> = {}): string {
  const [only, ...more] = verifyAll(xml, trust);
  if (only === undefined || more.length > 0) throw new Error('expected one signature');
  expect(isVerifiedXml(only.verified)).toBe(true);
  return only.verified.canonical;
}

/** Asserts that a document is refused with this code, its message, and a hint that contains `hint`. */
export function refuse(xml: string, code: SamlErrorCode, hint: string, trust: Partial<Trust> = {}): void {
  const error = refusal(() => verifyAll(xml, trust));
  expect([error.code, error.message, error.hint]).toEqual([code, messages[code], expect.stringContaining(hint)]);
}

/** Replaces the first match, and throws if there is none. */
export function swap(from: string | RegExp, to: string): (text: string) => string {
  return (text) => {
    const changed = text.replace(from, () => to);
    if (changed === text) throw new Error(`nothing to replace: ${from}`);
    return changed;
  };
}
