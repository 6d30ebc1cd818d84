import { copyString } from '../lib/copy-string.ts';
import type { QName } from './element.ts';

/** Namespace of the `xml` prefix. */
export const XML_NAMESPACE = 'http://www.w3.org/XML/1998/namespace';
/** Namespace of the `xmlns` prefix. */
export const XMLNS_NAMESPACE = 'http://www.w3.org/2000/xmlns/';
/** Namespace of XML Signature. */
export const DSIG_NAMESPACE = 'http://www.w3.org/2000/09/xmldsig#';

/** Namespace of the elements that XML Signature 1.1 added. */
export const DSIG11_NAMESPACE = 'http://www.w3.org/2009/xmldsig11#';

const start =
  'A-Za-z_\\xC0-\\xD6\\xD8-\\xF6\\xF8-\\u02FF\\u0370-\\u037D\\u037F-\\u1FFF\\u200C\\u200D\\u2070-\\u218F\\u2C00-\\u2FEF' +
  '\\u3001-\\uD7FF\\uF900-\\uFDCF\\uFDF0-\\uFFFD\\u{10000}-\\u{EFFFF}';
const following = `${start}\\-.0-9\\xB7\\u0300-\\u036F\\u203F\\u2040`;
const ncName = `[${start}][${following}]*`;
const ncNamePattern = new RegExp(`^${ncName}$`, 'u');
const nmtokenPattern = new RegExp(`^[:${following}]+$`, 'u');
const qNamePattern = new RegExp(`^(?:(${ncName}):)?(${ncName})$`, 'u');

/** Whether `text` is a name without a colon (Namespaces in XML 1.0, production 4), the form of the IDs that this package makes. */
export function isNCName(text: string): boolean {
  return ncNamePattern.test(text);
}

/**
 * Whether `text` is a name without the rule for its first character (XML 1.0, production 7). The SAML schema requires IDs
 * to be NCNames, but identity providers send bare UUIDs, most of which begin with a digit. Quotes, brackets and white space
 * are excluded, so that an ID can be inserted into an XPath expression.
 */
export function isNmtoken(text: string): boolean {
  return nmtokenPattern.test(text);
}

// Tried first, because most names match it and the full pattern is slow.
const plainQName = /^(?:([A-Za-z_][\w.-]*):)?([A-Za-z_][\w.-]*)$/;

/** Splits a qualified name (Namespaces in XML 1.0, production 7); `null` if invalid. */
export function parseQName(text: string): QName | null {
  const match = plainQName.exec(text) ?? qNamePattern.exec(text);
  return match?.[2] === undefined ? null : { written: text, prefix: match[1] ?? '', localName: match[2] };
}

// Documents share most of their names: a cache of split names avoids slicing and splitting each occurrence.
const slots: QName[] = [];
const maxKept = 64;

/** As {@link parseQName}, for `text` from `start` to `end`; `codes` are the code units of `text`. */
export function qNameAt(text: string, codes: Uint16Array, start: number, end: number): QName | null {
  const length = end - start;
  const middle = start + (length >> 1);
  const slot =
    (length * 131 +
      (codes[start] ?? 0) * 31 +
      (codes[start + 1] ?? 0) * 17 +
      (codes[middle] ?? 0) * 7 +
      (codes[end - 1] ?? 0)) &
    1023;
  const known = slots[slot];
  if (known !== undefined && known.written.length === length) {
    const { written } = known;
    let i = 0;
    while (i < length && written.charCodeAt(i) === codes[start + i]) i++;
    if (i === length) return known;
  }
  // Copied, because a slice keeps the whole document in memory.
  const name = parseQName(copyString(text.slice(start, end)));
  if (name !== null && length <= maxKept) slots[slot] = name;
  return name;
}
