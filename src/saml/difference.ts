const maxLength = 2048;

// Common mistakes in copied identifiers; each function removes one difference.
const slips: readonly (readonly [string, (text: string) => string])[] = [
  ['white space', (text) => text.replace(/\s+/g, '')],
  ['upper and lower case', (text) => text.toLowerCase()],
  ['http and https', (text) => text.replace(/^https?:/i, '')],
  ['the slash at the end', (text) => text.replace(/\/$/, '')],
];

const url = /^https?:\/\/([^/?#:[\]]*)(:\d*)?([^?#]*)(.*)$/is;
const parts = ['the host', 'the port', 'the path', 'the query'];

/**
 * The only difference of two identifiers, where that is a common mistake: `the slash at the end`, `http and https`,
 * `the host`, ...; `undefined` if they differ otherwise.
 */
export function difference(received: string, expected: string): string | undefined {
  if (received === expected || received.length > maxLength || expected.length > maxLength) return undefined;
  const plain = (text: string, except?: string): string =>
    slips.reduce((rest, [name, simplify]) => (name === except ? rest : simplify(rest)), text);
  if (plain(received) === plain(expected)) {
    const needed = slips.filter(([name]) => plain(received, name) !== plain(expected, name));
    return needed.map(([name]) => name).join(' and ');
  }
  const [, ...ours] = url.exec(expected) ?? [];
  const [, ...theirs] = url.exec(received) ?? [];
  const differing = parts.filter((_, index) => ours[index] !== theirs[index]);
  return ours.length > 0 && theirs.length > 0 && differing.length === 1 ? differing[0] : undefined;
}
