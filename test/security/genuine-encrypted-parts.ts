import { namespaces } from '../../src/saml/names.ts';
import { type EncryptionStyle, encryptXml } from '../../src/testing/idp/encrypt.ts';
import { decryptionPair } from '../support/encryption.ts';
import { opensWith } from './genuine-encryption.ts';
import { attribute, confirmation, type Genuine, genuine, type Spec, statement } from './genuine-message.ts';

const ours = decryptionPair();

/** An element of the assertion, encrypted alone; `xml` declares its namespace or relies on those in force. */
function part(xml: string, style: Partial<EncryptionStyle> = {}): string {
  return encryptXml(xml, { certificate: ours.certificate, ...style });
}
const partly = (name: string, parts: Spec['parts'], spec: Spec = {}): Genuine =>
  genuine(name, { ...spec, parts, options: { ...opensWith(ours), ...spec.options } });
const mail = attribute('Name="mail"', 'alice@example.test');
const hidden = (style: Partial<EncryptionStyle> = {}): string =>
  `<saml:EncryptedAttribute>${part(mail, style)}</saml:EncryptedAttribute>`;
const cbc = { contentAlgorithm: `${namespaces.encryption}aes256-cbc` };

/** EncryptedID and EncryptedAttribute. */
export const encryptedParts: readonly Genuine[] = [
  partly('EncryptedID', { nameId: `<saml:EncryptedID>${part('<saml:NameID>alice</saml:NameID>')}</saml:EncryptedID>` }),
  partly(
    'EncryptedID, Response signed',
    { nameId: `<saml:EncryptedID>${part('<saml:NameID>alice</saml:NameID>')}</saml:EncryptedID>` },
    { mode: 'response' },
  ),
  partly('EncryptedID with AES-CBC', {
    nameId: `<saml:EncryptedID>${part('<saml:NameID>alice</saml:NameID>', cbc)}</saml:EncryptedID>`,
  }),
  partly('EncryptedID that declares its namespace', {
    nameId: `<saml:EncryptedID>${part(`<NameID xmlns="${namespaces.assertion}">alice</NameID>`)}</saml:EncryptedID>`,
  }),
  partly('EncryptedID with EncryptedKey as sibling', {
    nameId: `<saml:EncryptedID>${part('<saml:NameID>alice</saml:NameID>', { encryptedKey: 'sibling' })}</saml:EncryptedID>`,
  }),
  partly('EncryptedID inside SubjectConfirmation, which is not read', {
    confirmation: confirmation(undefined, {
      before: `<saml:EncryptedID>${part('<saml:NameID>proxy</saml:NameID>')}</saml:EncryptedID>`,
    }),
  }),
  partly('EncryptedAttribute', { attributes: statement(hidden()) }),
  partly('EncryptedAttribute with AES-CBC', { attributes: statement(hidden(cbc)) }),
  partly(
    'EncryptedAttributes among plain ones',
    { attributes: statement(attribute('Name="a"', '1'), hidden(), attribute('Name="b"', '2')) },
    {
      claims: {
        attributes: [
          { name: 'a', values: ['1'] },
          { name: 'mail', values: ['alice@example.test'] },
          { name: 'b', values: ['2'] },
        ],
      },
    },
  ),
  partly(
    'EncryptedID and EncryptedAttribute inside of an EncryptedAssertion',
    {
      nameId: `<saml:EncryptedID>${part('<saml:NameID>alice</saml:NameID>')}</saml:EncryptedID>`,
      attributes: statement(hidden()),
    },
    { mode: 'both', encrypt: (assertion) => `<saml:EncryptedAssertion>${part(assertion)}</saml:EncryptedAssertion>` },
  ),
];
