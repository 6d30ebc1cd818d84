import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { resolvePolicy } from '../../src/connections/policy.ts';
import { presets } from '../../src/connections/presets.ts';
import { messages as codes } from '../../src/error-codes.ts';
import { messages as reasons } from '../../src/provisioning/reject.ts';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

/** First two cells of each row whose first cell is code, in one section of a page. */
function rows(page: string, heading: string): [string, string][] {
  const section =
    read(`docs/${page}`)
      .split(/^## /m)
      .find((each) => each.startsWith(`${heading}\n`)) ?? '';
  return [...section.matchAll(/^\| `([^`|]+)` \| ([^|]+) \|/gm)].map(([, code = '', text = '']) => [code, text]);
}

const names = (table: readonly [string, string][]): string[] => table.map(([name]) => name);

describe('docs/errors.md', () => {
  it('lists exactly the codes, with their messages', () => {
    expect(rows('errors.md', 'Codes')).toEqual(Object.entries(codes));
  });

  it('lists exactly the reasons of rejections, with their messages', () => {
    expect(rows('errors.md', 'Rejections')).toEqual(Object.entries(reasons));
  });

  it('lists exactly the warnings', () => {
    const files = readdirSync(new URL('../../src', import.meta.url), { recursive: true, encoding: 'utf8' });
    const sources = files.filter((file) => file.endsWith('.ts')).map((file) => read(`src/${file}`));
    const warnings = new Set(
      sources.flatMap((text) => [...text.matchAll(/warning: '(\w+)'/g)].map(([, name]) => name)),
    );
    expect(names(rows('errors.md', 'Warnings')).sort()).toEqual([...warnings].sort());
  });
});

describe('docs/provisioning.md', () => {
  it('explains every key of the policy', () => {
    expect(names(rows('provisioning.md', 'Policy'))).toEqual(Object.keys(resolvePolicy()));
  });

  it('explains every note', () => {
    const type = /export type Note =([^;]*);/.exec(read('src/provisioning/decision.ts'))?.[1] ?? '';
    const notes = [...type.matchAll(/'(\w+)'/g)].map(([, note]) => note);
    expect(notes).toContain('email_conflict');
    expect(names(rows('provisioning.md', 'Notes'))).toEqual(notes);
  });
});

describe('docs/connections.md', () => {
  it('names every preset', () => {
    const section = read('docs/connections.md').split('## Presets\n')[1]?.split('. A preset')[0] ?? '';
    expect([...section.matchAll(/`(\w+)`/g)].map(([, name]) => name)).toEqual(Object.keys(presets));
  });
});

describe('links between the pages', () => {
  const inDocs = readdirSync(new URL('../../docs', import.meta.url), { recursive: true, encoding: 'utf8' });
  const pages = ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md', 'test/fuzz/README.md'].concat(
    inDocs.filter((file) => file.endsWith('.md')).map((file) => `docs/${file}`),
  );
  it.each(pages)('%s leads to pages and headings that exist', (path) => {
    const base = new URL(`../../${path}`, import.meta.url);
    const links = [...read(path).matchAll(/\]\((?!https?:|mailto:)([^)\s]*)\)/g)].map(([, target = '']) => target);
    const broken = links.filter((target) => {
      const [file = '', anchor] = target.split('#');
      const text = readFileSync(file === '' ? base : new URL(file, base), 'utf8');
      return (anchor ?? '') !== '' && !anchors(text).includes(anchor ?? '');
    });
    expect(broken).toEqual([]);
  });
});

/** The anchors that GitHub generates for headings. */
function anchors(markdown: string): string[] {
  return [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w\s-]/g, '')
      .trim()
      .replaceAll(' ', '-'),
  );
}
