import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { messages } from '../../src/provisioning/reject.ts';

// docs/provisioning-rules.md and the code stay together: a citation is "rule" or "rules", followed by names in kebab-case.

const root = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');
const page = read('docs/provisioning-rules.md');
const names = [...page.matchAll(/^#{3,4} ([a-z-]+)$/gm)].map(([, name = '']) => name);

const name = '`?[a-z]+(?:-[a-z]+)+`?';
const citation = new RegExp(`\\brules? (${name}(?:(?:, | and | to |, and )${name})*)`, 'gi');

/** The rules that a text cites. */
function citedIn(text: string): string[] {
  // A citation in a comment may continue on the next line.
  const joined = text.replace(/\n\s*(?:\*|\/\/) ?/g, ' ');
  return [...joined.matchAll(citation)].flatMap(([, list = '']) => list.match(/[a-z]+(?:-[a-z]+)+/g) ?? []);
}

const files = ['src', 'test', 'docs']
  .flatMap((folder) =>
    readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' }).map((file) => `${folder}/${file}`),
  )
  .filter((file) => /\.(?:ts|md)$/.test(file) && !file.includes('node_modules') && !file.startsWith('docs/api/'))
  .filter((file) => !file.endsWith('rules.test.ts') && file !== 'docs/provisioning-rules.md');

/** What follows `Rejection:` or `Note:` on the page. */
function codesAfter(label: 'Rejection' | 'Note'): string[] {
  const lines = [...page.matchAll(new RegExp(`\\b${label}s?: ([^\\n]*)`, 'g'))].map(([, line = '']) => line);
  const own = lines.map((line) => line.split(/\bNotes?: /)[0] ?? '');
  return [
    ...new Set(own.flatMap((line) => [...line.matchAll(/`([a-z]+(?:_[a-z]+)+)`/g)].map(([, code = '']) => code))),
  ];
}

describe('docs/provisioning-rules.md', () => {
  test('names each rule once', () => {
    expect(names.length).toBeGreaterThanOrEqual(38);
    expect([...new Set(names)]).toEqual(names);
  });

  test('citations are found in comments and titles', () => {
    expect(citedIn("test('rule seat-limit: full', ...)")).toEqual(['seat-limit']);
    expect(citedIn('/** Rules field-sync,\n * empty-attributes and no-such-rule. */')).toEqual([
      'field-sync',
      'empty-attributes',
      'no-such-rule',
    ]);
    expect(citedIn('the rules of the profile, and every rule that applies')).toEqual([]);
  });

  test('source, tests and pages cite each rule, and no other', () => {
    const cited = new Map(files.map((file) => [file, citedIn(read(file))]));
    const unknown = [...cited].flatMap(([file, rules]) =>
      rules.filter((rule) => !names.includes(rule)).map((rule) => `${file}: ${rule}`),
    );
    expect(unknown).toEqual([]);
    const inTests = new Set([...cited].flatMap(([file, rules]) => (file.startsWith('test/') ? rules : [])));
    expect(names.filter((rule) => !inTests.has(rule))).toEqual([]);
  });

  test('no rule is cited by a number', () => {
    const numbered = files.flatMap((file) => {
      const text = read(file);
      const rows = text.match(/\brows? \d+/gi) ?? [];
      const titles = file.startsWith('test/')
        ? (text.match(/\b(?:test|it|describe)\(['"`]\d{1,2}[a-d]?\. /g) ?? [])
        : [];
      return [...rows, ...titles].map((found) => `${file}: ${found}`);
    });
    expect(numbered).toEqual([]);
  });

  test('its order names rules of the page', () => {
    const order = page.split('## Order\n')[1]?.split('\n## ')[0] ?? '';
    const named = [...order.matchAll(/[a-z]+(?:-[a-z]+)+/g)].map(([rule]) => rule).filter((rule) => rule !== 'e-mail');
    expect(named.length).toBeGreaterThan(15);
    expect(named.filter((rule) => !names.includes(rule) && rule !== 'look-up')).toEqual([]);
  });

  test('it names exactly the reasons of rejections', () => {
    expect(codesAfter('Rejection').sort()).toEqual(Object.keys(messages).sort());
  });

  test('it names exactly the notes', () => {
    const union = /export type Note =([^;]*);/.exec(read('src/provisioning/decision.ts'))?.[1] ?? '';
    const notes = [...union.matchAll(/'(\w+)'/g)].map(([, note]) => note);
    expect(notes).toContain('scim_kept');
    expect(codesAfter('Note').sort()).toEqual(notes.sort());
  });
});
