import { signEnveloped } from '../../xml/sign.ts';
import { type EncryptionStyle, encryptAssertion } from './encrypt.ts';
import type { ResponseContents } from './response-contents.ts';
import type { KeyPair } from './self-signed.ts';
import type { Signs } from './vendors.ts';

/**
 * Options of the signatures of responses. Defaults of algorithms (URIs): by the type of the key, SHA-256 and exclusive
 * C14N.
 */
export interface SigningStyle {
  /** Default: as the vendor does; `assertion` for `generic`. */
  readonly signs?: Signs | undefined;
  readonly signatureAlgorithm?: string | undefined;
  readonly digestAlgorithm?: string | undefined;
  readonly canonicalization?: string | undefined;
  /** PrefixList of exclusive C14N, e.g. `['xs']`. */
  readonly inclusivePrefixes?: readonly string[] | undefined;
  /** Prefix of the signature's elements; default `ds`. */
  readonly signaturePrefix?: string | undefined;
  /** Permits SHA-1. Default `false`. */
  readonly allowSha1?: boolean | undefined;
}

/**
 * Signs Assertion, Response or both, inside out, and encrypts the Assertion in between if required.
 *
 * @throws TypeError for an algorithm or key that cannot be used
 */
export function signResponse(
  xml: string,
  contents: ResponseContents,
  style: SigningStyle & { readonly key: KeyPair; readonly encryption: EncryptionStyle | undefined },
): string {
  const { signs, key, encryption, signaturePrefix: prefix, ...algorithms } = style;
  const sign = (document: string, id: string, issuer: string | null): string =>
    signEnveloped(document, { ...key, ...algorithms, prefix, id, position: issuer === null ? 'first' : 'second' });
  let signed = xml;
  if (contents.assertion && (signs === 'assertion' || signs === 'both')) {
    signed = sign(signed, contents.assertionId, contents.assertionIssuer);
  }
  if (contents.assertion && encryption) signed = encryptAssertion(signed, encryption);
  if (signs === 'response' || signs === 'both') signed = sign(signed, contents.id, contents.issuer);
  return signed;
}

/** The fields of a style that are defined, so that one style can be spread over another. */
export function signingStyle(options: SigningStyle): SigningStyle {
  const {
    signs,
    signatureAlgorithm,
    digestAlgorithm,
    canonicalization,
    inclusivePrefixes,
    signaturePrefix,
    allowSha1,
  } = options;
  const style = {
    signs,
    signatureAlgorithm,
    digestAlgorithm,
    canonicalization,
    inclusivePrefixes,
    signaturePrefix,
    allowSha1,
  };
  return Object.fromEntries(Object.entries(style).filter(([, value]) => value !== undefined));
}
