import { nameIdFormats, namespaces, statusCodes } from '../../saml/names.ts';
import type { RespondOptions } from '../idp/test-idp.ts';
import type { Forgery } from './forgery.ts';
import type { ForgeryMaterial, SigningMode } from './material.ts';
import { elementText, first, replace } from './parts.ts';

const OTHER = 'https://other.attacker.test';
const OTHER_REQUEST = '_another-request-00000000';

type Changes = Partial<RespondOptions>;

interface Claim {
  readonly name: string;
  readonly row: string;
  readonly description: string;
  readonly changes: (material: ForgeryMaterial, at: (minutes: number) => Date) => Changes;
  readonly from?: readonly SigningMode[];
  readonly needsRequest?: true;
}

const signedResponse: readonly SigningMode[] = ['response', 'both'];

/** Changes the XML before it is signed. */
function rewrite(from: string | RegExp, to: string): Changes {
  return { mutateBeforeSigning: (xml) => replace(xml, from, to) };
}

/** Removes an element. */
function without(name: string): Changes {
  return { mutateBeforeSigning: (xml) => replace(xml, elementText(xml, name, 'last'), '') };
}

/** Changes the Version in a start tag. */
function ofVersion11(startTag: RegExp): Changes {
  return {
    mutateBeforeSigning: (xml) => {
      const tag = first(xml, startTag);
      return replace(xml, tag, replace(tag, 'Version="2.0"', 'Version="1.1"'));
    },
  };
}

const claims: readonly Claim[] = [
  {
    name: 'status-not-success',
    row: 'STA-1',
    description: 'The Response reports a failed login, but contains an Assertion.',
    changes: () => ({ status: { code: statusCodes.responder }, assertion: true }),
  },
  {
    name: 'status-missing',
    row: 'STA-1',
    description: 'The Response has no Status.',
    changes: () => without('samlp:Status'),
  },
  {
    name: 'status-failure-with-success-inside',
    row: 'STA-1',
    description:
      'The status is a failure, and Success is nested in it. Careless: searches for Success, or reads the innermost code.',
    changes: () => ({ status: { code: statusCodes.responder, subcode: statusCodes.success }, assertion: true }),
  },
  {
    name: 'other-audience',
    row: 'AUD-1',
    description: 'Issued for another application of the same identity provider. Careless: accepts any valid signature.',
    changes: () => ({ audiences: [OTHER] }),
  },
  {
    name: 'no-audience',
    row: 'AUD-2',
    description: 'Without AudienceRestriction. Careless: checks it only if present.',
    changes: () => ({ audiences: null }),
  },
  {
    name: 'empty-audience',
    row: 'AUD-2',
    description: 'With an empty Audience.',
    changes: () => ({ audiences: [''] }),
  },
  {
    name: 'audience-that-begins-alike',
    row: 'AUD-3',
    description: 'For an application whose name begins with yours. Careless: compares prefixes or substrings.',
    changes: ({ serviceProvider }) => ({ audiences: [`${serviceProvider.entityId}.attacker.test`] }),
  },
  {
    name: 'second-restriction-for-another',
    row: 'AUD-3',
    description:
      'Two AudienceRestrictions, of which one is for another application. Careless: one matching restriction is enough.',
    changes: () =>
      rewrite(
        '</saml:Conditions>',
        `<saml:AudienceRestriction><saml:Audience>${OTHER}</saml:Audience></saml:AudienceRestriction></saml:Conditions>`,
      ),
  },
  {
    name: 'other-recipient',
    row: 'RCP-1',
    description:
      'Confirmed for another address. Careless: an application that receives an assertion could use it at this one.',
    changes: () => ({ recipient: OTHER }),
  },
  {
    name: 'no-recipient',
    row: 'RCP-1',
    description: 'Confirmed for no address.',
    changes: () => ({ recipient: null }),
  },
  {
    name: 'other-destination',
    row: 'DST-1',
    description: 'The signed Response was sent to another address.',
    changes: () => ({ destination: OTHER }),
    from: signedResponse,
  },
  {
    name: 'empty-destination',
    row: 'DST-1',
    description: 'The signed Response has an empty Destination. Careless: checks it only if it is not empty.',
    changes: () => ({ destination: '' }),
    from: signedResponse,
  },
  {
    name: 'expired',
    row: 'TIM-1',
    description: 'Everything ended an hour ago.',
    changes: (_, at) => ({
      issueInstant: at(-120),
      authnInstant: at(-120),
      notBefore: at(-120),
      notOnOrAfter: at(-60),
      confirmationNotOnOrAfter: at(-60),
    }),
  },
  {
    name: 'conditions-expired',
    row: 'TIM-1',
    description: 'The Conditions ended an hour ago; the confirmation did not.',
    changes: (_, at) => ({ notBefore: at(-120), notOnOrAfter: at(-60) }),
  },
  {
    name: 'confirmation-expired',
    row: 'TIM-1',
    description: 'The confirmation ended an hour ago; the Conditions did not.',
    changes: (_, at) => ({ confirmationNotOnOrAfter: at(-60) }),
  },
  {
    name: 'not-yet-valid',
    row: 'TIM-2',
    description: 'The Conditions begin in an hour.',
    changes: (_, at) => ({ notBefore: at(60), notOnOrAfter: at(120) }),
  },
  {
    name: 'confirmation-without-end',
    row: 'TIM-3',
    description: 'The confirmation has no NotOnOrAfter. Careless: treats it as unlimited.',
    changes: () => ({ confirmationNotOnOrAfter: null }),
  },
  {
    name: 'session-over',
    row: 'TIM-4',
    description: 'The session at the identity provider ended an hour ago.',
    changes: (_, at) => ({ authnInstant: at(-120), sessionNotOnOrAfter: at(-60) }),
  },
  {
    name: 'end-that-is-no-time',
    row: 'TIM-5',
    description: 'The confirmation ends at "never". Careless: compares with a date that is not a number.',
    changes: () => ({ notOnOrAfter: 'never', confirmationNotOnOrAfter: 'never' }),
  },
  {
    name: 'issued-in-the-future',
    row: 'TIM-5',
    description: 'Issued tomorrow.',
    changes: (_, at) => ({ issueInstant: at(24 * 60) }),
  },
  {
    name: 'no-conditions',
    row: 'CON-1',
    description: 'Without Conditions: valid for every application, without end.',
    changes: () => without('saml:Conditions'),
  },
  {
    name: 'unknown-condition',
    row: 'CON-1',
    description: 'With an unknown Condition. Careless: ignores unknown conditions.',
    changes: () => rewrite('</saml:Conditions>', '<x:Never xmlns:x="urn:x"/></saml:Conditions>'),
  },
  {
    name: 'no-confirmation',
    row: 'SCF-1',
    description: 'Without SubjectConfirmation: a bearer must not use it.',
    changes: () => ({ confirmationMethod: null }),
  },
  {
    name: 'holder-of-key',
    row: 'SCF-1',
    description: 'Confirmed as holder-of-key only, without proof of the key.',
    changes: () => ({ confirmationMethod: 'urn:oasis:names:tc:SAML:2.0:cm:holder-of-key' }),
  },
  {
    name: 'other-request',
    row: 'IRT-1',
    description: 'Answers a request of another browser (login CSRF). Careless: does not compare InResponseTo.',
    changes: () => ({ responseInResponseTo: OTHER_REQUEST, confirmationInResponseTo: OTHER_REQUEST }),
    needsRequest: true,
  },
  {
    name: 'confirmation-for-other-request',
    row: 'IRT-1',
    description:
      'The Response answers the request of this browser, the Assertion another one. Careless: compares only one of them.',
    changes: () => ({ confirmationInResponseTo: OTHER_REQUEST }),
    needsRequest: true,
  },
  {
    name: 'assertion-of-unsigned-answer',
    row: 'UNS-3',
    description: 'An unsolicited Assertion, in an unsigned Response that claims to answer the request.',
    changes: () => ({ confirmationInResponseTo: null }),
    from: ['assertion'],
    needsRequest: true,
  },
  {
    name: 'unsolicited',
    row: 'IRT-1',
    description: 'Unsolicited, in a browser that began a login. An application may allow that; then omit this forgery.',
    changes: () => ({ responseInResponseTo: null, confirmationInResponseTo: null }),
    needsRequest: true,
  },
  {
    name: 'other-assertion-issuer',
    row: 'ISS-1',
    description: 'The Assertion names another issuer. Careless: accepts every issuer that has the trusted key.',
    changes: () => ({ assertionIssuer: OTHER }),
  },
  {
    name: 'other-issuer',
    row: 'ISS-2',
    description:
      'Response and Assertion name another issuer, under the same key: tenants of some identity providers share one.',
    changes: () => ({ issuer: OTHER, assertionIssuer: OTHER }),
  },
  {
    name: 'empty-name-id',
    row: 'NAM-1',
    description: 'The NameID is empty.',
    changes: () => ({ nameId: '' }),
  },
  {
    name: 'name-id-for-another-application',
    row: 'NAM-1',
    description:
      'By its SPNameQualifier, the NameID was issued for another application, where it may identify another user.',
    changes: () => ({ spNameQualifier: OTHER, nameIdFormat: nameIdFormats.persistent }),
  },
  {
    name: 'no-authn-statement',
    row: 'ATN-1',
    description: 'Without AuthnStatement: nothing states that the user authenticated.',
    changes: () => ({ authnInstant: null }),
  },
  {
    name: 'assertion-of-version-1-1',
    row: 'VER-1',
    description: 'The Assertion is of SAML 1.1.',
    changes: () => ofVersion11(/<saml:Assertion [^<>]*>/),
  },
  {
    name: 'response-of-version-1-1',
    row: 'VER-1',
    description: 'The Response is of SAML 1.1.',
    changes: () => ofVersion11(/<samlp:Response [^<>]*>/),
  },
  {
    name: 'message-of-another-kind',
    row: 'SIG-9',
    description: 'A complete Response under another element name. Careless: searches for an Assertion at any depth.',
    changes: () => ({
      mutateBeforeSigning: (xml) => xml.replaceAll('samlp:Response', 'samlp:ArtifactResponse'),
    }),
  },
  {
    name: 'response-of-another-namespace',
    row: 'SIG-9',
    description: 'A Response in the namespace of assertions. Careless: compares local names only.',
    changes: () => ({
      mutateBeforeSigning: (xml) =>
        xml.replace(`xmlns:samlp="${namespaces.protocol}"`, `xmlns:samlp="${namespaces.assertion}"`),
    }),
  },
  {
    name: 'sha-1',
    row: 'ALG-2',
    description: 'Signed with SHA-1, for which collisions can be computed.',
    changes: ({ key }) =>
      key.privateKey.asymmetricKeyType === 'rsa'
        ? {
            signatureAlgorithm: 'http://www.w3.org/2000/09/xmldsig#rsa-sha1',
            digestAlgorithm: 'http://www.w3.org/2000/09/xmldsig#sha1',
            allowSha1: true,
          }
        : { digestAlgorithm: 'http://www.w3.org/2000/09/xmldsig#sha1', allowSha1: true },
  },
];

/** Genuine messages of the trusted key that are not meant for this application, this login or this time. */
export const claimForgeries: readonly Forgery[] = claims.map(({ changes, ...claim }) => ({
  ...claim,
  make: (material) => {
    const at = (minutes: number): Date => new Date(material.now.getTime() + minutes * 60_000);
    return material.victimsResponse(changes(material, at));
  },
}));
