import { namespaces } from '../../saml/names.ts';
import { encryptXml } from '../idp/encrypt.ts';
import { type Forgery, type ForgeryEntry, fromEntry, impersonates } from './forgery.ts';
import type { ForgeryMaterial } from './material.ts';
import { assertionOf, replace, withAssertion } from './parts.ts';

/** The forged Response, with this content encrypted in place of its Assertion. */
function around(material: ForgeryMaterial, plaintext: string): string {
  const { encryptionCertificate: certificate = '' } = material.serviceProvider;
  return withAssertion(
    material.forgedResponse,
    `<saml:EncryptedAssertion>${encryptXml(plaintext, { certificate })}</saml:EncryptedAssertion>`,
  );
}

/** The Assertion as a document of its own, with its namespace declarations. */
function alone(xml: string): string {
  return replace(assertionOf(xml), '<saml:Assertion ', `<saml:Assertion xmlns:saml="${namespaces.assertion}" `);
}

const attacks: readonly ForgeryEntry[] = [
  [
    'doctype-in-plaintext',
    'ENC-5',
    'The encrypted content begins with a document type. Careless: inspects the received message, but not the decrypted content.',
    (material) => around(material, `<!DOCTYPE x []>${alone(material.victimsResponse())}`),
  ],
  [
    'encrypted-inside-encrypted',
    'ENC-5',
    'The encrypted content is another EncryptedAssertion. Careless: decrypts repeatedly.',
    (material) => {
      const { encryptionCertificate: certificate = '' } = material.serviceProvider;
      const inner = encryptXml(alone(material.victimsResponse()), { certificate });
      return around(
        material,
        `<saml:EncryptedAssertion xmlns:saml="${namespaces.assertion}">${inner}</saml:EncryptedAssertion>`,
      );
    },
  ],
  [
    'response-inside-encrypted',
    'ENC-5',
    'The encrypted content is a complete Response, with a forged Assertion before the signed one.',
    (material) =>
      around(
        material,
        withAssertion(
          material.forgedResponse,
          material.forgedAssertion + assertionOf(material.response({ signs: 'assertion' })),
        ),
      ),
    impersonates,
  ],
  [
    'forged-next-to-encrypted',
    'XSW-ENC',
    'A genuine EncryptedAssertion, and a forged Assertion in the clear before it. Careless: decrypts one, reads the other.',
    (material) => {
      const sealed = around(material, alone(material.response({ signs: 'assertion' })));
      return replace(sealed, '<saml:EncryptedAssertion>', `${material.forgedAssertion}<saml:EncryptedAssertion>`);
    },
    impersonates,
  ],
];

/** Forgeries in encrypted content. Encryption authenticates nothing: anyone can encrypt for the application. */
export const encryptedForgeries: readonly Forgery[] = attacks.map((entry) => ({
  ...fromEntry(entry),
  from: ['encrypted'],
}));
