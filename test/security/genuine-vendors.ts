import type { PresetName } from '../../src/connections/connection.ts';
import { createTestIdp } from '../../src/testing/idp/create-test-idp.ts';
import type { RespondOptions } from '../../src/testing/idp/test-idp.ts';
import type { TestUser } from '../../src/testing/idp/users.ts';
import { attributesOf, vendors } from '../../src/testing/idp/vendors.ts';
import { decryptionPair } from '../support/encryption.ts';
import { type Mode, options } from '../support/response.ts';
import { keyPair } from '../support/signing.ts';
import { opensWith } from './genuine-encryption.ts';
import { acsUrl, expectedAssertion, type Genuine, idpId, issued, spId } from './genuine-message.ts';
import { pinning } from './genuine-signatures.ts';

const zoe: TestUser = {
  id: '4711',
  email: 'zoe@example.test',
  firstName: 'Zoë',
  lastName: "O'Neil & Söhne",
  role: 'admin',
  groups: ['staff', 'R&D'],
  nameId: 'zoe',
};

/** Every preset. */
export const vendorNames = Object.keys(vendors) as readonly PresetName[];

/** A response of a product, written and signed by the test identity provider, which signs with xml-crypto. */
export function vendorResponse(
  name: string,
  vendor: PresetName,
  { signs, encrypt = false }: { readonly signs?: Mode; readonly encrypt?: boolean } = {},
): Genuine {
  const style = vendors[vendor];
  const asked: RespondOptions = {
    user: zoe,
    acsUrl,
    audience: spId,
    inResponseTo: '_request',
    now: issued,
    assertionId: '_a',
    signs,
    encryption: encrypt ? { certificate: decryptionPair().certificate } : undefined,
  };
  const attributes = attributesOf(zoe, style).map(({ name: attributeName, friendlyName, nameFormat, values }) => ({
    name: attributeName,
    friendlyName,
    nameFormat,
    values: values.map(String),
  }));
  return {
    name,
    field: () => createTestIdp({ entityId: idpId, vendor, key: keyPair() }).respond(asked),
    assertion: expectedAssertion({
      subject: { nameId: 'zoe', format: style.nameIdFormat },
      session: { index: '_a', notOnOrAfter: new Date('2026-01-01T08:00:00Z') },
      authnContext: 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport',
      attributes,
    }),
    options: { ...options, ...pinning(keyPair()), ...(encrypt ? opensWith(decryptionPair()) : {}) },
  };
}

/** Each product as its vendor delivers it. */
export const defaults: readonly Genuine[] = vendorNames.map((vendor) =>
  vendorResponse(`${vendor}, as it comes`, vendor),
);
