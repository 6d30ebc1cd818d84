import { describe, expect, it } from 'vitest';
import { collapseWhiteSpace, type XmlElement } from '../../src/xml/element.ts';
import { defaultLimits, type Limits } from '../../src/xml/limits.ts';
import { readXml } from '../../src/xml/read.ts';
import { refusal } from '../support/refusal.ts';

const message = {
  malformed_xml: 'the SAML message is not well-formed XML',
  forbidden_xml: 'the SAML message uses an XML feature that is never accepted',
} as const;
const XML = 'http://www.w3.org/XML/1998/namespace';
const XMLNS = 'http://www.w3.org/2000/xmlns/';

function limits(some: Partial<Limits>): Limits {
  return { ...defaultLimits, ...some };
}

/** The value of the attribute `a` of a root element with this literal. */
function attribute(written: string): string | undefined {
  return readXml(`<r a=${written}/>`).get('a');
}

describe('readXml refuses', () => {
  // [document, line, column, part of the hint]
  const malformed: readonly (readonly [string, number, number, string])[] = [
    ['', 1, 1, 'there is no root element'],
    [' \n ', 2, 2, 'there is no root element'],
    ['<!-- -->', 1, 9, 'there is no root element'],
    ['<?xml version="1.0"?>', 1, 22, 'there is no root element'],
    ['x<a/>', 1, 1, 'text outside the root'],
    ['<a/>x', 1, 5, 'text outside the root'],
    ['<a/>\n &#32;', 2, 2, 'text outside the root'],
    ['\uFEFF\uFEFF<a/>', 1, 1, 'text outside the root'],
    ['<a/>\n<b/>', 2, 1, 'a second root'],
    ['<a></a></a>', 1, 8, 'an end tag without a start tag'],
    ['</a>', 1, 1, 'an end tag without a start tag'],
    ['<a>\n<b></a>', 2, 4, 'does not match <b>'],
    ['<a></A>', 1, 4, 'does not match <a>'],
    ['<a></aa>', 1, 4, 'does not match <a>'],
    ['<a></a b="1">', 1, 4, 'does not match <a>'],
    ['<a xmlns:p="urn:p"><p:b></b></a>', 1, 25, 'does not match <p:b>'],
    ['<a>', 1, 4, 'ends inside <a>'],
    ['<a', 1, 3, 'is not closed'],
    ['<a b="1"', 1, 9, 'is not closed'],
    ['<a b="1"c="2"/>', 1, 9, 'white space is missing'],
    ['<a/ >', 1, 3, 'is not closed'],
    ['< a/>', 1, 2, 'a name is expected'],
    ['<1/>', 1, 2, 'a name is expected'],
    ['<a:b:c/>', 1, 2, 'a name is expected'],
    ['<:a/>', 1, 2, 'a name is expected'],
    ['<a:/>', 1, 2, 'a name is expected'],
    ['<a<b/>', 1, 2, 'a name is expected'],
    ['<a "b"/>', 1, 4, 'a name is expected'],
    ['<a ="b"/>', 1, 4, 'a name is expected'],
    ['<a -b="1"/>', 1, 4, 'a name is expected'],
    ['<a b/>', 1, 5, 'has no value'],
    ['<a b c="1"/>', 1, 6, 'has no value'],
    ['<a b=1/>', 1, 6, 'is not quoted'],
    ['<a\nb="1\n/>', 2, 3, 'is not closed'],
    ['<a b="<"/>', 1, 7, '"<" in the value of b'],
    ['<a b="1" b="2"/>', 1, 1, 'two attributes have the name b'],
    ['<a xmlns:p="urn:x" xmlns:q="urn:x" p:b="1" q:b="1"/>', 1, 1, 'two attributes have the name'],
    ['<a xmlns="urn:x" xmlns="urn:x"/>', 1, 18, 'declared twice'],
    ['<a xmlns:p="urn:x" xmlns:p="urn:y"/>', 1, 20, 'declared twice'],
    [`<a xmlns:xml="${XML}" xmlns:xml="${XML}"/>`, 1, 53, 'declared twice'],
    ['<a><p:b/></a>', 1, 4, 'prefix p is not declared'],
    ['<a p:b="1"/>', 1, 1, 'prefix p is not declared'],
    ['<a><b xmlns:p="urn:p"/><p:b/></a>', 1, 24, 'prefix p is not declared'],
    ['<xmlns:a/>', 1, 1, 'prefix xmlns is not declared'],
    ['<a xmlns:p=""/>', 1, 4, 'is empty'],
    ['<a xmlns:xml="urn:x"/>', 1, 4, 'cannot be rebound'],
    [`<a xmlns:p="${XML}"/>`, 1, 4, 'cannot be rebound'],
    [`<a xmlns="${XML}"/>`, 1, 4, 'cannot be rebound'],
    [`<a xmlns="${XMLNS}"/>`, 1, 4, 'cannot be rebound'],
    [`<a xmlns:p="${XMLNS}"/>`, 1, 4, 'cannot be rebound'],
    [`<a xmlns:xmlns="${XMLNS}"/>`, 1, 4, 'cannot be rebound'],
    ['<a>x & y</a>', 1, 6, '"&" does not begin a reference'],
    ['<a>&amp</a>', 1, 4, '"&" does not begin a reference'],
    ['<a>\n\n&nbsp;</a>', 3, 1, '"&" does not begin a reference'],
    ['<a>&AMP;</a>', 1, 4, '"&" does not begin a reference'],
    ['<a>&#;</a>', 1, 4, '"&" does not begin a reference'],
    ['<a>&#X41;</a>', 1, 4, '"&" does not begin a reference'],
    ['<a>&# 65;</a>', 1, 4, '"&" does not begin a reference'],
    ['<a>&#constructor;</a>', 1, 4, '"&" does not begin a reference'],
    ['<a>&constructor;</a>', 1, 4, '"&" does not begin a reference'],
    ['<a b="x&y"/>', 1, 8, '"&" does not begin a reference'],
    ['<a>&#000000000065;</a>', 1, 4, '"&" does not begin a reference'],
    ['<a>&#0;</a>', 1, 4, '"&" does not begin a reference to a character of XML 1.0'],
    ['<a>&#xB;</a>', 1, 4, '"&" does not begin a reference to a character of XML 1.0'],
    ['<a>&#xD800;</a>', 1, 4, '"&" does not begin a reference to a character of XML 1.0'],
    ['<a>&#xD83D;&#xDE00;</a>', 1, 4, '"&" does not begin a reference to a character of XML 1.0'],
    ['<a>&#xFFFE;</a>', 1, 4, '"&" does not begin a reference to a character of XML 1.0'],
    ['<a>&#x110000;</a>', 1, 4, '"&" does not begin a reference to a character of XML 1.0'],
    ['<a>]]></a>', 1, 4, '"]]>" in text'],
    ['<a>x<b/>y\n]]></a>', 2, 1, '"]]>" in text'],
    ['<a>\0</a>', 1, 4, 'a character that XML 1.0 excludes'],
    ['<a>\n\x1B[31m</a>', 2, 1, 'a character that XML 1.0 excludes'],
    ['<a b="\uFFFE"/>', 1, 7, 'a character that XML 1.0 excludes'],
    ['<a><!--\uFFFF--></a>', 1, 8, 'a character that XML 1.0 excludes'],
    ['<a><![CDATA[\x01]]></a>', 1, 13, 'a character that XML 1.0 excludes'],
    ['<a/><!--\x02-->', 1, 9, 'a character that XML 1.0 excludes'],
    ['<a/>\0<b/>', 1, 5, 'a character that XML 1.0 excludes'],
    ['<a\0/>', 1, 3, 'a character that XML 1.0 excludes'],
    ['<a b\x01=""/>', 1, 5, 'has no value'],
    ['<a>\uD800</a>', 1, 4, 'a character that XML 1.0 excludes'],
    ['<a>\u{1F600}\uDE00</a>', 1, 6, 'a character that XML 1.0 excludes'],
    ['<a><!-- x', 1, 4, 'a comment is not closed'],
    ['<a><!-- x -- y --></a>', 1, 11, '"--" inside a comment'],
    ['<a><!-- x ---></a>', 1, 11, '"--" inside a comment'],
    ['<a><!-->', 1, 4, 'a comment is not closed'],
    ['<a><![CDATA[x]]', 1, 4, 'a CDATA section is not closed'],
    ['<![CDATA[x]]><a/>', 1, 1, 'a CDATA section is outside'],
    ['<a/><![CDATA[]]>', 1, 5, 'a CDATA section is outside'],
    ['<a><![cdata[x]]></a>', 1, 4, 'does not begin a comment or a CDATA section'],
    ['<a><!ENTITY x "y"></a>', 1, 4, 'does not begin a comment or a CDATA section'],
    ['<!doctype a><a/>', 1, 1, 'does not begin a comment or a CDATA section'],
    ['<?xml version="1.1"?><a/>', 1, 1, 'the XML declaration'],
    ['<?xml?><a/>', 1, 1, 'the XML declaration'],
    ['<?xml encoding="utf-8"?><a/>', 1, 1, 'the XML declaration'],
    ['<?xml encoding="utf-8" version="1.0"?><a/>', 1, 1, 'the XML declaration'],
    ['<?xml version="1.0" standalone="maybe"?><a/>', 1, 1, 'the XML declaration'],
    ['<?xml version="1.0"encoding="utf-8"?><a/>', 1, 1, 'the XML declaration'],
  ];
  it.each(malformed)('%j as malformed', (document, line, column, problem) => {
    const error = refusal(() => readXml(document));
    expect(error.code).toBe('malformed_xml');
    expect(error.message).toBe(message.malformed_xml);
    expect(error.details).toMatchObject({ line, column });
    expect(error.hint).toContain(`Line ${line}, column ${column}: `);
    expect(error.hint).toContain(problem);
  });

  const forbidden: readonly (readonly [string, number, number, string])[] = [
    ['<!DOCTYPE a><a/>', 1, 1, 'DOCTYPE'],
    ['<?xml version="1.0"?>\n<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', 2, 1, 'DOCTYPE'],
    ['<a><!DOCTYPE a></a>', 1, 4, 'DOCTYPE'],
    ['<a/><!DOCTYPE a>', 1, 5, 'DOCTYPE'],
    ['<?pi?><a/>', 1, 1, 'processing instruction'],
    ['<?xml-stylesheet href="x"?><a/>', 1, 1, 'processing instruction'],
    ['<a>\n x<?p not-an-?>admin</a>', 2, 3, 'processing instruction'],
    ['<a/><?pi?>', 1, 5, 'processing instruction'],
    [' <?xml version="1.0"?><a/>', 1, 2, 'not at the start'],
    ['<?xml version="1.0"?><?xml version="1.0"?><a/>', 1, 22, 'not at the start'],
    ['<?XML version="1.0"?><a/>', 1, 1, 'processing instruction'],
    ['<?xml version="1.0" encoding="utf-16"?><a/>', 1, 1, 'encoding utf-16'],
    ['<?xml version="1.0" encoding="UTF-7"?><a/>', 1, 1, 'encoding UTF-7'],
    ["<?xml version='1.0' encoding='ISO-8859-1'?><a/>", 1, 1, 'encoding ISO-8859-1'],
    ['<a xmlns="x"/>', 1, 4, 'is a relative URI'],
    ['<a xmlns:p="../x"/>', 1, 4, 'is a relative URI'],
    ['<a xmlns:p="1:x"/>', 1, 4, 'is a relative URI'],
    ['<a xmlns:p=" urn:x"/>', 1, 4, 'is a relative URI'],
  ];
  it.each(forbidden)('%j as forbidden', (document, line, column, problem) => {
    const error = refusal(() => readXml(document));
    expect(error.code).toBe('forbidden_xml');
    expect(error.message).toBe(message.forbidden_xml);
    expect(error.details).toMatchObject({ line, column });
    expect(error.hint).toContain(problem);
  });

  it('counts lines after normalizing line ends', () => {
    expect(refusal(() => readXml('<a>\r\n\r\r\n x&</a>')).details).toMatchObject({ line: 4, column: 3 });
  });

  it('escapes control characters of the document in the hint', () => {
    expect(refusal(() => readXml('<a b="1" \u202Eb="2"/>')).hint).not.toContain('\u202E');
  });
});

describe('readXml accepts', () => {
  it.each([
    ['<a/>'],
    ['<a />'],
    ['<a></a\t\n>'],
    ['\n <!-- x --> <a/> <!-- y -->\n'],
    ['\uFEFF<a/>'],
    ['\uFEFF<?xml version="1.0"?><a/>'],
    ['<?xml version="1.0" encoding="UTF-8"?>\r\n<a/>'],
    ["<?xml\tversion = '1.0'\r\nencoding='utf-8' standalone = 'yes' ?><a/>"],
  ])('%j', (document) => {
    expect(readXml(document).qualifiedName).toBe('a');
  });

  it.each([
    ['<a>x<!-- y -->z</a>', 'xz'],
    ['<a><!----></a>', ''],
    ['<a><!-->--></a>', ''],
    ['<a><!--->--></a>', ''],
    ['<a><!-- <b> & ]]> <?pi?> --></a>', ''],
    ['<a>x<![CDATA[<b>&amp;]]]]><![CDATA[>]]>y</a>', 'x<b>&amp;]]>y'],
    ['<a><![CDATA[]]></a>', ''],
    ['<a><![CDATA[]]]]></a>', ']]'],
    ['<a>]]<![CDATA[>]]></a>', ']]>'],
    ['<a>&lt;&gt;&amp;&quot;&apos;</a>', '<>&"\''],
    ['<a>&#65;&#x41;&#x1F600;&#128512;</a>', 'AA\u{1F600}\u{1F600}'],
    ['<a>&#0000000065;&#x000000041;&#x10FFFF;</a>', 'AA\u{10FFFF}'],
    ['<a>&amp;lt;&#38;lt;</a>', '&lt;&lt;'],
    ['<a>1\r\n2\r3\n4\r\r\n5</a>', '1\n2\n3\n4\n\n5'],
    ['<a>&#13;\r\n&#xD;&#10;</a>', '\r\n\r\n'],
    ['<a><![CDATA[1\r\n2]]></a>', '1\n2'],
    ['<a>\u0085\u2028\uFEFF\uFFFD\x7F</a>', '\u0085\u2028\uFEFF\uFFFD\x7F'],
    ['<a>]] > ]></a>', ']] > ]>'],
    ['<a>  x  </a>', '  x  '],
  ])('%j with the text %j', (document, text) => {
    const root = readXml(document);
    expect(root.text).toBe(text);
    // Adjacent text is one node, empty text is no node.
    expect(root.children).toEqual(text === '' ? [] : [text]);
  });

  it.each([
    ['""', ''],
    ["'\"'", '"'],
    ['"\'"', "'"],
    ['">"', '>'],
    ['"/"', '/'],
    ['"]]>"', ']]>'],
    ['"1\t2\n3\r\n4\r5"', '1 2 3 4 5'],
    [`"${'1\t\n'.repeat(200)}"`, '1  '.repeat(200)],
    [`"${'1\té&amp;'.repeat(200)}"`, '1 é&'.repeat(200)],
    ['"&#9;&#10;&#13;&#x20;"', '\t\n\r '],
    ['" x  y "', ' x  y '],
    ['"&lt;&amp;amp;"', '<&amp;'],
    ['\n"1"\t', '1'],
  ])('the attribute value %j as %j', (written, value) => {
    expect(attribute(written)).toBe(value);
  });

  it('names of XML 1.0, fifth edition, and the reserved ones that a document may use', () => {
    for (const name of ['é', '名', '_-.·', 'a\u0300', '\u{10000}', 'xmlns', 'xmlfoo', '__proto__', 'constructor']) {
      expect(readXml(`<${name}/>`).localName).toBe(name);
      expect(readXml(`<p:${name} xmlns:p="urn:p"/>`).localName).toBe(name);
    }
  });

  it('the innermost namespace declaration, and no namespace for attributes without prefix', () => {
    const root = readXml(
      '<a xmlns="urn:1" xmlns:p="urn:2" b="1" p:b="2"><p:c xmlns:p="urn:3"><d xmlns=""/></p:c><p:e xml:lang="en"/></a>',
    );
    const [c, e] = root.elements();
    expect([root.namespace, c?.namespace, c?.elements()[0]?.namespace, e?.namespace]).toEqual([
      'urn:1',
      'urn:3',
      '',
      'urn:2',
    ]);
    expect(root.attributes.map(({ namespace, value }) => [namespace, value])).toEqual([
      ['', '1'],
      ['urn:2', '2'],
    ]);
    expect(root.get('b')).toBe('1');
    expect(e?.attributes).toEqual([{ prefix: 'xml', localName: 'lang', namespace: XML, value: 'en' }]);
  });

  it('declarations after their use in the same tag, and the correct one of xml', () => {
    expect(readXml('<p:a p:b="1" xmlns:p="urn:p"/>').namespace).toBe('urn:p');
    expect(readXml(`<a xmlns:xml="${XML}"><xml:b/></a>`).elements()[0]?.namespace).toBe(XML);
  });

  it('one prefix declared by two siblings', () => {
    expect(
      readXml('<a><p:b xmlns:p="urn:1"/><p:b xmlns:p="urn:2"/></a>')
        .elements()
        .map((b) => b.namespace),
    ).toEqual(['urn:1', 'urn:2']);
  });
});

describe('readXml namespaces of excessive length', () => {
  it('are refused beyond 1,024 characters', () => {
    expect(readXml(`<a xmlns="urn:${'x'.repeat(1020)}"/>`).namespace).toHaveLength(1024);
    const error = refusal(() => readXml(`<a xmlns="urn:${'x'.repeat(1021)}"/>`));
    expect([error.code, error.message]).toEqual([
      'forbidden_xml',
      'the SAML message uses an XML feature that is never accepted',
    ]);
    expect(error.hint).toContain('longer than 1024 characters');
  });
});

describe('readXml limits', () => {
  const nested = (depth: number, innermost = '<a></a>'): string =>
    `${'<a>'.repeat(depth - 1)}${innermost}${'</a>'.repeat(depth - 1)}`;
  const declarations = (count: number): string =>
    Array.from({ length: count }, (_, i) => ` xmlns:p${i}="urn:p"`).join('');
  const cases: readonly (readonly [keyof Limits, string, string, Partial<Limits>])[] = [
    ['bytes', `<a>${'x'.repeat(13)}</a>`, `<a>${'x'.repeat(14)}</a>`, { bytes: 20 }],
    ['bytes', `<a>${'é'.repeat(6)}</a>`, `<a>${'é'.repeat(7)}</a>`, { bytes: 20 }],
    ['depth', nested(64), nested(65), {}],
    ['depth', nested(64, '<a/>'), nested(65, '<a/>'), {}],
    ['elements', '<a><b/><b/></a>', '<a><b/><b/><b/></a>', { elements: 3 }],
    ['attributes', '<a b="" c=""/>', '<a b="" c="" d=""/>', { attributes: 2 }],
    ['attributes', '<a b="" xmlns="urn:a"/>', '<a b="" c="" xmlns="urn:a"/>', { attributes: 2 }],
    [
      'prefixes',
      `<a${declarations(16)}><b${declarations(16)}/></a>`,
      `<a${declarations(16)}><b${declarations(17)}/></a>`,
      {},
    ],
  ];
  it.each(cases)('%s: accepts the limit and refuses more', (limit, allowed, excessive, some) => {
    expect(readXml(allowed, limits(some)).localName).toBe('a');
    const error = refusal(() => readXml(excessive, limits(some)));
    expect(error.code).toBe('message_too_large');
    expect(error.message).toBe('the SAML message exceeds a size limit');
    expect(error.details).toMatchObject({ limit, expected: limits(some)[limit] });
    expect(error.hint).toContain(`limits.${limit}`);
  });

  it('64 attributes on one element and no more, independent of the options', () => {
    const bearing = (count: number): string =>
      `<a>\n <b xmlns:p="urn:p"${Array.from({ length: count }, (_, i) => ` b${i}=""`).join('')}/></a>`;
    expect(readXml(bearing(64)).elements()[0]?.attributes).toHaveLength(64);
    const error = refusal(() => readXml(bearing(65), limits({ attributes: 100_000 })));
    expect([error.code, error.message]).toEqual([
      'forbidden_xml',
      'the SAML message uses an XML feature that is never accepted',
    ]);
    expect(error.hint).toContain('Line 2, column 459: more than 64 attributes on one element');
  });

  it('report line and column', () => {
    expect(refusal(() => readXml('<a>\n<b/>\n <b/></a>', limits({ elements: 2 }))).details).toMatchObject({
      line: 3,
      column: 2,
    });
    expect(refusal(() => readXml('<a\nb="" c=""/>', limits({ attributes: 1 }))).details).toMatchObject({
      line: 2,
      column: 5,
    });
  });

  it('do not count siblings', () => {
    // Depth counts nesting, prefixes those in scope at one element.
    expect(readXml(`<a>${`<b${declarations(32)}/>`.repeat(100)}</a>`).children).toHaveLength(100);
  });
});

// Inputs that take quadratic time in naive parsers: each would then exceed the time limit of the test.
describe('readXml takes linear time for', () => {
  const size = 2_000_000;
  const wide = limits({ bytes: 3 * size, elements: size, attributes: size });
  const fill = (piece: string): string => piece.repeat(Math.floor(size / piece.length));
  const accepted: readonly (readonly [string, string])[] = [
    ['text', `<a>${fill('x')}</a>`],
    ['references', `<a>${fill('&#x41;')}</a>`],
    ['references with zeros', `<a>${fill('&#x0000041;')}</a>`],
    ['comments between texts', `<a>${fill('x<!---->')}</a>`],
    ['CDATA sections', `<a>${fill('<![CDATA[]]]>')}</a>`],
    ['brackets', `<a>${fill(']')}</a>`],
    ['elements', `<a>${fill('<b/>')}</a>`],
    ['elements with attributes', `<a>${fill('<b c="&lt;"/>x')}</a>`],
    ['names', `<a>${Array.from({ length: 200_000 }, (_, i) => `<b${i}/>`).join('')}</a>`],
    ['line ends', `<a>${fill('\r\n')}</a>`],
    ['one long attribute', `<a b="${fill('&amp;\n')}"/>`],
    ['one long name', `<${fill('a')}/>`],
    ['white space in tags', `<a${fill(' ')}b="1"${fill('\n')}/>`],
    ['white space around the root', `${fill(' ')}<a/>${fill('\n')}`],
  ];
  it.each(accepted)('%s', (_, document) => {
    expect(readXml(document, wide)).toBeDefined();
  });

  const refused: readonly (readonly [string, string])[] = [
    ['unclosed comments', fill('<!--')],
    ['unclosed CDATA sections', `<a>${fill('<![CDATA[')}`],
    ['open elements', fill('<a>')],
    ['ampersands', `<a>${fill('&')}</a>`],
    ['an endless reference', `<a>&#${fill('0')}</a>`],
    ['an endless XML declaration', `<?xml${fill(' ')}`],
    ['a late error', `<a>${fill('\n')}&</a>`],
    ['an unclosed value', `<a b="${fill("'")}`],
    ['half an end tag', `<a>${fill('</')}`],
  ];
  it.each(refused)('%s, refused', (_, document) => {
    expect(['malformed_xml', 'message_too_large']).toContain(refusal(() => readXml(document, wide)).code);
  });
});

describe('collapseWhiteSpace', () => {
  it.each([
    ['', ''],
    ['x', 'x'],
    [' \t\r\n', ''],
    ['\n x\t\r y ', 'x y'],
    ['é  😀 ', 'é 😀'],
    ['\u00A0x\u2003', '\u00A0x\u2003'],
  ])('turns %j into %j', (text, collapsed) => {
    expect(collapseWhiteSpace(text)).toBe(collapsed);
  });
});

describe('XmlElement', () => {
  const root: XmlElement = readXml('<r a="1">x<p:a xmlns:p="urn:p"/>y<a><a/></a></r>');

  it('finds children, texts and descendants', () => {
    expect(root.text).toBe('xy');
    expect(root.isLeaf).toBe(false);
    expect(root.elements().map((e) => e.qualifiedName)).toEqual(['p:a', 'a']);
    expect(root.all('urn:p', 'a')).toHaveLength(1);
    expect(root.all('', 'a')).toHaveLength(1);
    expect([...root.descendants()].map((e) => e.qualifiedName)).toEqual(['r', 'p:a', 'a', 'a']);
    expect(root.get('b')).toBeUndefined();
    expect(root.elements().every((e) => e.parent === root)).toBe(true);
  });
});
