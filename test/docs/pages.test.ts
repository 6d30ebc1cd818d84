import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { resolvePolicy } from '../../src/connections/policy.ts';
import { presets } from '../../src/connections/presets.ts';

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

/** Entries of the table `messages` in a source file; a value that is no literal is looked up among its constants. */
function messages(path: string): [string, string][] {
  const source = read(path);
  const table = /const messages[^{]*\{\n([^}]*)\n\}/.exec(source)?.[1] ?? '';
  const constant = (name: string): string => new RegExp(`const ${name} = '([^']*)'`).exec(source)?.[1] ?? name;
  return [...table.matchAll(/^ {2}(\w+): (?:'([^']*)'|(\w+)),$/gm)].map(([, code = '', text, name = '']) => [
    code,
    text ?? constant(name),
  ]);
}

describe('docs/errors.md', () => {
  it('lists exactly the codes of src/errors.ts, with their messages', () => {
    const codes = messages('src/errors.ts');
    expect(names(codes)).toContain('verifiers_disagree');
    expect(rows('errors.md', 'Codes')).toEqual(codes);
  });

  it('lists exactly the reasons of src/provisioning/reject.ts, with their messages', () => {
    const reasons = messages('src/provisioning/reject.ts');
    expect(names(reasons)).toContain('seat_limit_reached');
    expect(rows('errors.md', 'Rejections')).toEqual(reasons);
  });
});

describe('docs/provisioning.md', () => {
  it('explains every reason', () => {
    const reasons = names(messages('src/provisioning/reject.ts'));
    expect(names(rows('provisioning.md', 'Reasons for refusal')).sort()).toEqual(reasons.sort());
  });

  it('explains every key of the policy', () => {
    expect(names(rows('provisioning.md', 'Policy'))).toEqual(Object.keys(resolvePolicy()));
  });

  it('explains every note', () => {
    const type = /export type Note = ([^;]*);/.exec(read('src/provisioning/situation.ts'))?.[1] ?? '';
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
  const pages = ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md'].concat(
    ['architecture', 'connections', 'dependencies', 'deployment', 'errors', 'express', 'getting-started'].map(page),
    ['identity-providers', 'index', 'provisioning', 'testing', 'user-store'].map(page),
  );
  it.each(pages)('%s leads to pages and headings that exist', (path) => {
    const base = new URL(`../../${path}`, import.meta.url);
    const links = [...read(path).matchAll(/\]\((?!https?:|mailto:)([^)\s]*)\)/g)].map(([, target = '']) => target);
    const broken = links.filter((target) => {
      const [file = '', anchor] = target.split('#');
      const text = readFileSync(file === '' ? base : new URL(file, base), 'utf8');
      return anchor !== undefined && !anchors(text).includes(anchor);
    });
    expect(broken).toEqual([]);
  });
});

function page(name: string): string {
  return `docs/${name}.md`;
}

/** As GitHub makes them of headings. */
function anchors(markdown: string): string[] {
  return [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w\s-]/g, '')
      .trim()
      .replaceAll(' ', '-'),
  );
}
