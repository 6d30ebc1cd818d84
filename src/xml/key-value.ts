import { createPublicKey, type JsonWebKey } from 'node:crypto';
import { SamlError } from '../errors.ts';
import { decodeBase64 } from '../lib/base64.ts';
import type { XmlElement } from './element.ts';
import { DSIG_NAMESPACE, DSIG11_NAMESPACE } from './names.ts';

/** Curves by the URI of NamedCurve, with the length of a coordinate in bytes. */
const curves: ReadonlyMap<string, { readonly name: string; readonly size: number }> = new Map([
  ['urn:oid:1.2.840.10045.3.1.7', { name: 'P-256', size: 32 }],
  ['urn:oid:1.3.132.0.34', { name: 'P-384', size: 48 }],
  ['urn:oid:1.3.132.0.35', { name: 'P-521', size: 66 }],
]);
/** A modulus of 8192 bits has 1,366 characters of base64; the rest allows for line breaks. */
const maxCharacters = 16_384;
const uncompressed = 4;

/**
 * Reads a KeyValue (XML Signature 1.1, 4.5.2) with an RSAKeyValue, or with an ECKeyValue that has a NamedCurve.
 *
 * @returns the public key in PEM
 * @throws SamlError `certificate_invalid`
 */
export function readKeyValue(keyValue: XmlElement): string {
  const [value, ...others] = keyValue.elements();
  if (value === undefined || others.length > 0) refuse('it does not contain exactly one key');
  const jwk = readJwk(value);
  try {
    return createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' }).toString();
  } catch (cause) {
    return refuse(`<${value.localName}> is not a valid public key`, cause);
  }
}

function readJwk(value: XmlElement): JsonWebKey {
  if (value.is(DSIG_NAMESPACE, 'RSAKeyValue')) {
    const n = readBytes(value, DSIG_NAMESPACE, 'Modulus');
    const e = readBytes(value, DSIG_NAMESPACE, 'Exponent');
    return { kty: 'RSA', n: base64url(n), e: base64url(e) };
  }
  if (!value.is(DSIG11_NAMESPACE, 'ECKeyValue'))
    refuse(`it contains <${value.localName}>, expected RSAKeyValue or ECKeyValue`);
  const uri = value.all(DSIG11_NAMESPACE, 'NamedCurve')[0]?.get('URI');
  const curve = curves.get(uri ?? '');
  if (curve === undefined) refuse(`the NamedCurve of <ECKeyValue> is not P-256, P-384 or P-521`);
  const point = readBytes(value, DSIG11_NAMESPACE, 'PublicKey');
  if (point[0] !== uncompressed || point.length !== 1 + 2 * curve.size)
    refuse(`the PublicKey of <ECKeyValue> is not an uncompressed point of ${curve.name}`);
  const [x, y] = [point.subarray(1, 1 + curve.size), point.subarray(1 + curve.size)];
  return { kty: 'EC', crv: curve.name, x: base64url(x), y: base64url(y) };
}

function readBytes(parent: XmlElement, namespace: string, name: string): Uint8Array {
  const [element, ...others] = parent.all(namespace, name);
  if (element === undefined || others.length > 0 || !element.isLeaf)
    refuse(`<${parent.localName}> does not contain exactly one <${name}>`);
  const bytes = element.text.length > maxCharacters ? null : decodeBase64(element.text);
  if (bytes === null || bytes.length === 0) return refuse(`<${name}> is empty, not valid base64, or too long`);
  return bytes;
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}

function refuse(reason: string, cause?: unknown): never {
  throw new SamlError('certificate_invalid', {
    hint: `Expected a KeyValue with the public RSA or EC key of the identity provider, but ${reason}. Publish the X.509 certificate in the metadata of the identity provider instead.`,
    details: { reason },
    cause,
  });
}
