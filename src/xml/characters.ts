// Characters of XML 1.0 and how they are written. Whole documents are changed on bytes: replacing in a string takes a
// quarter of a second for a megabyte of white space.

import { endianness } from 'node:os';

const TAB = 9;
const LF = 10;
const CR = 13;
const SPACE = 32;
const HASH = 35;
const AMPERSAND = 38;
const SEMICOLON = 59;
const LETTER_X = 120;

const loneSurrogate = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/;

/** Offset of a null character or half a surrogate pair, which no text of XML holds; -1 when there is none. */
export function findForbidden(text: string): number {
  return text.isWellFormed() ? text.indexOf('\0') : text.search(loneSurrogate);
}

// A new array costs as much as filling it. Messages within the default limits fit into this one.
const keptUnits = new Uint16Array(1024 * 1024 + 1);
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
  if (raw.length < 256) return raw.replace(/[\t\n]/g, ' ');
  const bytes = Buffer.from(raw);
  for (let i = 0; i < bytes.length; i++) if (bytes[i] === TAB || bytes[i] === LF) bytes[i] = SPACE;
  return bytes.toString();
}

/** `lt`, `gt`, `amp`, `quot`, `apos`, as numbers of the base 256, and their characters. */
const predefined: ReadonlyMap<number, number> = new Map(
  Object.entries({ lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }).map(([name, character]) => [
    Buffer.from(name).reduce((number, letter) => number * 256 + letter, 0),
    character.charCodeAt(0),
  ]),
);
// `&#` and ten digits: zeros in front are allowed, without end they are an attack.
const maxReference = 13;
// Thousands of short values share one buffer: making one costs more than expanding.
const shortText = 256;
const shortBytes = Buffer.alloc(shortText * 3);

/**
 * Replaces character and entity references (XML 1.0, 4.1 and 4.6).
 *
 * @param refuse told of the offset of a reference that is none, and why
 */
export function expandReferences(raw: string, refuse: (offset: number, problem: string) => never): string {
  const bytes = raw.length <= shortText ? shortBytes : Buffer.allocUnsafe(Buffer.byteLength(raw));
  const total = bytes.write(raw);
  // In place: no reference is shorter than its character.
  let length = 0;
  for (let at = 0; at < total; at++) {
    const byte = bytes[at] ?? 0;
    if (byte !== AMPERSAND) {
      bytes[length++] = byte;
      continue;
    }
    let end = at + 1;
    while (end < total && end - at <= maxReference && bytes[end] !== SEMICOLON) end++;
    const code =
      end < total && bytes[end] === SEMICOLON && end - at <= maxReference ? referenced(bytes, at + 1, end) : -1;
    if (!isCharacter(code)) {
      refuse(
        Buffer.from(raw).toString('utf8', 0, at).length,
        '"&" begins no reference to a character of XML 1.0, &lt; &gt; &amp; &quot; or &apos;',
      );
    }
    if (code < 0x80) bytes[length++] = code;
    else length += bytes.write(String.fromCodePoint(code), length);
    at = end;
  }
  return bytes.toString('utf8', 0, length);
}

/** Code of the character that `name` in `&name;` stands for; -1 when there is none. */
function referenced(bytes: Uint8Array, start: number, end: number): number {
  let number = 0;
  if (bytes[start] !== HASH) {
    for (let i = start; i < end; i++) number = number * 256 + (bytes[i] ?? 0);
    return predefined.get(number) ?? -1;
  }
  const isHexadecimal = bytes[start + 1] === LETTER_X;
  const first = isHexadecimal ? start + 2 : start + 1;
  for (let i = first; i < end; i++) {
    const digit = digitOf(bytes[i] ?? 0);
    if (digit >= (isHexadecimal ? 16 : 10)) return -1;
    number = number * (isHexadecimal ? 16 : 10) + digit;
  }
  return first < end ? number : -1;
}

/** Value of a hexadecimal digit; 16 for anything else. */
function digitOf(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  const letter = code | SPACE;
  return letter >= 97 && letter <= 102 ? letter - 87 : 16;
}

function isCharacter(code: number): boolean {
  return (
    code === TAB ||
    code === LF ||
    code === CR ||
    (code >= SPACE && code <= 0xd7ff) ||
    (code >= 0xe000 && code <= 0xfffd) ||
    (code >= 0x10000 && code <= 0x10ffff)
  );
}
