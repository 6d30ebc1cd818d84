// What administrators paste where a certificate belongs. None of these texts is repeated in a message: some are secrets.

const privateKey = 'a private key was given: never send it to anybody, and replace it if it was';
/** A public key where a certificate is needed. */
export const onlyPublicKey = 'only a public key was given, not the certificate around it';
const request = 'a certificate request (CSR) was given, not the certificate made from it';
const bundle = 'a PKCS#7 bundle was given: export the signing certificate alone (openssl pkcs7 -print_certs)';
const encryptedKey = 'an encrypted private key was given: never send it to anybody';
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
  [/^$/, 'the text is empty: was its file, form field or variable filled?'],
  [/^<(!doctype\s+html|html|head|body)/i, 'an HTML page was given: the download probably needed a login'],
  [/^</, 'XML was given: for IdP metadata use `metadata`, else paste only the text inside <X509Certificate>'],
  [/^https?:\/\//i, 'a URL was given: for the metadata behind it use `metadata`, else download the certificate'],
  [
    /^(?:file:|[./~]|[a-z]:\\)[\w./\\ -]*$|^[\w./\\ -]+\.(?:pem|crt|cer|cert|der)$/i,
    'a file name was given: pass the content of the file',
  ],
  [/^(["'`\u2018\u201C]).*["'`\u2019\u201D]$/s, 'it stands in quotation marks: leave them away'],
  [
    /^Certificate:\s*Data:/,
    'the text form of a certificate was given: pass the PEM block (openssl x509 without -noout)',
  ],
  [/^(?:sha-?(?:1|256)[^=]*=)?(?:[0-9a-f]{2}[: ]){15,}[0-9a-f]{2}$/i, 'only a fingerprint was given'],
  [/^(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64})$/i, 'only a fingerprint was given'],
  [/^(?:ssh-|ecdsa-sha2-)/, 'an SSH public key was given'],
  [/^LS0tLS1CRUdJTi/, base64OfPem],
  // A replacement character is what a binary file read as text becomes.
  [
    /[\0-\x08\x0E-\x1F\uFFFD]/,
    'a binary (DER) file was read as text: convert it (openssl x509 -inform der) or pass its base64',
  ],
  [/\.{3}|\u2026/, 'it is abridged (...): copy all of it'],
];

/** What `text` evidently is, if not one certificate; `undefined` when it may be one. */
export function describePastedText(text: string): string | undefined {
  const begins = [...text.matchAll(/-----BEGIN([^-]*)-----/g)].map((match) => (match[1] ?? '').replace(/\s+/g, ''));
  if (/[\u2010-\u2015\u2212]-*\s*(?:BEGIN|END)\b/.test(text))
    return 'its dashes became typographic ones: copy it as plain text, not from a document or chat';
  for (const [pattern, mistake] of labels) if (begins.some((label) => pattern.test(label))) return mistake;
  if (begins.length > 1)
    return `${begins.length} certificates were given in one text: list those that it signs with one by one (idp.certificates); of a chain that is the first`;
  const [label] = begins;
  if (label === undefined) {
    if (text.includes('-----END')) return 'the line -----BEGIN CERTIFICATE----- is missing: the beginning was cut off';
    return texts.find(([pattern]) => pattern.test(text.trim()))?.[1];
  }
  if (label !== 'CERTIFICATE' && label !== 'X509CERTIFICATE') return 'a PEM block of another kind was given';
  if (!text.includes('-----END')) return 'the line -----END CERTIFICATE----- is missing: the end was cut off';
  return undefined;
}

// By the first bytes inside the outer SEQUENCE, as hex; `30 len` opens an inner one.
const structures: readonly (readonly [RegExp, string])[] = [
  [/^02010[01]/, privateKey],
  [/^020103/, 'a PKCS#12 key store was given: export the certificate alone, without the private key'],
  [/^06092a864886f70d0107/, bundle],
  [/^30(?:..|81..|82....)06092a864886f70d01(?:050d|0c01)/, encryptedKey],
  [/^30(?:..|81..|82....)02010030/, request],
  [/^30(?:..|81..|82....)06|^02/, onlyPublicKey],
];

/** What these bytes evidently are, if not one whole DER certificate; `undefined` when they may be one. */
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
