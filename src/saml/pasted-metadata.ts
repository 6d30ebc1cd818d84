import { decodeBase64 } from '../lib/base64.ts';
import { describePastedBytes } from '../xml/pasted.ts';

const texts: readonly (readonly [RegExp, string])[] = [
  [/^$/, 'the text is empty: check the file, form field or variable that it was read from'],
  [/^https?:\/\//i, 'a URL was given: download the document and pass its content'],
  [
    /^(?:<!doctype\s+html|<html)/i,
    'an HTML page was given: the URL probably needs a login, or is that of a page about the metadata; download the XML itself',
  ],
  [/-----BEGIN/, 'a PEM file was given: pass it as `certificate`, together with `entityId` and `ssoUrl`'],
  // UTF-16 read as UTF-8 contains null characters; its byte order mark is not valid UTF-8.
  [/^\uFFFD|^.{0,3}\0/s, 'it is in UTF-16, and was read as UTF-8: save it as UTF-8'],
  [/^[[{]/, 'JSON was given, as OpenID Connect uses it: SAML metadata is XML'],
  [/^(?:file:|[./~]|[a-z]:\\)[\w./\\ -]*$|^[\w./\\ -]+\.xml$/i, 'a file name was given: pass the content of the file'],
];

/** Describes `text` if it is evidently not XML; `undefined` if it may be XML. */
export function describePastedMetadata(text: string): string | undefined {
  const known = texts.find(([pattern]) => pattern.test(text))?.[1];
  if (known !== undefined || text.startsWith('<')) return known;
  const bytes = decodeBase64(text.replace(/\s+/g, ''));
  if (bytes?.[0] === 0x3c) return 'base64 of XML was given: decode it once';
  if (bytes && describePastedBytes(bytes) === undefined)
    return 'a certificate was given: pass it as `certificate`, together with `entityId` and `ssoUrl`';
  return 'the text is not XML: pass the whole document, from <EntityDescriptor> on';
}
