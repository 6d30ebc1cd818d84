// Characters of XML 1.0 and how they are written. Whole documents are changed on bytes: replacing in a string takes a
// quarter of a second for a megabyte of white space.

import { endianness } from 'node:os';

const TAB = 9;
const LF = 10;
const CR = 13;
const SPACE = 32;

const loneSurrogate = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/;

/** Offset of a null character or half a surrogate pair, which no text of XML holds; -1 when there is none. */
export function findForbidden(text: string): number {
  return text.isWellFormed() ? text.indexOf('\0') : text.search(loneSurrogate);
}

// A new array costs as much as filling it; most messages fit into this one.
const keptUnits = new Uint16Array(32_768);
const keptBytes = Buffer.from(keptUnits.buffer);

/**
 * UTF-16 code units of `text` and a closing 0: reading them takes a fraction of the time that `charCodeAt` takes. They
 * are good until the next call.
 */
export function codeUnits(text: string): Uint16Array {
  const fits = text.length < keptUnits.length;
  const units = fits ? keptUnits : new Uint16Array(text.length + 1);
  const bytes = fits ? keptBytes : Buffer.from(units.buffer);
  const written = bytes.write(text, 'utf16le');
  if (endianness() === 'BE') bytes.subarray(0, written).swap16();
  units[text.length] = 0;
  return units;
}

/** Line ends become line feeds (XML 1.0, 2.11). The text holds no lone surrogates. */
export function normalizeLineEnds(text: string): string {
  if (!text.includes('\r')) return text;
  const bytes = Buffer.from(text);
  let length = 0;
  for (let i = 0; i < bytes.length; i++) {
    const isReturn = bytes[i] === CR;
    bytes[length++] = isReturn ? LF : (bytes[i] ?? 0);
    if (isReturn && bytes[i + 1] === LF) i++;
  }
  return bytes.toString('utf8', 0, length);
}

/** Literal white space of an attribute value becomes spaces (XML 1.0, 3.3.3), referenced white space stays what it is. */
export function normalizeAttributeValue(raw: string): string {
  if (!/[\t\n]/.test(raw)) return raw;
  const bytes = Buffer.from(raw);
  for (let i = 0; i < bytes.length; i++) if (bytes[i] === TAB || bytes[i] === LF) bytes[i] = SPACE;
  return bytes.toString();
}

const predefined: ReadonlyMap<string, string> = new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['amp', '&'],
  ['quot', '"'],
  ['apos', "'"],
]);
const numeric = /^#(?:[0-9]+|x[0-9A-Fa-f]+)$/;
// `&#` and ten digits: zeros in front are allowed, without end they are an attack.
const maxReference = 13;

/**
 * Replaces character and entity references (XML 1.0, 4.1 and 4.6).
 *
 * @param refuse told of the offset of a reference that is none, and why
 */
export function expandReferences(raw: string, refuse: (offset: number, problem: string) => never): string {
  let expanded = '';
  let from = 0;
  for (let at = raw.indexOf('&'); at !== -1; at = raw.indexOf('&', from)) {
    const end = raw.indexOf(';', at);
    const name = end === -1 || end - at > maxReference ? '' : raw.slice(at + 1, end);
    const character = predefined.get(name) ?? characterOf(name);
    if (character === null) {
      refuse(at, '"&" begins no reference to a character of XML 1.0, &lt; &gt; &amp; &quot; or &apos;');
    }
    expanded += raw.slice(from, at) + character;
    from = end + 1;
  }
  return expanded + raw.slice(from);
}

function characterOf(reference: string): string | null {
  if (!numeric.test(reference)) return null;
  const hexadecimal = reference[1] === 'x';
  const code = Number.parseInt(reference.slice(hexadecimal ? 2 : 1), hexadecimal ? 16 : 10);
  const isCharacter =
    code === TAB ||
    code === LF ||
    code === CR ||
    (code >= SPACE && code <= 0xd7ff) ||
    (code >= 0xe000 && code <= 0xfffd) ||
    (code >= 0x10000 && code <= 0x10ffff);
  return isCharacter ? String.fromCodePoint(code) : null;
}
