import { namespaces } from '../../src/saml/names.ts';
import type { ValidateResponseOptions } from '../../src/saml/response-options.ts';
import { encryptXml } from '../../src/testing/idp/encrypt.ts';
import {
  ENVELOPED,
  EXCLUSIVE,
  INCLUSIVE,
  MARK,
  MORE,
  MORE_2007,
  SHA256,
  type Signing,
  signMarked,
} from '../support/signing.ts';
import { claimsOf } from './claims.ts';
import { assertionElement, makeContent, responseElement, responseId } from './content.ts';
import { encryptions, keyNames, keys, optionsToDecrypt } from './originals.ts';
import type { Random } from './random.ts';
import { type Element, Style } from './writing.ts';

/** A message that an honest identity provider could send, and what it claims. */
export interface Genuine {
  readonly xml: string;
  readonly options: ValidateResponseOptions;
  readonly claims: string;
  /** How it was made, for the report. */
  readonly made: string;
}

const canonicalizations = [EXCLUSIVE, EXCLUSIVE, `${EXCLUSIVE}WithComments`, INCLUSIVE, `${INCLUSIVE}#WithComments`];
// `null`: enveloped-signature is the only Transform.
const elementCanonicalizations = [...canonicalizations, null];
const prefixLists = [
  undefined,
  undefined,
  '',
  'xs',
  '#default',
  'saml samlp xs',
  ' xsi\n#default\tx-1.z ',
  'é 名 a A b',
];
const algorithmsByKey: Readonly<Record<(typeof keyNames)[number], readonly string[]>> = {
  rsa: [...['rsa-sha256', 'rsa-sha384', 'rsa-sha512'].map((name) => MORE + name), `${MORE_2007}sha256-rsa-MGF1`],
  p256: [`${MORE}ecdsa-sha256`, `${MORE}ecdsa-sha512`],
  p384: [`${MORE}ecdsa-sha384`, `${MORE}ecdsa-sha256`],
  p521: [`${MORE}ecdsa-sha512`],
  'rsa-pss': ['sha256', 'sha512'].map((hash) => `${MORE_2007}${hash}-rsa-MGF1`),
};
const digests = [SHA256, SHA256, `${MORE}sha384`, 'http://www.w3.org/2001/04/xmlenc#sha512'];

/**
 * Makes a genuine message: written in a style of its own, perhaps with encrypted parts, signed with this package's canonicalization, which libxml2
 * checks elsewhere, and with node:crypto.
 *
 * @param edit changes each Signature before it is signed, as a dishonest identity provider could
 */
export function makeGenuine(random: Random, edit: (signature: string) => string = (same) => same): Genuine {
  const keyName = random.pick(random.oneIn(4) ? keyNames : (['p256'] as const));
  const signs = random.pick(['response', 'assertion', 'both'] as const);
  const encrypts = random.oneIn(3) ? random.pick(['Assertion', 'NameID', 'Attribute'] as const) : 'nothing';
  const content = makeContent(random);
  const style = new Style(random);
  const signings: Signing[] = [];
  const sign = (xml: string, id: string): string => {
    // What is signed alone, encrypted, and read in its place must not depend on the namespaces around it.
    const isAlone = encrypts === 'Assertion' && id !== responseId;
    const signing = { ...makeSigning(random, keyName), ...(isAlone ? plainlyExclusive : {}) };
    signings.push(signing);
    return signMarked(xml, { ...signing, id, edit: (signature) => edit(layOut(signature, random)) });
  };
  const encrypt = (name: string, xml: string): Element => ({
    namespace: namespaces.assertion,
    name,
    attributes: [],
    children: [{ markup: encryptXml(xml, random.pick(encryptions)) }],
  });

  const signsAssertion = signs !== 'response';
  const element = assertionElement(content, signsAssertion ? [{ markup: MARK }] : [], random, (part) =>
    part.name === encrypts
      ? encrypt(part.name === 'NameID' ? 'EncryptedID' : 'EncryptedAttribute', style.fragment(part))
      : part,
  );
  const signInner = (xml: string): string => (signsAssertion ? sign(xml, content.id) : xml);
  const sealed =
    encrypts === 'Assertion' ? encrypt('EncryptedAssertion', signInner(style.fragment(element))) : undefined;
  const marks = signs === 'assertion' ? [] : [{ markup: LATER }];
  let xml = style.document(responseElement(sealed ?? element, marks, random));
  if (sealed === undefined) xml = signInner(xml);
  if (signs !== 'assertion') xml = sign(xml.replace(LATER, MARK), responseId);
  if (random.oneIn(6)) xml = xml.replaceAll('\n', random.pick(['\r\n', '\r']));

  const made = [
    `${keyName}, signs ${signs}, encrypts ${encrypts}`,
    ...signings.map((signing) => JSON.stringify({ ...signing, keyPair: '' })),
  ];
  return { xml, options: optionsToDecrypt(keys[keyName]), claims: claimsOf(content), made: made.join(' ') };
}

const plainlyExclusive: Signing = {
  canonicalization: EXCLUSIVE,
  prefixList: undefined,
  signedInfoCanonicalization: EXCLUSIVE,
  signedInfoPrefixList: undefined,
};

function makeSigning(random: Random, keyName: (typeof keyNames)[number]): Signing {
  return withoutStrayPrefixLists({
    keyPair: keys[keyName],
    algorithm: random.pick(algorithmsByKey[keyName]),
    digest: random.pick(digests),
    canonicalization: random.pick(elementCanonicalizations),
    prefixList: random.pick(prefixLists),
    signedInfoCanonicalization: random.pick(canonicalizations),
    signedInfoPrefixList: random.pick(prefixLists),
    prefix: random.pick(['ds', 'ds', '', 'dsig', 'é']),
    ...(random.oneIn(2) ? { keyInfo: null } : {}),
  });
}

const LATER = '<!--response signature-->';

/** Only exclusive canonicalization has a PrefixList. */
function withoutStrayPrefixLists(signing: Signing): Signing {
  return {
    ...signing,
    prefixList: signing.canonicalization?.startsWith(EXCLUSIVE) ? signing.prefixList : undefined,
    signedInfoPrefixList: signing.signedInfoCanonicalization?.startsWith(EXCLUSIVE)
      ? signing.signedInfoPrefixList
      : undefined,
  };
}

/** White space, Ids and line breaks that signers put into a Signature. */
function layOut(signature: string, random: Random): string {
  let laidOut = signature;
  if (random.oneIn(3)) laidOut = laidOut.replace(/>(?=<)/g, '>\n');
  if (random.oneIn(4)) laidOut = laidOut.replace('<ds:Signature ', '<ds:Signature Id="_signature" ');
  if (random.oneIn(4)) laidOut = laidOut.replace('<ds:SignedInfo>', '<ds:SignedInfo Id="_info">');
  if (random.oneIn(4)) laidOut = laidOut.replace('<ds:Reference ', '<ds:Reference Id="_ref" Type="urn:x" ');
  if (random.oneIn(4)) laidOut = laidOut.replace(/<ds:DigestValue>([^<]{20})/, '<ds:DigestValue>\n$1\n');
  return laidOut.replaceAll(`"${ENVELOPED}"/>`, random.pick([`"${ENVELOPED}"/>`, `"${ENVELOPED}"></ds:Transform>`]));
}
