import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { SignedXml } from 'xml-crypto';

const readPem = (name) => readFileSync(new URL(name, import.meta.url), 'utf8');

/** The identity provider whose key signs every message. A throw-away key. */
export const identityProvider = {
  entityId: 'https://idp.example.com/saml/metadata',
  ssoUrl: 'https://idp.example.com/saml/sso',
  certificate: readPem('idp-certificate.pem'),
};

/** The private key to that certificate. */
export const identityKey = readPem('idp-key.pem');

/** The application that every contender plays. */
export const serviceProvider = {
  entityId: 'https://app.example.com/sso/metadata',
  acsUrl: 'https://app.example.com/sso/acs',
};

/** The e-mail that each contender must read from a message. */
export const email = 'alice.liddell@wonderland.example.com';

const sizes = [
  { label: '6 KB', groups: 12 },
  { label: '55 KB, 500 groups', groups: 500 },
  { label: '500 KB, 5,000 groups', groups: 5000 },
];

/** Several distinct messages of each size, so that no contender can reuse the result of the last one. */
export const corpora = (messagesPerSize) =>
  sizes.map(({ label, groups }) => ({
    label,
    groups,
    messages: Array.from({ length: messagesPerSize }, () => Buffer.from(signedResponse(groups)).toString('base64')),
  }));

/** The same message with one letter of a signed value changed: every contender must refuse it. */
export function altered(message) {
  const xml = Buffer.from(message, 'base64').toString();
  return Buffer.from(xml.replace('>Liddell<', '>Liddelm<')).toString('base64');
}

/** An IdP-initiated login, valid for an hour; the Assertion is signed, the Response is not. */
export function signedResponse(groups) {
  const signer = new SignedXml({
    privateKey: identityKey,
    publicCert: identityProvider.certificate,
    signatureAlgorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    canonicalizationAlgorithm: 'http://www.w3.org/2001/10/xml-exc-c14n#',
    getKeyInfoContent: SignedXml.getKeyInfoContent,
    idAttributes: ['ID'],
  });
  signer.addReference({
    xpath: '/*/*[local-name() = "Assertion"]',
    digestAlgorithm: 'http://www.w3.org/2001/04/xmlenc#sha256',
    transforms: ['http://www.w3.org/2000/09/xmldsig#enveloped-signature', 'http://www.w3.org/2001/10/xml-exc-c14n#'],
  });
  signer.computeSignature(unsignedResponse(groups), {
    prefix: 'ds',
    location: { reference: '/*/*[local-name() = "Assertion"]/*[local-name() = "Issuer"]', action: 'after' },
  });
  return signer.getSignedXml();
}

/** The same message without a signature. */
export function unsignedResponse(groups) {
  const id = () => `_${randomUUID()}`;
  const fromNow = (minutes) => new Date(Date.now() + minutes * 60_000).toISOString();
  const value = (text) => `<saml:AttributeValue xsi:type="xs:string">${text}</saml:AttributeValue>`;
  const attribute = (name, values) =>
    `<saml:Attribute Name="${name}" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:basic">${values.map(value).join('')}</saml:Attribute>`;
  const groupNames = Array.from(
    { length: groups },
    (_, n) => `cn=team-${String(n).padStart(4, '0')},ou=groups,dc=example`,
  );
  return `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="${id()}" Version="2.0" IssueInstant="${fromNow(0)}" Destination="${serviceProvider.acsUrl}">
  <saml:Issuer>${identityProvider.entityId}</saml:Issuer>
  <samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>
  <saml:Assertion xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" ID="${id()}" Version="2.0" IssueInstant="${fromNow(0)}">
    <saml:Issuer>${identityProvider.entityId}</saml:Issuer>
    <saml:Subject>
      <saml:NameID Format="urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress" SPNameQualifier="${serviceProvider.entityId}">${email}</saml:NameID>
      <saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">
        <saml:SubjectConfirmationData NotOnOrAfter="${fromNow(60)}" Recipient="${serviceProvider.acsUrl}"/>
      </saml:SubjectConfirmation>
    </saml:Subject>
    <saml:Conditions NotBefore="${fromNow(-1)}" NotOnOrAfter="${fromNow(60)}">
      <saml:AudienceRestriction><saml:Audience>${serviceProvider.entityId}</saml:Audience></saml:AudienceRestriction>
    </saml:Conditions>
    <saml:AuthnStatement AuthnInstant="${fromNow(-1)}" SessionNotOnOrAfter="${fromNow(60)}" SessionIndex="${id()}">
      <saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport</saml:AuthnContextClassRef></saml:AuthnContext>
    </saml:AuthnStatement>
    <saml:AttributeStatement>
      ${attribute('email', [email])}
      ${attribute('givenName', ['Alice'])}
      ${attribute('surname', ['Liddell'])}
      ${attribute('groups', groupNames)}
    </saml:AttributeStatement>
  </saml:Assertion>
</samlp:Response>`;
}
