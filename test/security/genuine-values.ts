import { namespaces } from '../../src/saml/names.ts';
import { attribute, type Genuine, genuine, statement } from './genuine-message.ts';

const declared = `xmlns:xs="${namespaces.schema}" xmlns:xsi="${namespaces.schemaInstance}"`;

/** An attribute of one value. */
function value(name: string, written: string, expected: string): Genuine {
  return genuine(name, {
    parts: { attributes: statement(attribute('Name="mail"', written)) },
    claims: { attributes: [{ name: 'mail', values: [expected] }] },
  });
}

/** A value whose text needs no escaping, in NameID and attribute alike. */
function text(name: string, written: string): Genuine {
  return genuine(name, {
    mode: 'both',
    parts: {
      nameId: `<saml:NameID>${written}</saml:NameID>`,
      attributes: statement(attribute(`Name="${written}" FriendlyName="${written}"`, written)),
    },
    claims: {
      subject: { nameId: written, format: 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified' },
      attributes: [{ name: written, friendlyName: written, values: [written] }],
    },
  });
}

const typed = (name: string, attributes: string, content: string, expected = content): Genuine =>
  value(name, `<saml:AttributeValue ${attributes}>${content}</saml:AttributeValue>`, expected);

const scripts: readonly Genuine[] = [
  text('German', 'Jörg Weiß'),
  text('Vietnamese', 'Nguyễn Thị Ánh'),
  text('Japanese', '山田 太郎'),
  text('Arabic, right to left', 'محمد علي'),
  text('Hebrew with marks of direction', '\u200Fדוד כהן\u200E'),
  text('Hindi with joiners', 'क्\u200Dष'),
  text('Thai without spaces', 'สมชายใจดี'),
  text('an emoji', 'alice \u{1F600}'),
  text('an emoji of several, joined', '\u{1F469}\u200D\u{1F4BB}'),
  text('a rare ideograph beyond the basic plane', '\u{20BB7}野家'),
  text('letters and combining marks, not composed', 'Jo\u0308rg'),
  text('no-break space', 'a\u00A0b'),
  text('NEXT LINE, which is no line end of XML 1.0', 'a\u0085b'),
  text('LINE SEPARATOR', 'a\u2028b'),
  text('private use', '\uE000'),
  text('the replacement character', 'a\uFFFDb'),
  text('the last character of Unicode', '\u{10FFFF}'),
  text('a byte order mark inside', 'a\uFEFFb'),
  text('DELETE and its neighbours, which XML 1.0 allows', 'a\x7F\x80\x9Fb'),
  text('names of Object.prototype', 'constructor'),
  text('the name __proto__', '__proto__'),
];

const markup: readonly Genuine[] = [
  value('&amp; in a value', 'Research &amp; Development', 'Research & Development'),
  value('&lt; and &gt; in a value', '&lt;b&gt;', '<b>'),
  value('quotes by entities', '&quot;Al&apos;s&quot;', '"Al\'s"'),
  value('quotes as they are', '"Al\'s"', '"Al\'s"'),
  value('> as it is', 'a > b', 'a > b'),
  value(']]&gt;', ']]&gt;', ']]>'),
  value('an entity escaped twice', 'R&amp;amp;D', 'R&amp;D'),
  value('&#13; in a value', 'a&#13;b', 'a\rb'),
  value('&#9; and &#10; in a value', 'a&#9;&#10;b', 'a\t\nb'),
  value('CDATA with markup', '<![CDATA[<a href="?x=1&y=2">]]>', '<a href="?x=1&y=2">'),
  value('CDATA, text and references together', 'a<![CDATA[&]]>&amp;&#38;', 'a&&&'),
  value('a distinguished name', 'CN=Alice\\, A.,OU=R&amp;D,DC=example', 'CN=Alice\\, A.,OU=R&D,DC=example'),
  value('JSON in a value', '{"roles":["admin"]}', '{"roles":["admin"]}'),
  value('white space around a value is kept', ' alice ', ' alice '),
  value('line breaks around a value are kept', '\n    alice\n  ', '\n    alice\n  '),
  value('a value of 100,000 characters', 'x'.repeat(100_000), 'x'.repeat(100_000)),
  value('an empty value', '', ''),
  value('a value of white space', '  ', '  '),
];

const types: readonly Genuine[] = [
  typed('xsi:type xs:string', `${declared} xsi:type="xs:string"`, 'a'),
  typed('xsi:type xs:anyType: WSO2', `${declared} xsi:type="xs:anyType"`, 'a'),
  typed('xsi:type xs:boolean', `${declared} xsi:type="xs:boolean"`, 'true'),
  typed('xsi:type xs:integer', `${declared} xsi:type="xs:integer"`, '42'),
  typed('xsi:type xs:base64Binary', `${declared} xsi:type="xs:base64Binary"`, 'AAEC'),
  typed('xsi:type xs:dateTime', `${declared} xsi:type="xs:dateTime"`, '2026-01-01T00:00:00Z'),
  typed(
    'xsi:type xs:anyURI',
    `${declared} xsi:type="xs:anyURI"`,
    'https://example.test/?a=1&amp;b',
    'https://example.test/?a=1&b',
  ),
  typed(
    'xsi:type by other prefixes: Okta, .NET',
    `xmlns:d="${namespaces.schema}" xmlns:i="${namespaces.schemaInstance}" i:type="d:string"`,
    'a',
  ),
  typed(
    'xsi:type of the default namespace',
    `xmlns="${namespaces.schema}" xmlns:xsi="${namespaces.schemaInstance}" xsi:type="string"`,
    'a',
  ),
  typed(
    'xsi:type whose prefix nothing declares: it is a mere value',
    `xmlns:xsi="${namespaces.schemaInstance}" xsi:type="xs:string"`,
    'a',
  ),
  typed('xsi:nil', `${declared} xsi:nil="true"`, ''),
  typed('xsi:nil="false"', `${declared} xsi:nil="false"`, 'a'),
  typed('xml:lang on a value', 'xml:lang="fr"', 'Élise'),
  typed('xml:space on a value', 'xml:space="preserve"', ' a '),
  typed('an attribute of another namespace on a value', 'xmlns:x="urn:example" x:hint="1"', 'a'),
  value('an empty element for a value', '<saml:AttributeValue/>', ''),
];

/** Scripts, markup and types in values. */
export const values: readonly Genuine[] = [...scripts, ...markup, ...types];
