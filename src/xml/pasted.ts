// Recognizes what administrators paste in place of a certificate. Messages never repeat the text, as it may be a secret.

const privateKey = 'a private key was given: never share it, and replace it if it was shared';
/** The problem with a public key where a certificate is required. */
export const onlyPublicKey = 'only a public key was given, without its certificate';
const request = 'a certificate request (CSR) was given, not the certificate issued for it';
const bundle = 'a PKCS#7 bundle was given: export the signing certificate alone (openssl pkcs7 -print_certs)';
const encryptedKey = 'an encrypted private key was given: never share it';
const base64OfPem = 'base64 of a PEM file was given: decode it once';

const labels: readonly (readonly [RegExp, string])[] = [
  [/ENCRYPTED/, encryptedKey],
  [/PRIVATEKEY/, privateKey],
  [/REQUEST/, request],
  [/PUBLICKEY/, onlyPublicKey],
  [/PKCS7|CMS/, bundle],
  [/CRL/, 'a revocation list (CRL) was given'],
];

const texts: readonly (readonly [RegExp, string])[] = [
  [/^$/, 'the text is empty: check the file, form field or variable that it was read from'],
  [/^<(!doctype\s+html|html|head|body)/i, 'an HTML page was given: the download probably needed a login'],
  [/^</, 'XML was given: for IdP metadata use `metadata`, else paste only the text inside <X509Certificate>'],
  [/^https?:\/\//i, 'a URL was given: for the metadata behind it use `metadata`, else download the certificate'],
  [
    /^(?:file:|[./~]|[a-z]:\\)[\w./\\ -]*$|^[\w./\\ -]+\.(?:pem|crt|cer|cert|der)$/i,
    'a file name was given: pass the content of the file',
  ],
  [/^(["'`\u2018\u201C]).*["'`\u2019\u201D]$/s, 'it is enclosed in quotation marks: remove them'],
  [
    /^Certificate:\s*Data:/,
    'the text form of a certificate was given: pass the PEM block (openssl x509 without -noout)',
  ],
  [/^(?:sha-?(?:1|256)[^=]*=)?(?:[0-9a-f]{2}[: ]){15,}[0-9a-f]{2}$/i, 'only a fingerprint was given'],
  [/^(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64})$/i, 'only a fingerprint was given'],
  [/^(?:ssh-|ecdsa-sha2-)/, 'an SSH public key was given'],
  [/^LS0tLS1CRUdJTi/, base64OfPem],
  // Reading a binary file as text yields control and replacement characters.
  [
    /[\0-\x08\x0E-\x1F\uFFFD]/,
    'a binary (DER) file was read as text: convert it (openssl x509 -inform der) or pass its base64',
  ],
  [/\.{3}|\u2026/, 'it is abbreviated (...): copy all of it'],
];

/** Describes what `text` is instead of one certificate; `undefined` if it may be one. */
export function describePastedText(text: string): string | undefined {
  const begins = [...text.matchAll(/-----BEGIN([^-]*)-----/g)].map((match) => (match[1] ?? '').replace(/\s+/g, ''));
  if (/[\u2010-\u2015\u2212]-*\s*(?:BEGIN|END)\b/.test(text))
    return 'its dashes were replaced by typographic ones: copy it as plain text, not from a document or chat';
  for (const [pattern, mistake] of labels) if (begins.some((label) => pattern.test(label))) return mistake;
  if (begins.length > 1)
    return `${begins.length} certificates were given in one text: list each signing certificate separately (idp.certificates); of a chain use the first`;
  const [label] = begins;
  if (label === undefined) {
    if (text.includes('-----END')) return 'the line -----BEGIN CERTIFICATE----- is missing: the beginning was cut off';
    return texts.find(([pattern]) => pattern.test(text.trim()))?.[1];
  }
  if (label !== 'CERTIFICATE' && label !== 'X509CERTIFICATE') return 'a PEM block of another kind was given';
  if (!text.includes('-----END')) return 'the line -----END CERTIFICATE----- is missing: the end was cut off';
  return undefined;
}

// Matched against the first bytes inside the outer SEQUENCE, in hex; `30 len` begins an inner SEQUENCE.
const structures: readonly (readonly [RegExp, string])[] = [
  [/^02010[01]/, privateKey],
  [/^020103/, 'a PKCS#12 key store was given: export the certificate alone, without the private key'],
  [/^06092a864886f70d0107/, bundle],
  [/^30(?:..|81..|82....)06092a864886f70d01(?:050d|0c01)/, encryptedKey],
  [/^30(?:..|81..|82....)02010030/, request],
  [/^30(?:..|81..|82....)06|^02/, onlyPublicKey],
];

/** Describes what these bytes are instead of one complete DER certificate; `undefined` if they may be one. */
export function describePastedBytes(bytes: Uint8Array): string | undefined {
  const [tag, first = 0] = bytes;
  if (tag === 0x2d) return base64OfPem;
  if (tag !== 0x30) return 'the text is not base64 of a certificate';
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  const header = 2 + lengthBytes;
  const declared = lengthBytes === 0 ? first : bytes.subarray(2, header).reduce((sum, byte) => sum * 256 + byte, 0);
  if (bytes.length < header + declared) {
    return `it is incomplete: ${bytes.length} bytes of ${header + declared} were given (was it truncated while copying?)`;
  }
  if (bytes.length > header + declared) return `${bytes.length - header - declared} bytes follow the certificate`;
  const start = Buffer.from(bytes.subarray(header, header + 20)).toString('hex');
  return structures.find(([pattern]) => pattern.test(start))?.[1];
}
