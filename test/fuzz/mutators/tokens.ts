import type { Random } from '../random.ts';
import { dictionary } from './dictionary.ts';
import type { Mutator } from './mutator.ts';

/** Where tokens of markup begin and end. */
function boundaries(xml: string): number[] {
  const found = [0, xml.length];
  for (const match of xml.matchAll(/[<>]|[ \n][\w:]+=|"|;|&/g)) found.push(match.index, match.index + 1);
  return found;
}

function place(xml: string, random: Random): number {
  return random.oneIn(3) ? random.below(xml.length + 1) : random.pick(boundaries(xml));
}

/** Inserts a text, mostly where a token of markup begins or ends. */
function insertAtBoundary(xml: string, random: Random, what: string): string {
  const at = place(xml, random);
  return xml.slice(0, at) + what + xml.slice(at);
}

function replaceOne(xml: string, random: Random, pattern: RegExp, replacement: (match: string) => string): string {
  const match = random.maybe([...xml.matchAll(pattern)]);
  if (match === undefined) return xml;
  return xml.slice(0, match.index) + replacement(match[0]) + xml.slice(match.index + match[0].length);
}

const texts = />[^<>]+</g;
const values = /="[^"<]*"/g;
const inside = (match: string, change: (text: string) => string): string => {
  const start = match.startsWith('=') ? 2 : 1;
  return match.slice(0, start) + change(match.slice(start, -1)) + match.slice(-1);
};

function refer(text: string, random: Random): string {
  return text.replace(/&[^;]*;|./gsu, (c) =>
    c.length > 2 || random.oneIn(3)
      ? c
      : random.oneIn(2)
        ? `&#${c.codePointAt(0)};`
        : `&#x${c.codePointAt(0)?.toString(16)};`,
  );
}

function dissect(text: string, random: Random): string {
  if (text.includes('&')) return text;
  const at = random.below(text.length + 1);
  const [before, after] = [text.slice(0, at), text.slice(at)];
  return random.pick([
    `${before}<!-- c -->${after}`,
    `${before}<![CDATA[${after}]]>`,
    `<![CDATA[${before}]]>${after}`,
    `${before}<![CDATA[]]>${after}`,
    `${before}<?pi ${after}?>${after}`,
    `${before}<a/>${after}`,
  ]);
}

/** Mutators of the document as text. */
export const tokenMutators: readonly Mutator[] = [
  {
    name: 'token: insert',
    apply: (xml, random) => insertAtBoundary(xml, random, random.pick(dictionary)),
  },
  {
    name: 'token: overwrite',
    apply: (xml, random) => {
      const at = place(xml, random);
      return xml.slice(0, at) + random.pick(dictionary) + xml.slice(at + 1 + random.below(12));
    },
  },
  {
    name: 'token: delete',
    apply: (xml, random) => {
      const [a, b] = [place(xml, random), place(xml, random)].sort((x, y) => x - y);
      return xml.slice(0, a) + xml.slice(Math.min(b ?? 0, (a ?? 0) + (random.oneIn(8) ? 2000 : 40)));
    },
  },
  {
    name: 'token: references for characters of text',
    apply: (xml, random) => replaceOne(xml, random, texts, (m) => inside(m, (text) => refer(text, random))),
  },
  {
    name: 'token: references for characters of a value',
    apply: (xml, random) => replaceOne(xml, random, values, (m) => inside(m, (text) => refer(text, random))),
  },
  {
    name: 'token: comment, CDATA or instruction in text',
    apply: (xml, random) => replaceOne(xml, random, texts, (m) => inside(m, (text) => dissect(text, random))),
  },
  {
    name: 'token: other quotes',
    apply: (xml, random) => replaceOne(xml, random, values, (m) => (m.includes("'") ? m : `='${m.slice(2, -1)}'`)),
  },
  {
    name: 'token: white space in a tag',
    apply: (xml, random) =>
      replaceOne(xml, random, /[ \n]|=|\/?>/g, (m) =>
        m.trim() === '' ? random.pick([' \n', '\t', '  ']) : `${random.pick([' ', '\n', ''])}${m}`,
      ),
  },
  {
    name: 'token: line ends',
    apply: (xml, random) => xml.replaceAll('\n', random.pick(['\r\n', '\r', '\n\n', '\u0085', '\u2028'])),
  },
  {
    name: 'token: letter case',
    apply: (xml, random) =>
      replaceOne(xml, random, /[A-Za-z]+/g, (m) => (m === m.toUpperCase() ? m.toLowerCase() : m.toUpperCase())),
  },
  {
    name: 'token: prologue or epilogue',
    apply: (xml, random) => {
      const what = random.pick(dictionary);
      return random.oneIn(2) ? what + xml : xml + what;
    },
  },
];
