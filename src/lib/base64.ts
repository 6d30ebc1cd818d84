import { isWhiteSpace } from './white-space.ts';

/**
 * Decodes base64 in XML (`xs:base64Binary`): white space of XML is allowed anywhere, everything else must have the
 * canonical form: the standard alphabet, full padding, unused bits zero. Linear, about 1 ms for 1 MB, 5 with
 * white space in it.
 *
 * @returns the bytes (none for empty text), or `null` for any other text
 */
export function decodeBase64(text: string): Uint8Array | null {
  // Buffer skips unknown characters and accepts the url alphabet; only canonical text is equal after a round trip.
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
