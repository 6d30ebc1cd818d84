// The few ASN.1 types of a certificate, in DER (X.690).

function tagged(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const content = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag]), length(content.length), content]);
}

function length(value: number): Uint8Array {
  if (value < 0x80) return Buffer.from([value]);
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
  return Buffer.concat([Buffer.from([0x80 | bytes.length]), bytes]);
}

export function sequence(...items: readonly Uint8Array[]): Uint8Array {
  return tagged(0x30, ...items);
}

export function set(...items: readonly Uint8Array[]): Uint8Array {
  return tagged(0x31, ...items);
}

/** Context tag `[number]` around its content. */
export function explicit(number: number, item: Uint8Array): Uint8Array {
  return tagged(0xa0 | number, item);
}

/** A positive INTEGER from its big-endian bytes, the first of them between 1 and 0x7f. */
export function integer(bytes: Uint8Array): Uint8Array {
  return tagged(0x02, bytes);
}

export const nothing: Uint8Array = tagged(0x05);

export function objectIdentifier(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second];
  for (const arc of rest) {
    const septets = [arc & 0x7f];
    for (let left = arc >>> 7; left > 0; left >>>= 7) septets.unshift(0x80 | (left & 0x7f));
    bytes.push(...septets);
  }
  return tagged(0x06, Buffer.from(bytes));
}

export function utf8String(text: string): Uint8Array {
  return tagged(0x0c, Buffer.from(text));
}

/** Whole bytes only. */
export function bitString(bytes: Uint8Array): Uint8Array {
  return tagged(0x03, Buffer.from([0]), bytes);
}

/** UTCTime up to 2049, GeneralizedTime from then on (RFC 5280, 4.1.2.5). Seconds precision. */
export function time(date: Date): Uint8Array {
  const digits = `${date.toISOString().replace(/\.\d+Z$|[-:T]/g, '')}Z`;
  return date.getUTCFullYear() < 2050 ? tagged(0x17, Buffer.from(digits.slice(2))) : tagged(0x18, Buffer.from(digits));
}
