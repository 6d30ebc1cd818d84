import { type Forgery, impersonates } from './forgery.ts';
import { type ForgeryMaterial, idsOf, type SigningMode } from './material.ts';
import {
  afterIssuer,
  appendTo,
  assertionOf,
  first,
  object,
  replace,
  signatureOf,
  unsigned,
  withAssertion,
} from './parts.ts';

/** A forged Assertion, and a genuine one that is signed itself. */
interface Pieces {
  readonly forged: string;
  readonly signed: string;
  /** The Signature of `signed`. */
  readonly signature: string;
  /** `signed` without it. */
  readonly original: string;
  /** ID of `signed`. */
  readonly id: string;
  /** ID of `forged`. */
  readonly forgedId: string;
  /** Genuinely signed for the victim, at another application. */
  readonly misdirected: string;
  /** An unsigned Response with an Assertion, and with `content` after its Issuer. */
  readonly envelope: (content: string, before?: string) => string;
}

function piecesOf(material: ForgeryMaterial): Pieces {
  const genuine = material.response({ signs: 'assertion' });
  const signed = assertionOf(genuine);
  return {
    forged: material.forgedAssertion,
    signed,
    signature: signatureOf(signed),
    original: unsigned(signed),
    id: idsOf(genuine).assertion,
    forgedId: idsOf(material.forgedResponse).assertion,
    misdirected: assertionOf(
      material.victimsResponse({ signs: 'assertion', audiences: ['https://other.attacker.test'] }),
    ),
    envelope: (content, before = '') => {
      const response = withAssertion(material.forgedResponse, content);
      return before === '' ? response : afterIssuer(response, before);
    },
  };
}

const from: readonly SigningMode[] = ['assertion', 'both', 'encrypted'];
const clear: readonly SigningMode[] = ['assertion', 'both'];
const extensions = (content: string): string => `<samlp:Extensions>${content}</samlp:Extensions>`;

const attacks: readonly (readonly [
  name: string,
  row: string,
  description: string,
  make: (pieces: Pieces) => string,
  /** Not all of it is at the place of the Assertion, where it could be encrypted. */
  scattered?: 'scattered',
])[] = [
  [
    'forged-assertion-first',
    'XSW3',
    'A forged Assertion is before the signed one. Careless: verifies the signed one, reads the first.',
    ({ forged, signed, envelope }) => envelope(forged + signed),
  ],
  [
    'forged-assertion-last',
    'XSW3',
    'A forged Assertion is after the signed one. Careless: verifies the first, reads the last.',
    ({ forged, signed, envelope }) => envelope(signed + forged),
  ],
  [
    'signed-assertion-inside-forged',
    'XSW4',
    'The signed Assertion is a child of a forged one. Careless: finds a valid signature somewhere, reads the outer one.',
    ({ forged, signed, envelope }) => envelope(appendTo(forged, 'saml:Assertion', signed)),
  ],
  [
    'signature-moved',
    'XSW5',
    'The forged Assertion has the Signature, followed by the signed Assertion. Careless: does not check that the Reference points to the parent of the Signature.',
    ({ forged, signature, original, envelope }) => envelope(appendTo(forged, 'saml:Assertion', signature) + original),
  ],
  [
    'signature-borrowed',
    'XSW5',
    'The forged Assertion has the Signature, and the signed element is absent. Careless: checks only that a Signature is present.',
    ({ forged, signature, envelope }) => envelope(appendTo(forged, 'saml:Assertion', signature)),
  ],
  [
    'original-inside-signature',
    'XSW6',
    'As signature-moved, with the original inside the Signature.',
    ({ forged, signature, original, envelope }) =>
      envelope(appendTo(forged, 'saml:Assertion', appendTo(signature, 'ds:Signature', original))),
  ],
  [
    'forged-assertion-in-extensions',
    'XSW7',
    'The forged Assertion is in Extensions, before the signed one. Careless: reads the first at any depth.',
    ({ forged, signed, envelope }) => envelope(signed, extensions(forged)),
    'scattered',
  ],
  [
    'signed-assertion-in-extensions',
    'IDA-1',
    'The signed Assertion is in Extensions; the forged one has the same ID. Careless: finds one by ID, reads the other.',
    ({ forged, forgedId, id, signed, envelope }) => envelope(forged.replaceAll(forgedId, id), extensions(signed)),
    'scattered',
  ],
  [
    'original-in-object',
    'XSW8',
    'The forged Assertion has the Signature, with the original in its Object.',
    ({ forged, signature, original, envelope }) =>
      envelope(appendTo(forged, 'saml:Assertion', appendTo(signature, 'ds:Signature', object(original)))),
  ],
  [
    'signed-assertion-in-foreign-element',
    'XSW9',
    'The signed Assertion is in an element unknown to SAML, next to the forged one.',
    ({ forged, signed, envelope }) => envelope(`${forged}<x xmlns="urn:x">${signed}</x>`),
    'scattered',
  ],
  [
    'signed-assertion-as-advice',
    'XSW-ADV',
    'The signed Assertion is Advice of the forged one, where the schema allows it.',
    ({ forged, signed, envelope }) =>
      envelope(appendTo(forged, 'saml:Assertion', `<saml:Advice>${signed}</saml:Advice>`)),
  ],
  [
    'signed-assertion-in-confirmation-data',
    'XSW-ADV',
    'The signed Assertion is in SubjectConfirmationData of the forged one, where the schema allows it.',
    ({ forged, signed, envelope }) => {
      const data = first(forged, /<saml:SubjectConfirmationData [^<>]*\/>/);
      return envelope(replace(forged, data, `${data.slice(0, -2)}>${signed}</saml:SubjectConfirmationData>`));
    },
  ],
  [
    'forged-assertion-in-object',
    'XSW-OBJ',
    'The forged Assertion is in an Object of the Signature of the signed one, which the enveloped-signature transform excludes from the digest.',
    ({ forged, signed, signature, envelope }) =>
      envelope(replace(signed, signature, appendTo(signature, 'ds:Signature', object(forged)))),
  ],
  [
    'decoy-signature',
    'XSW-DECOY',
    'A second Signature has the genuine value and contains the forged Assertion. Careless: excludes both from the digest, reads from the document.',
    ({ forged, signed, signature, envelope }) =>
      envelope(replace(signed, signature, signature + appendTo(signature, 'ds:Signature', object(forged)))),
  ],
  [
    'assertion-signature-on-response',
    'XSW-REL',
    'The Signature of an Assertion is a child of a Response with a forged one. Careless: takes the first Signature of the document.',
    ({ forged, signature, envelope }) => envelope(forged, signature),
    'scattered',
  ],
  [
    'id-in-another-namespace',
    'IDA-2',
    'The forged Assertion has the signed ID as an attribute of another namespace; the original is in Extensions. Careless: compares attributes by local name.',
    ({ forged, id, signature, original, envelope }) =>
      envelope(
        appendTo(
          replace(forged, '<saml:Assertion ', `<saml:Assertion xmlns:x="urn:x" x:ID="${id}" `),
          'saml:Assertion',
          signature,
        ),
        extensions(original),
      ),
    'scattered',
  ],
  [
    'assertion-of-another-namespace',
    'PRS-7',
    'An Assertion of another namespace is before the signed one. Careless: compares local names or prefixes.',
    ({ forged, signed, envelope }) =>
      envelope(replace(forged, '<saml:Assertion ', '<saml:Assertion xmlns:saml="urn:x" ') + signed),
    'scattered',
  ],
  [
    'misdirected-assertion-first',
    'MUL-1',
    'Two Assertions, each signed by the trusted key; the first is for another application. Careless: checks the audience of one, reads the other.',
    ({ misdirected, signed, envelope }) => envelope(misdirected + signed),
  ],
  [
    'misdirected-assertion-last',
    'MUL-1',
    'The same, in the other order.',
    ({ misdirected, signed, envelope }) => envelope(signed + misdirected),
  ],
  [
    'empty-encrypted-assertion-sibling',
    'XSW-ENC',
    'An EncryptedAssertion is next to a forged Assertion. Careless: trusts encrypted content.',
    ({ forged, envelope }) => envelope(`${forged}<saml:EncryptedAssertion/>`),
    'scattered',
  ],
];

/** Signature wrapping of a signed Assertion: the verified element is not the one that is read. */
export const assertionWrapping: readonly Forgery[] = attacks.map(([name, row, description, make, scattered]) => ({
  name,
  row,
  description,
  from: scattered ? clear : from,
  make: (material) => make(piecesOf(material)),
  succeeded: impersonates,
}));
