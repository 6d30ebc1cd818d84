/**
 * Parses a URL; `null` if it is invalid. Not `URL.canParse`: in Node.js 20 its optimized form refuses every text with a
 * letter such as `ü`, after some thousand calls.
 */
export function parseUrl(text: string, base?: string): URL | null {
  try {
    return new URL(text, base);
  } catch {
    return null;
  }
}
