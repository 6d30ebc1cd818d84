import { copyString } from '../lib/copy-string.ts';
import type { XmlElement } from '../xml/element.ts';
import type { Limits } from '../xml/limits.ts';
import { readXml } from '../xml/read.ts';
import { decodePost } from './bindings.ts';
import { namespaces } from './names.ts';
import { expectResponse } from './read-response.ts';
import type { Trace } from './trace.ts';

/** A response that was read but not verified: every value is an untrusted claim. @internal */
export interface UnverifiedResponse {
  readonly root: XmlElement;
  /** Issuer of the Response, else of the Assertion: a hint for the choice of the connection. */
  readonly issuer: string | null;
  readonly inResponseTo: string | null;
}

/** Decodes and reads a message; only its form is checked. @throws SamlError if it is not a SAML 2.0 Response @internal */
export function decodeResponse(samlResponse: string, limits: Limits, trace: Trace): UnverifiedResponse {
  if (typeof samlResponse !== 'string') throw new TypeError('samlResponse must be a string');
  const xml = trace.step('encoding', 'SAML Bindings 3.5.4', () => decodePost(samlResponse, limits));
  const root = trace.step('xml', 'SAML Core 1.1', () => readXml(xml, limits));
  trace.step('message', 'SAML Core 3.2.2', () => expectResponse(root));
  const issuer = (
    root.all(namespaces.assertion, 'Issuer')[0] ??
    root.all(namespaces.assertion, 'Assertion')[0]?.all(namespaces.assertion, 'Issuer')[0]
  )?.text;
  return { root, issuer: issuer?.trim() || null, inResponseTo: copyString(root.get('InResponseTo') ?? '') || null };
}
