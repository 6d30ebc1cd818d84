import { SamlError } from '../errors.ts';
import { copyString } from '../lib/copy-string.ts';
import { maxCertificates, parseCertificate, parseTrustedKey } from '../xml/certificates.ts';
import type { XmlElement } from '../xml/element.ts';
import { readKeyValue } from '../xml/key-value.ts';
import { readXml } from '../xml/read.ts';
import { parseDateTime } from './date-time.ts';
import { bindings, namespaces } from './names.ts';
import { describePastedMetadata } from './pasted-metadata.ts';

/** URL of an endpoint by binding. */
export interface MetadataEndpoints {
  readonly redirect?: string | undefined;
  readonly post?: string | undefined;
}

/** The contents of the metadata of one identity provider (SAML Metadata 2.4.3). */
export interface IdpMetadata {
  readonly entityId: string;
  /** SingleSignOnService: where AuthnRequests go; at least one. */
  readonly sso: MetadataEndpoints;
  /** SingleLogoutService. */
  readonly slo: MetadataEndpoints;
  /**
   * Signing certificates, base64 of DER; 1 to 20. Certificates whose keys cannot be used are left out. A key that is
   * published as KeyValue, without a certificate, is returned as public key in PEM.
   */
  readonly certificates: readonly string[];
  readonly wantAuthnRequestsSigned: boolean;
  readonly nameIdFormats: readonly string[];
  /** The metadata must not be used from this time on; `null`: not stated. */
  readonly validUntil: Date | null;
}

/**
 * Reads the metadata (SAML Metadata 2.4.3) of a single identity provider, as an administrator pastes it.
 *
 * Its signature is not verified: the administrator who enters the document is trusted, as for a pasted certificate.
 *
 * @param xml text of an EntityDescriptor, or of an EntitiesDescriptor that holds one identity provider
 * @param options the time of validation
 * @param options.now metadata whose `validUntil` is before this time is refused; default: the current time; `null`: not
 * checked
 * @throws SamlError `metadata_invalid`; the hint says what the document is instead, or what it lacks
 * @example
 * ```ts
 * import { readFile } from 'node:fs/promises';
 * import { parseIdpMetadata } from 'saml-jit';
 *
 * const { entityId, certificates } = parseIdpMetadata(await readFile('idp-metadata.xml', 'utf8'));
 * ```
 */
export function parseIdpMetadata(xml: string, options: { readonly now?: Date | null | undefined } = {}): IdpMetadata {
  const root = readDocument(xml);
  const { entityId, role } = findIdentityProvider(root);
  const validUntil = readValidUntil(role, entityId);
  const { now = new Date() } = options;
  if (validUntil && now && validUntil <= now) {
    refuse(`the metadata of ${entityId} expired at ${validUntil.toISOString()} (validUntil): download it again`);
  }
  const sso = readEndpoints(role, 'SingleSignOnService');
  if (!sso.redirect && !sso.post) {
    refuse(
      `${entityId} has no SingleSignOnService with the HTTP-Redirect or HTTP-POST binding: enable one of them there`,
    );
  }
  return {
    entityId: copyString(entityId),
    sso,
    slo: readEndpoints(role, 'SingleLogoutService'),
    certificates: readCertificates(role, entityId),
    wantAuthnRequestsSigned: /^\s*(?:true|1)\s*$/.test(role.get('WantAuthnRequestsSigned') ?? ''),
    nameIdFormats: role.all(namespaces.metadata, 'NameIDFormat').map(({ text }) => copyString(text.trim())),
    validUntil,
  };
}

function readDocument(xml: string): XmlElement {
  if (typeof xml !== 'string') throw new TypeError("metadata must be text: read its file with readFile(path, 'utf8')");
  const text = xml.replace(/^\uFEFF/, '').trimStart();
  const mistake = describePastedMetadata(text);
  if (mistake !== undefined) refuse(mistake);
  try {
    return readXml(text);
  } catch (cause) {
    if (!(cause instanceof SamlError)) throw cause;
    if (cause.code !== 'malformed_xml' && cause.code !== 'forbidden_xml') return refuse(cause.hint, cause);
    const { line, column, problem } = cause.details;
    return refuse(
      `it cannot be read at line ${line}, column ${column}: ${problem}. Download it again and pass all of it, unchanged`,
      cause,
    );
  }
}

interface Provider {
  readonly entityId: string;
  readonly role: XmlElement;
}

function findIdentityProvider(root: XmlElement): Provider {
  if (!root.is(namespaces.metadata, 'EntityDescriptor') && !root.is(namespaces.metadata, 'EntitiesDescriptor')) {
    refuse(
      `the root element is <${root.qualifiedName}>, expected EntityDescriptor of ${namespaces.metadata}. Its administration page offers that for download`,
    );
  }
  const entities = root.descendants().filter((element) => element.is(namespaces.metadata, 'EntityDescriptor'));
  const providers = entities.flatMap((entity): Provider[] => {
    const [role] = entity.all(namespaces.metadata, 'IDPSSODescriptor').filter(speaksSaml2);
    return role ? [{ entityId: entity.get('entityID') ?? '', role }] : [];
  });
  const [provider, second] = providers;
  if (!provider) refuse(whatElse(entities));
  if (second) {
    const names = providers.slice(0, 5).map(({ entityId }) => entityId);
    refuse(
      `it describes ${providers.length} identity providers (${names.join(', ')}): pass the EntityDescriptor of one`,
    );
  }
  if (provider.entityId.trim() === '') refuse('the EntityDescriptor has no entityID');
  return provider;
}

/** SAML Metadata 2.4.1: a role descriptor supports the protocols that it enumerates. */
function speaksSaml2(role: XmlElement): boolean {
  return (role.get('protocolSupportEnumeration') ?? '').split(/\s+/).includes(namespaces.protocol);
}

function whatElse(entities: readonly XmlElement[]): string {
  const has = (name: string): boolean => entities.some((entity) => entity.all(namespaces.metadata, name).length > 0);
  const entityId = entities[0]?.get('entityID') ?? '';
  if (has('IDPSSODescriptor'))
    return `the identity provider ${entityId} does not support SAML 2.0 (protocolSupportEnumeration): choose SAML 2.0 there`;
  if (!has('SPSSODescriptor')) return 'it describes no identity provider (no IDPSSODescriptor)';
  return `this is the metadata of a service provider (${entityId}): the identity provider's own is needed, which its administration page offers for download`;
}

/** The first endpoint of each binding, because the standard defines no order (SAML Metadata 2.4.3). */
function readEndpoints(role: XmlElement, name: string): MetadataEndpoints {
  const services = role.all(namespaces.metadata, name);
  const location = (binding: string): string | undefined => {
    const service = services.find((candidate) => candidate.get('Binding')?.trim() === binding);
    return copyString(service?.get('Location')?.trim() ?? '') || undefined;
  };
  return { redirect: location(bindings.redirect), post: location(bindings.post) };
}

/** SAML Metadata 2.4.1.1: without `use` a key serves both purposes. */
function readCertificates(role: XmlElement, entityId: string): readonly string[] {
  const keyInfos = role
    .all(namespaces.metadata, 'KeyDescriptor')
    .filter((key) => (key.get('use') ?? 'signing').trim() === 'signing')
    .flatMap((key) => key.all(namespaces.signature, 'KeyInfo'));
  const usable = new Set<string>();
  let found = 0;
  let problem: SamlError | undefined;
  for (const read of keyInfos.flatMap(keysOf)) {
    found += 1;
    try {
      usable.add(read());
    } catch (error) {
      if (!(error instanceof SamlError)) throw error;
      problem ??= error;
    }
    if (usable.size > maxCertificates) {
      refuse(`${entityId} publishes more than ${maxCertificates} signing certificates: remove those no longer in use`);
    }
  }
  if (found === 0)
    refuse(`${entityId} publishes no signing certificate (KeyDescriptor with an X509Certificate or a KeyValue)`);
  if (usable.size === 0) refuse(`no signing certificate of ${entityId} can be used. ${problem?.hint}`, problem);
  return [...usable];
}

/**
 * A KeyInfo describes one key, in one or several forms (XML Signature 4.5): a KeyValue is read if there is no
 * certificate.
 */
function keysOf(keyInfo: XmlElement): readonly (() => string)[] {
  const certificates = keyInfo
    .all(namespaces.signature, 'X509Data')
    // The further certificates of an X509Data are its chain (XML Signature 4.5.4), which signs no messages.
    .flatMap((data) => data.all(namespaces.signature, 'X509Certificate').slice(0, 1));
  if (certificates.length > 0)
    return certificates.map(
      ({ text }) =>
        () =>
          parseCertificate(text).certificate,
    );
  return keyInfo.all(namespaces.signature, 'KeyValue').map((value) => () => {
    const pem = readKeyValue(value);
    parseTrustedKey(pem);
    return pem;
  });
}

/** The earliest `validUntil` of the role descriptor and its ancestors (SAML Metadata 2.3.1, 2.3.2, 2.4.1). */
function readValidUntil(role: XmlElement, entityId: string): Date | null {
  let earliest: Date | null = null;
  for (let element: XmlElement | null = role; element; element = element.parent) {
    const text = element.get('validUntil');
    if (text === undefined) continue;
    const time = parseDateTime(text.trim());
    if (!time) refuse(`validUntil of ${entityId} is not a time such as 2026-11-24T08:00:00Z: ${text}`);
    if (!earliest || time < earliest) earliest = time;
  }
  return earliest;
}

function refuse(problem: string, cause?: unknown): never {
  const hint = `Expected the SAML 2.0 metadata of one identity provider: ${problem.replace(/\.$/, '')}.`;
  throw new SamlError('metadata_invalid', { hint, cause });
}
