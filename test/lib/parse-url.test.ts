import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parseUrl } from '../../src/lib/parse-url.ts';

it('parses a URL with a letter of Latin-1 after many calls, when the function is optimized', () => {
  let parsed = 0;
  for (let i = 0; i < 50_000; i++) if (parseUrl('https://münchen.example/sso')) parsed++;
  expect(parsed).toBe(50_000);
  expect(parseUrl('https://münchen.example/sso')?.hostname).toBe('xn--mnchen-3ya.example');
});

it('returns null for an invalid URL, and resolves a relative URL', () => {
  expect(parseUrl('münchen')).toBeNull();
  expect(parseUrl('/a', 'http://localhost')?.href).toBe('http://localhost/a');
});

it('is used in place of URL.canParse', () => {
  const source = new URL('../../src/', import.meta.url);
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const using = files.filter((file) => /URL\.canParse\(/.test(readFileSync(new URL(file, source), 'utf8')));
  expect(using).toEqual([]);
});
