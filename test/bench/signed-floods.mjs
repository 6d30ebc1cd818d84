import { createHash, sign } from 'node:crypto';
import { email, identityKey, identityProvider, serviceProvider } from './corpus.mjs';

const dsig = 'http://www.w3.org/2000/09/xmldsig#';
const excC14n = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const SAML = 'urn:oasis:names:tc:SAML:2.0:assertion';

/**
 * A login that is right in everything but its size, signed by the pinned key: a hostile tenant's own. It is written in
 * canonical form, so that signing takes no canonicalizer.
 *
 * @param {string} values inside the attribute `groups`, in the namespaces `saml` and none
 * @param {string} canonical the same in canonical form, where that differs
 */
function signedFlood(values, canonical = values) {
  const content = assertion(canonical);
  const digest = createHash('sha256').update(content).digest('base64');
  const signedInfo = `<ds:SignedInfo xmlns:ds="${dsig}"><ds:CanonicalizationMethod Algorithm="${excC14n}"></ds:CanonicalizationMethod><ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"></ds:SignatureMethod><ds:Reference URI="#_a"><ds:Transforms><ds:Transform Algorithm="${dsig}enveloped-signature"></ds:Transform><ds:Transform Algorithm="${excC14n}"></ds:Transform></ds:Transforms><ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"></ds:DigestMethod><ds:DigestValue>${digest}</ds:DigestValue></ds:Reference></ds:SignedInfo>`;
  const value = sign('sha256', Buffer.from(signedInfo), identityKey).toString('base64');
  const signature = `<ds:Signature xmlns:ds="${dsig}">${signedInfo}<ds:SignatureValue>${value}</ds:SignatureValue></ds:Signature>`;
  return `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_r" IssueInstant="${fromNow(0)}" Version="2.0"><samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>${assertion(values).replace('</saml:Issuer>', (end) => end + signature)}</samlp:Response>`;
}

const fromNow = (minutes) => new Date(Date.now() + minutes * 60_000).toISOString();
const start = fromNow(0);
const end = fromNow(600);

function assertion(values) {
  return `<saml:Assertion xmlns:saml="${SAML}" ID="_a" IssueInstant="${start}" Version="2.0"><saml:Issuer>${identityProvider.entityId}</saml:Issuer><saml:Subject><saml:NameID>${email}</saml:NameID><saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData NotOnOrAfter="${end}" Recipient="${serviceProvider.acsUrl}"></saml:SubjectConfirmationData></saml:SubjectConfirmation></saml:Subject><saml:Conditions><saml:AudienceRestriction><saml:Audience>${serviceProvider.entityId}</saml:Audience></saml:AudienceRestriction></saml:Conditions><saml:AuthnStatement AuthnInstant="${start}"><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement><saml:AttributeStatement><saml:Attribute Name="groups">${values}</saml:Attribute></saml:AttributeStatement></saml:Assertion>`;
}

const numbered = (count, text) => Array.from({ length: count }, (_, n) => text(String(n).padStart(5, '0'))).join('');
const attributes = (count) => numbered(count, (n) => ` a${n}=""`);
const element = (count) => `<a${attributes(count)}></a>`;
const value = (text) => `<saml:AttributeValue>${text}</saml:AttributeValue>`;
const nested = (depth) => {
  const starts = numbered(depth, (n) => `<p${n}:a xmlns:p${n}="u:">`);
  const ends = starts.match(/p\d+:a/g)?.reverse() ?? [];
  return starts + ends.map((name) => `</${name}>`).join('');
};
const prefixes = numbered(26, (n) => ` xmlns:p${n}="u:${n}"`);
const prefixed = numbered(26, (n) => ` p${n}:a=""`);

/** Right logins of up to 1 MiB that the pinned key signed, each the worst of its kind that we could think of. */
export const signedFloods = {
  '5,000 groups in an Attribute each': signedFlood(
    `</saml:Attribute>${numbered(4999, (n) => `<saml:Attribute FriendlyName="g" Name="g${n}" NameFormat="f">${value(n)}</saml:Attribute>`)}<saml:Attribute Name="last">`,
  ),
  '11,900 values': signedFlood(numbered(11_900, value)),
  '11,900 empty elements': signedFlood('<a></a>'.repeat(11_900)),
  '10,200 elements with 2 attributes each': signedFlood(element(2).repeat(10_200)),
  '330 elements with 63 attributes each': signedFlood(element(63).repeat(330)),
  'elements with 26 declarations and 26 prefixed attributes each': signedFlood(
    `<a${prefixes}${prefixed}></a>`.repeat(400),
  ),
  'namespaces declared at each of 15 depths, again and again': signedFlood(nested(15).repeat(660)),
  'namespaces declared at each of 28 depths, again and again': signedFlood(nested(28).repeat(420)),
  'elements with 26 declarations and 40 attributes each': signedFlood(
    `<a${prefixes}${attributes(40)}></a>`.repeat(300),
    element(40).repeat(300),
  ),
  '20,800 attributes, 2 per element': signedFlood(element(2).repeat(10_400)),
  'text of 1 MB': signedFlood(value('x'.repeat(1_000_000))),
  'text of &gt;': signedFlood(value('&gt;'.repeat(250_000))),
  'text of &#xD;': signedFlood(value('&#xD;'.repeat(200_000))),
  'text of characters beyond the basic plane': signedFlood(value('😀'.repeat(250_000))),
  'an attribute of &#xA;': signedFlood(`<a a="${'&#xA;'.repeat(200_000)}"></a>`),
};
