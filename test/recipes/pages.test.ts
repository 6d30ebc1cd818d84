import { describe, expect, it } from 'vitest';
import { blocks } from './recipe.ts';

const languages = { kysely: 'ts', mongoose: 'typescript' };

describe.each(Object.entries(languages))('docs/stores/%s.md', (page, language) => {
  it('has a store of under 60 lines of code, none longer than 120 characters', () => {
    const store = blocks(page, language).find((code) => code.includes('UserStore(')) ?? '';
    const lines = store.split('\n').filter((line) => !/^\s*(\/\/.*)?$/.test(line));
    expect(lines.length).toBeGreaterThan(30);
    expect(lines.length).toBeLessThan(60);
    expect(lines.filter((line) => line.length > 120)).toEqual([]);
  });
});

it('docs/user-store.md has a store of under 60 lines', () => {
  const store = blocks('sql', 'ts').find((code) => code.includes('sqlUserStore(')) ?? '';
  const lines = store.split('\n').filter((line) => !/^\s*(\/\/.*)?$/.test(line));
  expect(lines.length).toBeGreaterThan(30);
  expect(lines.length).toBeLessThan(60);
});
