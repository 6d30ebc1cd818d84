/** White space of XML (production 3), as a byte of UTF-8 or a code unit. */
export function isWhiteSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}
