import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Canonicalization, canonicalize, compareCodePoints } from '../../src/xml/canonicalize.ts';
import type { XmlElement } from '../../src/xml/element.ts';
import { readXml } from '../../src/xml/read.ts';
import { documents, vocabulary, writeDocument } from '../support/documents.ts';
import { refusal } from '../support/refusal.ts';

const inclusive: Canonicalization = { method: 'inclusive' };

function exclusive(...prefixes: readonly string[]): Canonicalization {
  return { method: 'exclusive', prefixes: new Set(prefixes) };
}

function find(root: XmlElement, name: string): XmlElement {
  const found = [...root.descendants()].find((element) => element.qualifiedName === name);
  if (found === undefined) throw new Error(`no <${name}>`);
  return found;
}

function canonical(document: string, how: Canonicalization, apex?: string): string {
  const root = readXml(document);
  return canonicalize(apex === undefined ? root : find(root, apex), how);
}

// https://www.w3.org/TR/xml-c14n#Examples, less what the reader never accepts (DTD, processing instructions) and comments.
describe('canonicalize, the examples of Canonical XML 1.0', () => {
  it('3.1: removes the XML declaration, comments and white space around the root', () => {
    expect(
      canonical(
        `<?xml version="1.0"?>\n<!-- a -->\n<doc>Hello, world!<!-- Comment 1 --></doc>\n\n<!-- b -->`,
        inclusive,
      ),
    ).toBe('<doc>Hello, world!</doc>');
  });

  it('3.2: keeps white space in content', () => {
    const document = '<doc>\n   <clean>   </clean>\n   <dirty>   A   B   </dirty>\n</doc>';
    expect(canonical(document, inclusive)).toBe(document);
  });

  it('3.3: start and end tags', () => {
    const document = `<doc>
   <e1   />
   <e2   ></e2>
   <e3   name = "elem3"   id="elem3"   />
   <e4   name="elem4"   id="elem4"   ></e4>
   <e5 a:attr="out" b:attr="sorted" attr2="all" attr="I'm"
      xmlns:b="http://www.ietf.org"
      xmlns:a="http://www.w3.org"
      xmlns="http://example.org"/>
   <e6 xmlns="" xmlns:a="http://www.w3.org">
      <e7 xmlns="http://www.ietf.org">
         <e8 xmlns="" xmlns:a="http://www.w3.org">
            <e9 xmlns="" xmlns:a="http://www.ietf.org" attr="default"/>
         </e8>
      </e7>
   </e6>
</doc>`;
    expect(canonical(document, inclusive)).toBe(`<doc>
   <e1></e1>
   <e2></e2>
   <e3 id="elem3" name="elem3"></e3>
   <e4 id="elem4" name="elem4"></e4>
   <e5 xmlns="http://example.org" xmlns:a="http://www.w3.org" xmlns:b="http://www.ietf.org" attr="I'm" attr2="all" b:attr="sorted" a:attr="out"></e5>
   <e6 xmlns:a="http://www.w3.org">
      <e7 xmlns="http://www.ietf.org">
         <e8 xmlns="">
            <e9 xmlns:a="http://www.ietf.org" attr="default"></e9>
         </e8>
      </e7>
   </e6>
</doc>`);
  });

  it('3.4: character modifications', () => {
    const document = `<doc>
   <text>First line&#x0d;&#10;Second line</text>
   <value>&#x32;</value>
   <compute><![CDATA[value>"0" && value<"10" ?"valid":"error"]]></compute>
   <compute expr='value>"0" &amp;&amp; value&lt;"10" ?"valid":"error"'>valid</compute>
   <norm attr=' &apos;   &#x20;&#13;&#xa;&#9;   &apos; '/>
</doc>`;
    expect(canonical(document, inclusive)).toBe(`<doc>
   <text>First line&#xD;
Second line</text>
   <value>2</value>
   <compute>value&gt;"0" &amp;&amp; value&lt;"10" ?"valid":"error"</compute>
   <compute expr="value>&quot;0&quot; &amp;&amp; value&lt;&quot;10&quot; ?&quot;valid&quot;:&quot;error&quot;">valid</compute>
   <norm attr=" '    &#xD;&#xA;&#x9;   ' "></norm>
</doc>`);
  });

  it('3.6: UTF-8, independent of the declared encoding', () => {
    expect(canonical('<doc>&#169;</doc>', inclusive)).toBe('<doc>\u00A9</doc>');
  });
});

// https://www.w3.org/TR/xml-exc-c14n/#sec-Enveloping and the sections around it.
describe('canonicalize, the examples of Exclusive Canonicalization 1.0', () => {
  const first = `<n0:local xmlns:n0="foo:bar" xmlns:n3="ftp://example.org"><n1:elem2 xmlns:n1="http://example.net" xml:lang="en"><n3:stuff xmlns:n3="ftp://example.org"/></n1:elem2></n0:local>`;
  const second = `<n2:pdu xmlns:n1="http://example.com" xmlns:n2="http://foo.example" xml:lang="fr" xml:space="retain"><n1:elem2 xmlns:n1="http://example.net" xml:lang="en"><n3:stuff xmlns:n3="ftp://example.org"/></n1:elem2></n2:pdu>`;

  it('2.2: the same element in two envelopes has one exclusive form', () => {
    const expected = `<n1:elem2 xmlns:n1="http://example.net" xml:lang="en"><n3:stuff xmlns:n3="ftp://example.org"></n3:stuff></n1:elem2>`;
    expect(canonical(first, exclusive(), 'n1:elem2')).toBe(expected);
    expect(canonical(second, exclusive(), 'n1:elem2')).toBe(expected);
  });

  it('2.1: the same element in two envelopes has two inclusive forms', () => {
    expect(canonical(first, inclusive, 'n1:elem2')).toBe(
      `<n1:elem2 xmlns:n0="foo:bar" xmlns:n1="http://example.net" xmlns:n3="ftp://example.org" xml:lang="en"><n3:stuff></n3:stuff></n1:elem2>`,
    );
  });

  it('a PrefixList treats its prefixes as Canonical XML does', () => {
    expect(canonical(first, exclusive('n0', 'n3'), 'n1:elem2')).toBe(
      `<n1:elem2 xmlns:n0="foo:bar" xmlns:n1="http://example.net" xmlns:n3="ftp://example.org" xml:lang="en"><n3:stuff></n3:stuff></n1:elem2>`,
    );
    expect(canonical(first, exclusive('n0', 'nowhere'), 'n1:elem2')).toBe(
      `<n1:elem2 xmlns:n0="foo:bar" xmlns:n1="http://example.net" xml:lang="en"><n3:stuff xmlns:n3="ftp://example.org"></n3:stuff></n1:elem2>`,
    );
  });
});

describe('canonicalize', () => {
  it('writes a default namespace for #default, and xmlns="" where it is undeclared', () => {
    const document = '<a xmlns="urn:a"><p:b xmlns:p="urn:p"><p:c xmlns=""><d/></p:c></p:b></a>';
    expect(canonical(document, exclusive(), 'p:b')).toBe('<p:b xmlns:p="urn:p"><p:c><d></d></p:c></p:b>');
    expect(canonical(document, exclusive(''), 'p:b')).toBe(
      '<p:b xmlns="urn:a" xmlns:p="urn:p"><p:c xmlns=""><d></d></p:c></p:b>',
    );
  });

  it('repeats a declaration that only a sibling has', () => {
    const document = '<a xmlns:p="urn:p"><p:b/><p:b/></a>';
    expect(canonical(document, exclusive())).toBe('<a><p:b xmlns:p="urn:p"></p:b><p:b xmlns:p="urn:p"></p:b></a>');
    expect(canonical(document, inclusive)).toBe('<a xmlns:p="urn:p"><p:b></p:b><p:b></p:b></a>');
  });

  it('omits declarations that repeat an outer one, and writes rebindings', () => {
    const document =
      '<p:a xmlns:p="urn:1"><p:b xmlns:p="urn:1"><p:c xmlns:p="urn:2"><p:d xmlns:p="urn:1"/></p:c></p:b></p:a>';
    const expected = '<p:a xmlns:p="urn:1"><p:b><p:c xmlns:p="urn:2"><p:d xmlns:p="urn:1"></p:d></p:c></p:b></p:a>';
    expect(canonical(document, exclusive())).toBe(expected);
    expect(canonical(document, exclusive('p'))).toBe(expected);
    expect(canonical(document, inclusive)).toBe(expected);
  });

  it('does not apply the default namespace to attributes without prefix', () => {
    expect(canonical('<a xmlns="urn:d" xmlns:p="urn:p" b="1" p:c="2"/>', exclusive())).toBe(
      '<a xmlns="urn:d" xmlns:p="urn:p" b="1" p:c="2"></a>',
    );
    expect(canonical('<p:a xmlns="urn:d" xmlns:p="urn:p" b="1"/>', exclusive())).toBe(
      '<p:a xmlns:p="urn:p" b="1"></p:a>',
    );
  });

  it('omits the declaration of the prefix xml, and writes its attributes', () => {
    const document = '<a xmlns:xml="http://www.w3.org/XML/1998/namespace" xml:lang="en"><xml:b/></a>';
    for (const how of [inclusive, exclusive(), exclusive('xml')]) {
      expect(canonical(document, how)).toBe('<a xml:lang="en"><xml:b></xml:b></a>');
    }
  });

  it('sorts prefixes and attributes by code point, not by UTF-16 unit or locale', () => {
    const document =
      '<a xmlns:\u{10000}="urn:1" xmlns:\uFFFD="urn:2" xmlns:a="urn:3" xmlns:B="urn:4" \u{10000}="" \uFFFD="" a="" B="" é=""/>';
    expect(canonical(document, inclusive)).toBe(
      '<a xmlns:B="urn:4" xmlns:a="urn:3" xmlns:\uFFFD="urn:2" xmlns:\u{10000}="urn:1" B="" a="" é="" \uFFFD="" \u{10000}=""></a>',
    );
  });

  it('sorts attributes by namespace URI, not by prefix', () => {
    expect(canonical('<a xmlns:p="urn:2" xmlns:q="urn:1" p:a="" q:b="" z="" xml:a=""/>', inclusive)).toBe(
      '<a xmlns:p="urn:2" xmlns:q="urn:1" z="" xml:a="" q:b="" p:a=""></a>',
    );
  });

  it('escapes text, attributes and namespaces by their own rules', () => {
    const all = '&amp;&lt;&gt;&quot;&apos;&#9;&#10;&#13;\u0085\u2028';
    expect(canonical(`<a xmlns="urn:${all}" b="${all}">${all}</a>`, exclusive())).toBe(
      '<a xmlns="urn:&amp;&lt;>&quot;\'&#x9;&#xA;&#xD;\u0085\u2028" b="&amp;&lt;>&quot;\'&#x9;&#xA;&#xD;\u0085\u2028">' +
        '&amp;&lt;&gt;"\'\t\n&#xD;\u0085\u2028</a>',
    );
  });

  // Long and short text are escaped by different code.
  it.each(['x', 'é', '😀'])('escapes short and long text in the same way: among %s', (letter) => {
    const all = `&amp;&lt;&gt;&quot;&#9;&#10;&#13;${letter}`;
    const [short, long] = [all, all.repeat(100)].map((text) => canonical(`<a b="${text}">${text}</a>`, exclusive()));
    const [value, content] = [`&amp;&lt;>&quot;&#x9;&#xA;&#xD;${letter}`, `&amp;&lt;&gt;"\t\n&#xD;${letter}`];
    expect(short).toBe(`<a b="${value}">${content}</a>`);
    expect(long).toBe(`<a b="${value.repeat(100)}">${content.repeat(100)}</a>`);
  });

  it('omits one element with its descendants, and keeps the surrounding text', () => {
    const root = readXml('<a>1<b>2</b>3<b>4</b></a>');
    expect(canonicalize(root, exclusive(), { omit: root.elements()[0] })).toBe('<a>13<b>4</b></a>');
  });

  it('limits the output if each child repeats a long declaration', () => {
    const root = readXml(`<a xmlns:p="urn:${'x'.repeat(1000)}">${'<p:b/>'.repeat(100)}</a>`);
    expect(canonicalize(root, exclusive()).length).toBeGreaterThan(100_000);
    const error = refusal(() => canonicalize(root, exclusive(), { maxLength: 50_000 }));
    expect(error.code).toBe('message_too_large');
    expect(error.message).toBe('the SAML message exceeds a size limit');
    expect(error.details).toEqual({ limit: 'bytes', expected: 50_000 });
    expect(canonicalize(root, inclusive, { maxLength: 50_000 }).length).toBeLessThan(5000);
    // Escaped text of the last element counts as well: 4 characters for one.
    const text = readXml(`<a>${'>'.repeat(100)}</a>`);
    expect(refusal(() => canonicalize(text, exclusive(), { maxLength: 406 })).code).toBe('message_too_large');
    expect(canonicalize(text, exclusive(), { maxLength: 407 })).toHaveLength(407);
  });
});

describe('canonical XML', () => {
  const how = fc.oneof(
    fc.constant(inclusive),
    fc.subarray(['', ...vocabulary.prefixes]).map((prefixes) => exclusive(...prefixes)),
  );

  it('is its own canonical form', () => {
    fc.assert(
      fc.property(documents(), how, fc.nat(), (tree, method, index) => {
        const all = [...readXml(writeDocument(tree)).descendants()];
        const apex = all[index % all.length];
        if (apex === undefined) return;
        const canonicalForm = canonicalize(apex, method);
        expect(canonicalize(readXml(canonicalForm), method)).toBe(canonicalForm);
      }),
      { numRuns: 2000 },
    );
  });

  it('does not depend on comments', () => {
    fc.assert(
      fc.property(documents(), how, (tree, method) => {
        expect(canonicalize(readXml(writeDocument(tree)), method)).toBe(
          canonicalize(readXml(writeDocument(tree, { comments: false })), method),
        );
      }),
      { numRuns: 500 },
    );
  });
});

describe('compareCodePoints', () => {
  it('orders as UTF-8 bytes do', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', 'B', '', 'é', '\uD7FF', '\uE000', '\uFFFD', '\u{10000}', '\u{10FFFF}'),
    });
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(Math.sign(compareCodePoints(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
    );
  });
});
