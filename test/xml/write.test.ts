import fc from 'fast-check';
import { SaxesParser } from 'saxes';
import { describe, expect, it } from 'vitest';
import type { XmlElement } from '../../src/xml/element.ts';
import { readXml } from '../../src/xml/read.ts';
import { element, serialize, type XmlFragment } from '../../src/xml/write.ts';

interface Tree {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly (Tree | string)[];
}

// Every XML 1.0 character, those that need escaping more often.
const text = fc.string({
  unit: fc.oneof(
    fc.constantFrom('&', '<', '>', '"', "'", '\t', '\n', '\r', ']]>', '&amp;', '\u0085', '\u2028', '\uFEFF', ' '),
    fc.string({ unit: 'grapheme', maxLength: 1 }).filter((c) => !/[\0-\x08\x0B\x0C\x0E-\x1F\uFFFE\uFFFF]/.test(c)),
  ),
});
const name = fc.constantFrom('a', 'p:b', 'p:_c.-1', 'é', '名');
const tree: fc.Arbitrary<Tree> = fc.letrec<{ tree: Tree; child: Tree | string }>((tie) => ({
  tree: fc.record({
    name,
    attributes: fc.dictionary(name, text, { maxKeys: 3 }),
    children: fc.array(tie('child'), { maxLength: 3 }),
  }),
  child: fc.oneof({ maxDepth: 3 }, text, tie('tree')),
})).tree;

function build({ name, attributes, children }: Tree): XmlFragment {
  const content = children.map((child) => (typeof child === 'string' ? child : build(child)));
  return element(name, { 'xmlns:p': 'urn:p', ...attributes }, ...content);
}

/** Joins adjacent text and drops empty text. */
function normal({ name, attributes, children }: Tree): Tree {
  const merged: (Tree | string)[] = [];
  for (const child of children) {
    const last = merged.at(-1);
    if (typeof child !== 'string') merged.push(normal(child));
    else if (typeof last === 'string') merged[merged.length - 1] = last + child;
    else if (child !== '') merged.push(child);
  }
  return { name, attributes: { ...attributes }, children: merged };
}

function fromReader(read: XmlElement): Tree {
  return {
    name: read.qualifiedName,
    attributes: Object.fromEntries(
      read.attributes.map((a) => [a.prefix ? `${a.prefix}:${a.localName}` : a.localName, a.value]),
    ),
    children: read.children.map((child) => (typeof child === 'string' ? child : fromReader(child))),
  };
}

function fromSaxes(xml: string): Tree {
  const root: (Tree | string)[] = [];
  const stack = [root];
  const parser = new SaxesParser({ xmlns: true });
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', (tag) => {
    const attributes = Object.values(tag.attributes).filter((a) => a.prefix !== 'xmlns');
    const children: (Tree | string)[] = [];
    stack
      .at(-1)
      ?.push({ name: tag.name, attributes: Object.fromEntries(attributes.map((a) => [a.name, a.value])), children });
    stack.push(children);
  });
  parser.on('text', (value) => stack.length > 1 && stack.at(-1)?.push(value));
  parser.on('closetag', () => stack.pop());
  parser.write(xml).close();
  return normal(root[0] as Tree);
}

describe('element and serialize', () => {
  it('round-trip every name, attribute and text through the strict reader and saxes', () => {
    fc.assert(
      fc.property(tree, (given) => {
        const xml = serialize(build(given));
        expect(fromReader(readXml(xml))).toEqual(normal(given));
        expect(fromSaxes(xml)).toEqual(normal(given));
      }),
      { numRuns: 500 },
    );
  });

  it('write the expected XML', () => {
    const xml = element('a:b', { 'xmlns:a': 'urn:a', left: undefined, is: `<"&'>` }, 'x<y', element('c', {}), ']]>');
    expect(serialize(xml)).toBe(`<a:b xmlns:a="urn:a" is="&lt;&quot;&amp;'&gt;">x&lt;y<c/>]]&gt;</a:b>`);
  });

  it('escape a string that looks like markup', () => {
    const inner = serialize(element('b', {}));
    expect(serialize(element('a', {}, inner))).toBe('<a>&lt;b/&gt;</a>');
  });

  it('write line ends of XML 1.1 as references', () => {
    expect(serialize(element('a', { b: '\u2028' }, '\u0085'))).toBe('<a b="&#x2028;">&#x85;</a>');
  });

  it.each(['', '1a', 'a b', 'a:b:c', ':a', 'a:', 'a>', '-a', 'a\n'])('refuse %j as a name', (bad) => {
    expect(() => element(bad, {})).toThrow(new TypeError(`not an XML name: ${JSON.stringify(bad)}`));
    expect(() => element('a', { [bad]: '' })).toThrow(new TypeError(`not an XML name: ${JSON.stringify(bad)}`));
  });

  it.each([
    ['\0', 'U+0000'],
    ['\x0B', 'U+000B'],
    ['\uFFFE', 'U+FFFE'],
    ['\uD800', 'U+D800'],
    ['a\uDC00', 'U+DC00'],
  ])('refuse the character %j', (bad, shown) => {
    expect(() => element('a', {}, bad)).toThrow(new TypeError(`XML cannot contain the character ${shown}`));
    expect(() => element('a', { b: bad })).toThrow(new TypeError(`XML cannot contain the character ${shown}`));
  });
});
