// Characters of XML 1.0 and their references. Whole documents are processed as bytes: String.replace takes a quarter of a
// second for a megabyte of white space.

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

/** Offset of the first NUL or lone surrogate, which XML does not allow; -1 if absent. */
export function findForbidden(text: string): number {
  return text.isWellFormed() ? text.indexOf('\0') : text.search(loneSurrogate);
}

// Reused, because allocating an array costs as much as filling it. Messages within the default limits fit.
const keptUnits = new Uint16Array(1024 * 1024 + 1);
const keptBytes = Buffer.from(keptUnits.buffer);

/**
 * Returns the UTF-16 code units of `text` and a terminating 0: reading them is several times faster than `charCodeAt`.
 * The result is valid until the next call.
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

/** Converts line ends to line feeds (XML 1.0, 2.11). The text must not contain lone surrogates. */
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

/** Converts literal white space of an attribute value to spaces (XML 1.0, 3.3.3); character references are not changed. */
export function normalizeAttributeValue(raw: string): string {
  if (raw.length < 256) return raw.replace(/[\t\n]/g, ' ');
  const bytes = Buffer.from(raw);
  for (let i = 0; i < bytes.length; i++) if (bytes[i] === TAB || bytes[i] === LF) bytes[i] = SPACE;
  return bytes.toString();
}

/** Character codes of `lt`, `gt`, `amp`, `quot` and `apos`, by the bytes of the name read as a big-endian number. */
const predefined: ReadonlyMap<number, number> = new Map(
  Object.entries({ lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }).map(([name, character]) => [
    Buffer.from(name).reduce((number, letter) => number * 256 + letter, 0),
    character.charCodeAt(0),
  ]),
);
// `&#x` and ten digits: leading zeros are allowed, but an unlimited number of them is an attack.
const maxReference = 13;
// Short values share one buffer, because allocating one costs more than expanding the references.
const shortText = 256;
const shortBytes = Buffer.alloc(shortText * 3);

/**
 * Expands character and entity references (XML 1.0, 4.1 and 4.6).
 *
 * @param refuse called with the offset of an invalid reference and the problem
 */
export function expandReferences(raw: string, refuse: (offset: number, problem: string) => never): string {
  const bytes = raw.length <= shortText ? shortBytes : Buffer.allocUnsafe(Buffer.byteLength(raw));
  const total = bytes.write(raw);
  // Written in place: no reference is shorter than its character in UTF-8.
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
      end < total && bytes[end] === SEMICOLON && end - at <= maxReference ? parseReference(bytes, at + 1, end) : -1;
    if (!isCharacter(code)) {
      refuse(
        Buffer.from(raw).toString('utf8', 0, at).length,
        '"&" does not begin a reference to a character of XML 1.0, &lt; &gt; &amp; &quot; or &apos;',
      );
    }
    if (code < 0x80) bytes[length++] = code;
    else length += bytes.write(String.fromCodePoint(code), length);
    at = end;
  }
  return bytes.toString('utf8', 0, length);
}

/** Code of the character that the bytes between `&` and `;` refer to; -1 if the reference is invalid. */
function parseReference(bytes: Uint8Array, start: number, end: number): number {
  let number = 0;
  if (bytes[start] !== HASH) {
    for (let i = start; i < end; i++) number = number * 256 + (bytes[i] ?? 0);
    return predefined.get(number) ?? -1;
  }
  const isHexadecimal = bytes[start + 1] === LETTER_X;
  const first = isHexadecimal ? start + 2 : start + 1;
  for (let i = first; i < end; i++) {
    const digit = hexDigitValue(bytes[i] ?? 0);
    if (digit >= (isHexadecimal ? 16 : 10)) return -1;
    number = number * (isHexadecimal ? 16 : 10) + digit;
  }
  return first < end ? number : -1;
}

/** Value of a hexadecimal digit; 16 for anything else. */
function hexDigitValue(code: number): number {
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
