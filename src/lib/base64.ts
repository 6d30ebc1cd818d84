import { isWhiteSpace } from './white-space.ts';

/**
 * Decodes base64 as XML carries it (`xs:base64Binary`): white space of XML may stand anywhere, everything else must be
 * the one canonical spelling: the standard alphabet, full padding, unused bits zero. Linear, about 1 ms for 1 MB, 5 with
 * white space in it.
 *
 * @returns the bytes (none for empty text), or `null` when the text is anything else
 */
export function decodeBase64(text: string): Uint8Array | null {
  // Buffer skips what it does not know and accepts the url alphabet; only canonical text survives the way back.
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') === text) return bytes;
  const compact = withoutWhiteSpace(text);
  if (compact.length % 4 !== 0) return null;
  const decoded = Buffer.from(compact.toString('latin1'), 'base64');
  return compact.equals(Buffer.from(decoded.toString('base64'), 'latin1')) ? decoded : null;
}

/** UTF-8 of `text` without the white space of XML. On bytes: replacing in a string takes a tenth of a second for 1 MB. */
export function withoutWhiteSpace(text: string): Buffer {
  const bytes = Buffer.from(text);
  let length = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (!isWhiteSpace(byte)) bytes[length++] = byte;
  }
  return bytes.subarray(0, length);
}
