import { shown } from '../lib/quote.ts';

/** Writes ids into a hint: each once, quoted, three at most. */
export function quoteIds(ids: readonly string[]): string {
  const different = [...new Set(ids)];
  const more = different.length > 3 ? ` and ${different.length - 3} more` : '';
  return `${different.slice(0, 3).map(shown).join(', ')}${more}`;
}
