import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('../../', import.meta.url);

/** Pages by the name of their recipe. */
const pages: Readonly<Record<string, string>> = { sql: 'docs/user-store.md' };

/** The code blocks in a language on a page of docs/stores, or on that of user stores (`sql`). */
export function blocks(page: string, language: string): readonly string[] {
  const markdown = readFileSync(new URL(pages[page] ?? `docs/stores/${page}.md`, root), 'utf8');
  const fences = new RegExp(`^\`\`\`${language}(?: continued)?\\n([\\s\\S]*?)^\`\`\`$`, 'gm');
  return [...markdown.matchAll(fences)].map(([, code = '']) => code);
}

/** Writes the tables and the store of a page as one module over the sources of the library, and gives its path. */
export function recipeModule(page: string): string {
  const library = new URL('src/index.ts', root).href;
  const all = blocks(page, 'ts');
  // The last block opens a connection to the reader's own database.
  const recipe = page === 'sql' ? all.filter((code) => code.includes('sqlUserStore(')) : all.slice(0, -1);
  const code = recipe.join('\n').replaceAll("'saml-jit'", JSON.stringify(library));
  const folder = new URL('.tmp/recipes/', root);
  mkdirSync(folder, { recursive: true });
  const file = fileURLToPath(new URL(`${page}.run.ts`, folder));
  writeFileSync(file, code);
  return file;
}
