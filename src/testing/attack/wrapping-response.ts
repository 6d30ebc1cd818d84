import { statusCodes } from '../../saml/names.ts';
import { type Forgery, impersonates } from './forgery.ts';
import { type ForgeryMaterial, idsOf, type SigningMode } from './material.ts';
import { afterIssuer, appendTo, assertionOf, object, replace, signatureOf, withAssertion } from './parts.ts';

/** A forged Response, and a genuine one that is signed itself. */
interface Pieces {
  readonly forged: string;
  readonly forgedAssertion: string;
  readonly signed: string;
  /** The Signature of `signed`. */
  readonly signature: string;
  /** `signed` without it. */
  readonly original: string;
  /**
   * A signed Response that reports an error and contains no Assertion: anyone can make the identity provider send one.
   */
  readonly failure: string;
  /** A signed Response that reports success and contains no Assertion. */
  readonly empty: string;
}

function piecesOf(material: ForgeryMaterial): Pieces {
  const signed = material.response();
  const signature = signatureOf(signed);
  const { responder, authnFailed } = statusCodes;
  return {
    forged: material.forgedResponse,
    forgedAssertion: material.forgedAssertion,
    signed,
    signature,
    original: replace(signed, signature, ''),
    failure: material.response({ signs: 'response', status: { code: responder, subcode: authnFailed } }),
    empty: material.response({ signs: 'response', assertion: false }),
  };
}

const from: readonly SigningMode[] = ['response', 'both'];

/** The forged Assertion inside the Signature of a signed Response. */
function hidden(carrier: string, place: (signature: string) => string): string {
  const signature = signatureOf(carrier);
  return replace(carrier, signature, place(signature));
}

const attacks: readonly (readonly [
  name: string,
  row: string,
  description: string,
  make: (pieces: Pieces) => string,
])[] = [
  [
    'signed-response-inside-signature',
    'XSW1',
    'A forged Response has the Signature, and contains the signed Response. Careless: reads the root.',
    ({ forged, signature, original }) => afterIssuer(forged, appendTo(signature, 'ds:Signature', original)),
  ],
  [
    'signed-response-in-object',
    'XSW1',
    'The same, in an Object of the Signature, where the schema of XML Signature allows anything.',
    ({ forged, signature, original }) => afterIssuer(forged, appendTo(signature, 'ds:Signature', object(original))),
  ],
  [
    'signed-response-after-signature',
    'XSW2',
    'A forged Response contains the Signature, then the Response that it signs.',
    ({ forged, signature, original }) => afterIssuer(forged, signature + original),
  ],
  [
    'signed-response-before-signature',
    'XSW2',
    'A forged Response contains the signed Response, then its Signature.',
    ({ forged, signature, original }) => afterIssuer(forged, original + signature),
  ],
  [
    'signed-response-inside-forged',
    'XSW2',
    'A forged Response contains the complete signed one. Careless: finds a valid signature somewhere, reads the root.',
    ({ forged, signed }) => afterIssuer(forged, signed),
  ],
  [
    'response-signature-borrowed',
    'XSW2',
    'A forged Response has the Signature of a genuine one. Careless: checks only that a Signature is present.',
    ({ forged, signature }) => afterIssuer(forged, signature),
  ],
  [
    'response-signature-and-id-borrowed',
    'XSW2',
    'The same, and the forged Response has the ID of the genuine one. Careless: does not compare the digest.',
    ({ forged, signed, signature }) =>
      afterIssuer(forged.replaceAll(idsOf(forged).response, idsOf(signed).response), signature),
  ],
  [
    'assertion-added-to-signed-response',
    'REO-1',
    'A forged Assertion is put before the one of a signed Response. Careless: verifies a part, then reads the whole document.',
    ({ forgedAssertion, signed }) => withAssertion(signed, forgedAssertion + assertionOf(signed)),
  ],
  [
    'assertion-in-object-of-signed-response',
    'XSW-OBJ',
    'The forged Assertion is in an Object of the Signature of the Response, which the enveloped-signature transform excludes from the digest.',
    ({ forgedAssertion, signed }) =>
      hidden(signed, (signature) => appendTo(signature, 'ds:Signature', object(forgedAssertion))),
  ],
  [
    'assertion-in-object-of-signed-failure',
    'XSW-OBJ',
    'The same in a signed Response that reports a failed login, without an Assertion. Careless: does not check the status.',
    ({ forgedAssertion, failure }) =>
      hidden(failure, (signature) => appendTo(signature, 'ds:Signature', object(forgedAssertion))),
  ],
  [
    'assertion-in-object-of-empty-response',
    'XSW-OBJ',
    'The same in a signed Response that reports success and holds no Assertion.',
    ({ forgedAssertion, empty }) =>
      hidden(empty, (signature) => appendTo(signature, 'ds:Signature', object(forgedAssertion))),
  ],
  [
    'assertion-in-key-info',
    'XSW-OBJ',
    'The forged Assertion is in KeyInfo of the Signature of a signed Response without one.',
    ({ forgedAssertion, empty }) => hidden(empty, (signature) => appendTo(signature, 'ds:KeyInfo', forgedAssertion)),
  ],
  [
    'assertion-bare-in-signature',
    'XSW-OBJ',
    'The forged Assertion is a child of the Signature of a signed Response without one.',
    ({ forgedAssertion, empty }) => hidden(empty, (signature) => appendTo(signature, 'ds:Signature', forgedAssertion)),
  ],
  [
    'assertion-in-signature-value',
    'XSW-OBJ',
    'The forged Assertion is a child of the SignatureValue of a signed Response without one.',
    ({ forgedAssertion, empty }) =>
      hidden(empty, (signature) => appendTo(signature, 'ds:SignatureValue', forgedAssertion)),
  ],
  [
    'assertion-added-to-signed-failure',
    'STA-1',
    'A forged Assertion is put into a signed Response that reports a failed login.',
    ({ forgedAssertion, failure }) => appendTo(failure, 'samlp:Response', forgedAssertion),
  ],
  [
    'response-decoy-signature',
    'XSW-DECOY',
    'A second Signature of the Response has the genuine value and contains the forged Assertion.',
    ({ forgedAssertion, signed }) =>
      hidden(signed, (signature) => appendTo(signature, 'ds:Signature', object(forgedAssertion)) + signature),
  ],
];

/** Signature wrapping of a signed Response. */
export const responseWrapping: readonly Forgery[] = attacks.map(([name, row, description, make]) => ({
  name,
  row,
  description,
  from,
  make: (material) => make(piecesOf(material)),
  succeeded: impersonates,
}));
