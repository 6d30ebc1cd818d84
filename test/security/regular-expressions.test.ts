import { readdirSync, readFileSync } from 'node:fs';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const src = new URL('../../src/', import.meta.url);
const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));

interface Found {
  readonly where: string;
  readonly literal: string;
}

/** Every regular expression literal of a file, and where `RegExp` is called at run time. */
function patternsOf(file: string, text: string): { literals: Found[]; made: string[] } {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const literals: Found[] = [];
  const made: string[] = [];
  const visit = (node: ts.Node): void => {
    const where = `${file}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
    if (ts.isRegularExpressionLiteral(node)) literals.push({ where, literal: node.text });
    const isCall = ts.isNewExpression(node) || ts.isCallExpression(node);
    if (isCall && node.expression.getText() === 'RegExp') made.push(file);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return { literals, made };
}

function compile(literal: string): RegExp {
  const end = literal.lastIndexOf('/');
  return new RegExp(literal.slice(1, end), literal.slice(end + 1));
}

const length = 20_000;
const maxMilliseconds = 40;

/** What a pattern is likely to repeat: its own letters, and one of each usual class. */
function alphabet({ source }: RegExp): string[] {
  const own = source.replace(/\\[a-z](?:\{[^}]*\})?/gi, '').match(/[^\\^$.*+?()[\]{}|]/g) ?? [];
  return [...new Set([...own, 'a', 'A', '0', ' ', '\t', '\n', '-', '.', ':', '=', '/', '\\', '%', '\u00e9', '\u200b'])];
}

function* hostileTexts(pattern: RegExp): Generator<string> {
  const letters = alphabet(pattern);
  const beginnings = ['', '2026-11-24T', '-----BEGIN', '<', 'https://', '0'];
  for (const letter of letters) {
    for (const end of ['', '\0', 'x\u2028']) yield letter.repeat(length) + end;
    for (const beginning of beginnings) yield `${beginning}${letter.repeat(length)}\0`;
  }
  for (const [index, letter] of letters.entries()) {
    const next = letters[(index + 1) % letters.length] ?? '';
    for (const other of new Set([next, 'a', ' ', '0', '-', '\n']))
      yield `${(letter + other).repeat(length / 2)}\0`;
  }
}

/** Milliseconds for the text that takes longest; the best of three, so that a busy machine fails no test. */
function worst(pattern: RegExp): number {
  const run = (text: string): number => {
    const began = performance.now();
    if (pattern.global) text.replace(pattern, '');
    else pattern.test(text);
    return performance.now() - began;
  };
  let slowest = 0;
  for (const text of hostileTexts(pattern)) {
    let best = run(text);
    for (let again = 0; again < 2 && best > maxMilliseconds; again++) best = Math.min(best, run(text));
    slowest = Math.max(slowest, best);
    if (best > maxMilliseconds) break;
  }
  return slowest;
}

const all = files.map((file) => patternsOf(file, readFileSync(new URL(file, src), 'utf8')));
// These read only messages that the test kit wrote itself.
const ofOwnMessages = ['testing/forgeries/claims.ts', 'testing/forgeries/wrapping-assertion.ts'];
const literals = all
  .flatMap((each) => each.literals)
  .filter(({ where }) => !ofOwnMessages.includes(where.split(':')[0] ?? ''));

describe('regular expressions', () => {
  it('are found in the syntax tree, and written as literals: patterns made at run time could hold text of a message', () => {
    expect(literals.length).toBeGreaterThan(50);
    // The grammar of XML names, put together from constants.
    expect([...new Set(all.flatMap(({ made }) => made))]).toEqual(['xml/names.ts']);
    expect(patternsOf('x.ts', 'new RegExp(a); RegExp(b); /a/.test(c)')).toEqual({
      literals: [{ where: 'x.ts:1', literal: '/a/' }],
      made: ['x.ts', 'x.ts'],
    });
  });

  it.each(literals)('take linear time, $where: $literal', ({ literal }) => {
    expect(worst(compile(literal))).toBeLessThan(maxMilliseconds);
  });

  it.each([
    '/^(.*T.*)([+-])(0\\d|1[0-4]):([0-5]\\d)$/',
    '/\\s+$/',
    '/^(a+)+$/',
    '/\\/+$/',
    '/ *,/g',
  ])('and the test finds one that does not: %s', (literal) => {
    expect(worst(compile(literal))).toBeGreaterThan(maxMilliseconds);
  });
});
