/**
 * Text from an untrusted message, made safe to print in a log line: control, format and bidirectional characters are
 * written as `\u{...}`, and text longer than `max` characters is cut.
 */
export function printable(text: string, max = 200): string {
  const cut = text.length > max ? `${text.slice(0, max)}…` : text;
  return cut.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (c) => `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`);
}

/** A value of an untrusted message for a hint: quoted and cut; `absent` if `undefined`. */
export function shown(text: string | undefined): string {
  return text === undefined ? 'absent' : JSON.stringify(text.slice(0, 200));
}
