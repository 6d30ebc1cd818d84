import { describe, expect, it, vi } from 'vitest';
import { attacksOn, attackText } from '../support/patterns/adversary.ts';
import { charactersOf, maxSteps, search } from '../support/patterns/backtracking.ts';
import { collect, collectSource } from '../support/patterns/collect.ts';
import { superLinear, type Use } from '../support/patterns/growth.ts';
import { parsePattern } from '../support/patterns/syntax.ts';

// A pattern that backtracks takes a time that grows with the square of the text, or faster. Every pattern of the source is
// run over text made against it by a matcher that counts its steps: the result does not depend on how busy the machine is.
vi.setConfig({ testTimeout: 120_000 });

const { patterns, dynamic } = collectSource();

describe('every pattern of the source', () => {
  it.each(patterns.map(({ where, pattern, use }) => [where, pattern, use] as const))(
    'takes steps in proportion to the text: %s %s',
    (_where, pattern, use) => {
      expect(superLinear(pattern, use)).toBeNull();
    },
  );

  it('is a constant: none is built at run time from other values', () => {
    expect(dynamic).toEqual([]);
  });

  it('is collected', () => {
    const files = new Set(patterns.map(({ where }) => where.split(':')[0]));
    for (const file of ['http/routes.ts', 'provisioning/custom-attributes.ts', 'saml/bindings.ts', 'xml/names.ts'])
      expect(files).toContain(file);
    expect(patterns.length).toBeGreaterThan(150);
    const sources = patterns.map(({ pattern }) => pattern.source);
    // One that is made of constants, and one that splits.
    expect(sources.some((source) => source.startsWith('^[:A-Za-z_') && source.endsWith(']+$'))).toBe(true);
    expect(patterns.some(({ pattern, use }) => pattern.source === '[\\t\\n\\r ]+' && use === 'all')).toBe(true);
  });
});

describe('collect', () => {
  const found = (text: string) => collect('file.ts', text);

  it('finds literals, arguments, constants and RegExp() calls', () => {
    const text = `
      const table = [[/a+/, 'x']];
      export const f = (t: string) => t.replace(/b+$/g, '').split(/c/).map((each) => /d/i.exec(each) ?? each.match(/e/));
      const part = 'f' + '+';
      const whole = new RegExp(\`^(?:\${part})$\`, 'u');
      const again = RegExp(/g+/.source);
      const third = new RegExp(named.source, 'g');`;
    const { patterns: list, dynamic: none } = found(
      `const named = /h/u;${text.replace('/g+/.source', 'named.source')}`,
    );
    expect(list.map(({ pattern, use }) => `${pattern} ${use}`)).toEqual([
      '/h/u once',
      '/a+/ once',
      '/b+$/g all',
      '/c/ all',
      '/d/i once',
      '/e/ once',
      '/^(?:f+)$/u once',
      '/h/ once',
      '/h/g all',
    ]);
    expect(none).toEqual([]);
  });

  it.each([
    ['a pattern of a parameter', 'export const f = (name: string) => new RegExp(name);'],
    [
      'a pattern of a template with a parameter',
      'export const f = (name: string) => new RegExp(`a$' + '{name}b`, "g");',
    ],
    ['without new', 'export const f = (name: string) => RegExp(name);'],
    ['a variable that can change', 'let name = "a"; export const f = () => new RegExp(name);'],
    ['flags of a parameter', 'export const f = (flags: string) => new RegExp("a", flags);'],
    ['a pattern of an import', 'import { name } from "./name.ts"; export const pattern = new RegExp(name);'],
    ['the constructor under another name', 'const Pattern = RegExp; export const f = (t: string) => new Pattern(t);'],
    ['text that match makes a pattern of', 'export const f = (t: string) => t.match("(a+)+$");'],
    ['text that search makes a pattern of', 'export const f = (t: string, n: string) => t.search(`$' + '{n}$`);'],
  ])('reports %s', (_, text) => {
    expect(found(text).dynamic).toHaveLength(1);
  });
});

describe('superLinear', () => {
  it.each<[string, RegExp, Use]>([
    ['the date that once blocked the process', /^(.*T.*)([+-])(0\d|1[0-4]):([0-5]\d)$/, 'once'],
    ['white space at the end', /\s+$/, 'once'],
    ['white space at the end, replaced', /\s+$/g, 'all'],
    ['slashes at the end', /\/+$/, 'once'],
    ['either end', /^[\t ]+|[\t ]+$/g, 'all'],
    ['text up to an end tag that does not come', /<p>(.*?)<\/p>/s, 'once'],
    ['the same, greedy', /<ds:Reference .*<\/ds:Reference>/s, 'once'],
    ['a start tag without end', /<form\b[^>]*>/, 'once'],
    ['a word between two gaps', /<a [^<>]*needle"[^<>]*>/, 'once'],
    ['a look behind', /(?<=<a [^>]*)b/, 'once'],
    ['a look ahead, again and again', /a(?=.*b)/gs, 'all'],
    ['a separator that looks ahead', /,(?=[^"]*"[^"]*$)/, 'all'],
    ['two gaps that overlap', /^\w*\d*$/, 'once'],
    ['two gaps with something optional between', /^\s*-?\s*$/, 'once'],
    ['three gaps, anchored', /^.*a.*b.*c$/s, 'once'],
    ['nested repetitions', /^(?:a+)+$/, 'once'],
    ['nested repetitions of words', /^(?:\w+\s?)*$/, 'once'],
    ['alternatives that overlap', /^(?:a|[ab])*c$/, 'once'],
    ['alternatives of several characters', /^(?:ab|aba?|b)*c$/, 'once'],
    ['a reference to a gap', /^(a*)\1*b$/, 'once'],
    ['an e-mail address, as it is often copied', /^([a-z0-9]+[._-]?)+@[a-z]+$/, 'once'],
    ['under the flag u', /[\u{10000}-\u{10ffff}]+$/u, 'once'],
    ['under the flag i', /(?:x+x+)+y/i, 'once'],
    ['under the flag m', /\s+$/gm, 'all'],
  ])('finds %s: %s', (_, pattern, use) => {
    const found = superLinear(pattern, use);
    expect(found).not.toBeNull();
    const [one, , four] = found?.steps ?? [0, 0, 0];
    expect(four).toBeGreaterThanOrEqual(Math.min(6 * one, maxSteps));
  });

  it.each<[string, RegExp, Use]>([
    ['white space, replaced', /\s+/g, 'all'],
    ['white space that separates', /\s+/, 'all'],
    ['white space at the beginning', /^\s+/, 'once'],
    ['one slash at the end', /\/$/, 'once'],
    ['an element without elements in it', /<p>([^<]*)<\/p>/, 'once'],
    ['a start tag that ends before the next', /<form\b[^<>]*>/, 'once'],
    ['two gaps that do not overlap', /^\w*\s*$/, 'once'],
    ['a gap and what ends it', /^.*\.xml$/, 'once'],
    ['a bounded gap', /[a-z]{1,10}$/, 'once'],
    ['a look behind of fixed length', /(?<= ID=")[^"]*/, 'once'],
    ['text in the same quotes', /^(["']).*\1$/s, 'once'],
  ])('finds nothing in %s: %s', (_, pattern, use) => {
    expect(superLinear(pattern, use)).toBeNull();
  });
});

describe('the matcher that counts steps', () => {
  const further = [
    /^(a*)\1*b$/,
    /(?<!\s)a(?!b)/i,
    /(?<=(a)b*)c/,
    /(a|ab)(c|bcd)(d*)/,
    /(z)((a+)?(b+)?(c))*/,
    /a{2,3}?a/,
    /(?:a?){3}b/,
    /\bx\B./s,
    /^b/m,
    /[^\P{L}a]\u{1f600}?/u,
  ];

  it.each([...patterns.map(({ pattern }) => pattern), ...further])('finds what the engine finds: %s', (pattern) => {
    const root = parsePattern(pattern);
    const sticky = new RegExp(pattern.source, pattern.flags.replace('g', ''));
    for (const attack of attacksOn(root).slice(0, 300)) {
      const text = attackText(attack, 8);
      const native = sticky.exec(text);
      sticky.lastIndex = 0;
      const start = native === null ? -1 : charactersOf(text.slice(0, native.index), pattern.flags).length;
      const expected = native === null ? null : [start, start + charactersOf(native[0], pattern.flags).length];
      expect(search(root, pattern.flags, charactersOf(text, pattern.flags)).match).toEqual(expected);
    }
  });

  it.each(['(?<name>a)', '(?<name>a)\\k<name>', '(?i:a)'])('refuses what it does not know: %s', (source) => {
    expect(() => parsePattern({ source, flags: '' })).toThrow(SyntaxError);
  });
});
