import type { Random } from '../random.ts';
import type { Mutator } from './mutator.ts';

// What decoders treat differently: overlong forms, surrogates, beyond U+10FFFF, cut sequences, byte order marks.
const sequences = [
  ...['c080', 'c0bc', 'e080bc', 'f08080bc', 'eda080edb080', 'eda080', 'f4908080', 'f8888080', 'c3', 'e282', '80', 'ff'],
  ...['efbbbf', 'fffe', 'feff', '0000feff', '2b2f76382d', '00', '0b', '1b', '7f', 'c285', 'e280a8', 'efbfbe', 'efbfbf'],
].map((hex) => Buffer.from(hex, 'hex'));

function splice(bytes: Buffer, at: number, remove: number, insert: Uint8Array): Buffer {
  return Buffer.concat([bytes.subarray(0, at), insert, bytes.subarray(at + remove)]);
}

function changed(bytes: Buffer, random: Random, change: (byte: number) => number): Buffer {
  if (bytes.length === 0) return bytes;
  const copy = Buffer.from(bytes);
  const at = random.below(copy.length);
  copy[at] = change(copy[at] ?? 0);
  return copy;
}

function range(bytes: Buffer, random: Random, most: number): [at: number, length: number] {
  return [random.below(bytes.length + 1), 1 + random.below(most)];
}

function latin1(bytes: Buffer): Buffer {
  return Buffer.from(bytes.toString('utf8'), 'latin1');
}

function utf16(bytes: Buffer, bigEndian: boolean, mark: boolean): Buffer {
  const text = Buffer.from((mark ? '\uFEFF' : '') + bytes.toString('utf8'), 'utf16le');
  return bigEndian ? text.swap16() : text;
}

function utf7(bytes: Buffer): Buffer {
  const shifted = (run: string): string =>
    `+${Buffer.from(run, 'utf16le').swap16().toString('base64').replace(/=+$/, '')}-`;
  return Buffer.from(bytes.toString('utf8').replace(/[<>"&]+|[^\0-\x7F]+/g, shifted), 'latin1');
}

const recodings: readonly ((bytes: Buffer) => Buffer)[] = [
  latin1,
  (bytes) => utf16(bytes, false, true),
  (bytes) => utf16(bytes, true, true),
  (bytes) => utf16(bytes, false, false),
  utf7,
];

const labels = ['UTF-8', 'utf-8', 'UTF8', 'UTF-16', 'UTF-7', 'ISO-8859-1', 'US-ASCII', 'ebcdic-cp-us', 'x', ''];

/** Mutators of the encoded document. */
export const byteMutators: readonly Mutator<Buffer>[] = [
  {
    name: 'bytes: flip a bit',
    apply: (bytes, random) => changed(bytes, random, (byte) => byte ^ (1 << random.below(8))),
  },
  { name: 'bytes: set a byte', apply: (bytes, random) => changed(bytes, random, () => random.below(256)) },
  {
    name: 'bytes: delete',
    apply: (bytes, random) => splice(bytes, ...range(bytes, random, random.oneIn(4) ? 400 : 4), Buffer.alloc(0)),
  },
  {
    name: 'bytes: insert',
    apply: (bytes, random) => splice(bytes, random.below(bytes.length + 1), random.below(2), random.pick(sequences)),
  },
  {
    name: 'bytes: repeat',
    apply: (bytes, random) => {
      const [at, length] = range(bytes, random, 64);
      return splice(bytes, at, 0, bytes.subarray(at, at + length));
    },
  },
  {
    name: 'bytes: splice from another message',
    apply: (bytes, random, donors) => {
      const donor = Buffer.from(random.pick(donors));
      const [at, length] = range(donor, random, 400);
      return splice(
        bytes,
        random.below(bytes.length + 1),
        random.oneIn(2) ? length : 0,
        donor.subarray(at, at + length),
      );
    },
  },
  { name: 'bytes: cut the end off', apply: (bytes, random) => bytes.subarray(0, random.below(bytes.length + 1)) },
  {
    name: 'encoding: byte order mark',
    apply: (bytes, random) => splice(bytes, 0, 0, random.pick(sequences.slice(12, 17))),
  },
  { name: 'encoding: recode', apply: (bytes, random) => random.pick(recodings)(bytes) },
  {
    name: 'encoding: declare and recode',
    apply: (bytes, random) => {
      const text = bytes.toString('utf8').replace(/^\uFEFF?<\?xml.*?\?>/s, '');
      const declared = Buffer.from(`<?xml version="1.0" encoding="${random.pick(labels)}"?>${text}`);
      return random.oneIn(2) ? random.pick(recodings)(declared) : declared;
    },
  },
];
