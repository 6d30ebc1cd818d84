import { deflateRawSync } from 'node:zlib';
import type { Random } from '../random.ts';
import type { Mutator } from './mutator.ts';

const spaces = [' ', '\n', '\r\n', '\t', '\f', '\u00A0', '\u2028', '\v', '&#13;'];
const junk = ['=', '==', '===', '-', '_', '.', '%2B', '%', '\0', 'é', '*', '<', 'A', 'AA', 'AAA', '====', '\uFEFF'];

function insert(text: string, random: Random, what: string): string {
  const at = random.pick([0, text.length, random.below(text.length + 1)]);
  return text.slice(0, at) + what + text.slice(at);
}

function wrapLines(text: string, random: Random): string {
  const width = random.pick([1, 4, 60, 64, 76]);
  return text.replace(new RegExp(`.{${width}}`, 'g'), (line) => line + random.pick(['\n', '\r\n', ' ']));
}

/** The last character with other unused bits: the same bytes to a lax decoder. */
function otherLastBits(text: string, random: Random): string {
  return text.replace(/[A-Za-z0-9+/](?==*\s*$)/, () => random.pick([...'ABCDQRSTgwxyz0159+/']));
}

/** Mutators of base64: of the form field, and of what stands in a message. */
export const base64Mutators: readonly Mutator[] = [
  { name: 'base64: white space', apply: (text, random) => insert(text, random, random.pick(spaces)) },
  { name: 'base64: lines', apply: wrapLines },
  { name: 'base64: junk', apply: (text, random) => insert(text, random, random.pick(junk)) },
  { name: 'base64: url alphabet', apply: (text) => text.replaceAll('+', '-').replaceAll('/', '_') },
  { name: 'base64: plus as space', apply: (text) => text.replaceAll('+', ' ') },
  {
    name: 'base64: padding',
    apply: (text, random) => text.replace(/=*\s*$/, random.pick(['', '=', '==', '===', '=\n='])),
  },
  { name: 'base64: unused bits', apply: otherLastBits },
  { name: 'base64: twice', apply: (text) => Buffer.from(text).toString('base64') },
  { name: 'base64: two in a row', apply: (text, random) => (random.oneIn(2) ? `${text}${text}` : `${text}\n${text}`) },
  { name: 'base64: URL-encoded', apply: (text) => encodeURIComponent(text) },
  { name: 'base64: deflated', apply: (text) => deflateRawSync(Buffer.from(text, 'base64')).toString('base64') },
  { name: 'base64: none', apply: (text) => Buffer.from(text, 'base64').toString('utf8') },
];
