import { constants, createCipheriv, generateKeyPairSync, publicEncrypt, randomBytes } from 'node:crypto';
import { signedResponse } from './corpus.mjs';

const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });

/** The key that decrypts; made for this run. */
export const decryptionKey = pair.privateKey.export({ type: 'pkcs8', format: 'pem' });

/** Distinct messages of 8 KB: a signed Assertion, encrypted with AES-256-GCM and RSA-OAEP-MGF1P. */
export const encryptedCorpus = (messages) => ({
  label: 'encrypted, 8 KB',
  groups: 4,
  messages: Array.from({ length: messages }, () => Buffer.from(encryptedResponse(4)).toString('base64')),
});

/** `encrypted` of which the last byte, of the authentication tag, was changed. */
export function alteredCiphertext(message) {
  const xml = Buffer.from(message, 'base64').toString();
  return Buffer.from(
    xml.replace(
      /([A-Za-z0-9+/])(={0,2}<\/xenc:CipherValue><\/xenc:CipherData><\/xenc:EncryptedData>)/,
      (_, last, end) => {
        return (last === 'A' ? 'Q' : 'A') + end;
      },
    ),
  ).toString('base64');
}

function encryptedResponse(groups) {
  return signedResponse(groups).replace(/<saml:Assertion[\s\S]*<\/saml:Assertion>/, (assertion) =>
    // Alone, it has to declare what was declared around it.
    encrypt(assertion.replace('<saml:Assertion ', '$&xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ')),
  );
}

function encrypt(assertion) {
  const key = randomBytes(32);
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  const data = Buffer.concat([iv, cipher.update(assertion, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  const wrapped = publicEncrypt(
    { key: pair.publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' },
    key,
  );
  const value = (bytes) =>
    `<xenc:CipherData><xenc:CipherValue>${bytes.toString('base64')}</xenc:CipherValue></xenc:CipherData>`;
  return `<saml:EncryptedAssertion><xenc:EncryptedData xmlns:xenc="http://www.w3.org/2001/04/xmlenc#" Type="http://www.w3.org/2001/04/xmlenc#Element"><xenc:EncryptionMethod Algorithm="http://www.w3.org/2009/xmlenc11#aes256-gcm"/><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><xenc:EncryptedKey><xenc:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p"><ds:DigestMethod Algorithm="http://www.w3.org/2000/09/xmldsig#sha1"/></xenc:EncryptionMethod>${value(wrapped)}</xenc:EncryptedKey></ds:KeyInfo>${value(data)}</xenc:EncryptedData></saml:EncryptedAssertion>`;
}
