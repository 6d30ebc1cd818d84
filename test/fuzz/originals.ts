import { readFileSync } from 'node:fs';
import { decodePost } from '../../src/saml/bindings.ts';
import { validateResponse } from '../../src/saml/response.ts';
import type { ValidateResponseOptions } from '../../src/saml/response-options.ts';
import { createTestIdp } from '../../src/testing/idp/create-test-idp.ts';
import type { EncryptionStyle } from '../../src/testing/idp/encrypt.ts';
import { type KeyPair, selfSigned } from '../../src/testing/idp/self-signed.ts';
import type { RespondOptions } from '../../src/testing/idp/test-idp.ts';
import type { TestUser } from '../../src/testing/idp/users.ts';
import { vendors } from '../../src/testing/idp/vendors.ts';
import { claimsOf } from './claims.ts';

/** A service provider's view of one identity provider, and genuine messages of that. */
export interface Connection {
  readonly name: string;
  readonly options: ValidateResponseOptions;
  /** Genuine messages, as XML. Some may be for another login: they lend their parts. */
  readonly messages: readonly string[];
  /** Those of them that are accepted as they are. */
  readonly valid: readonly string[];
  /** What they claim: whatever is accepted must claim one of these. */
  readonly claims: ReadonlySet<string>;
}

/** The names of the keys, of which `keys` holds the PEM files. */
export const keyNames = ['rsa', 'p256', 'p384', 'p521', 'rsa-pss'] as const;

/** Keys that never change: a seed must repeat a run. */
export const keys: Readonly<Record<(typeof keyNames)[number], KeyPair>> = {
  rsa: readKey('rsa'),
  p256: readKey('p256'),
  p384: readKey('p384'),
  p521: readKey('p521'),
  'rsa-pss': readKey('rsa-pss'),
};

/** The key of the application, which opens what is encrypted for it. */
const decryptionKey: KeyPair = readKey('sp');

/** Entity ID of all made-up identity providers. */
export const idpEntityId = 'https://idp.example.test/metadata';
/** The application that all made-up messages are for. */
export const serviceProvider = { entityId: 'https://sp.example.test', acsUrl: 'https://sp.example.test/acs' };
/** ID of the request that they answer. */
export const requestId = '_request';
/** When they are made, and validated. */
export const now = new Date('2026-01-01T00:00:00Z');

/** How the application expects the messages of an identity provider with this key. */
export function optionsFor(key: KeyPair): ValidateResponseOptions {
  return {
    identityProvider: { entityId: idpEntityId, certificates: [key.certificate] },
    serviceProvider,
    inResponseTo: requestId,
    now,
  };
}

/** The same where the application has a key to decrypt with. */
export function optionsToDecrypt(key: KeyPair): ValidateResponseOptions {
  const pem = decryptionKey.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return { ...optionsFor(key), allowAesCbc: true, serviceProvider: { ...serviceProvider, decryptionKeys: [pem] } };
}

const users: readonly TestUser[] = [
  { id: 'alice', email: 'alice@example.test', firstName: 'Alice', lastName: 'Liddell', role: 'admin', groups: ['a'] },
  {
    id: 'bob',
    email: 'bob@example.test',
    firstName: 'Böb <b>',
    lastName: 'O\u2019Neill & Sons',
    role: 'member',
    groups: ['x', 'y y', ''],
    attributes: { odd: [' \t\n\r ', ']]>', '\u{1F600}', '\u0085\u2028\uFEFF'], __proto__x: 'constructor' },
  },
];

const MORE = 'http://www.w3.org/2001/04/xmldsig-more#';
const DSIG = 'http://www.w3.org/2000/09/xmldsig#';
const EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const INCLUSIVE = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315';

const ENC = 'http://www.w3.org/2001/04/xmlenc#';
const ENC11 = 'http://www.w3.org/2009/xmlenc11#';

type Style = Partial<RespondOptions>;

const { certificate } = decryptionKey;
/** Ways to encrypt. */
export const encryptions: readonly EncryptionStyle[] = [
  { certificate },
  { certificate, contentAlgorithm: `${ENC11}aes128-gcm`, digest: `${ENC}sha256`, encryptedKey: 'sibling' },
  { certificate, contentAlgorithm: `${ENC}aes256-cbc`, recipient: serviceProvider.entityId },
  { certificate, contentAlgorithm: `${ENC}aes128-cbc`, digest: `${ENC}sha256`, maskGeneration: `${ENC11}mgf1sha256` },
  { certificate, contentAlgorithm: `${ENC11}aes192-gcm`, digest: `${ENC}sha512`, maskGeneration: `${ENC11}mgf1sha1` },
];

const styles: readonly Style[] = [
  { signs: 'response' },
  { signs: 'assertion' },
  { signs: 'both' },
  { signs: 'assertion', canonicalization: INCLUSIVE },
  { signs: 'both', canonicalization: `${EXCLUSIVE}WithComments` },
  { signs: 'response', inclusivePrefixes: ['xs', '#default', 'nothing'] },
  { signs: 'assertion', inclusivePrefixes: ['xs', 'samlp'], signaturePrefix: '' },
  { signs: 'both', signaturePrefix: 'saml2', canonicalization: INCLUSIVE },
];
const rsaStyles: readonly Style[] = [
  { signatureAlgorithm: `${MORE}rsa-sha384`, digestAlgorithm: `${MORE}sha384` },
  { signatureAlgorithm: `${MORE}rsa-sha512`, digestAlgorithm: 'http://www.w3.org/2001/04/xmlenc#sha512' },
];
const sha1: Style = { signatureAlgorithm: `${DSIG}rsa-sha1`, digestAlgorithm: `${DSIG}sha1`, allowSha1: true };

/** All connections. */
export async function loadConnections(): Promise<readonly Connection[]> {
  const made = keyNames.map((name) => {
    const styled = name === 'rsa' ? [...styles, ...rsaStyles] : styles;
    const byVendor = name === 'rsa' ? Object.keys(vendors) : [];
    const messages = [
      ...styled.flatMap((style) => respond(name, 'generic', style)),
      ...byVendor.flatMap((vendor) => respond(name, vendor, {})),
    ];
    return connect(name, optionsFor(keys[name]), messages);
  });
  const old = [...styles.slice(0, 4).flatMap((style) => respond('rsa', 'generic', { ...style, ...sha1 }))];
  const withSha1 = connect('sha1', { ...optionsFor(keys.rsa), allowSha1: true }, old);
  const signed = (['assertion', 'response', 'both'] as const).map((signs) => ({ signs }));
  const sealed = encryptions.flatMap((encryption) =>
    signed.flatMap((style) => respond('p256', 'generic', { ...style, encryption })),
  );
  const encrypted = connect('encrypted', optionsToDecrypt(keys.p256), sealed);
  return Promise.all([...made, withSha1, encrypted, ...captured()]);
}

function respond(keyName: (typeof keyNames)[number], vendor: string, style: Style): string[] {
  const idp = createTestIdp({
    entityId: idpEntityId,
    key: keys[keyName],
    vendor: vendor as keyof typeof vendors,
    now: () => now,
    users,
  });
  const asked = { acsUrl: serviceProvider.acsUrl, audience: serviceProvider.entityId, inResponseTo: requestId };
  return users.map(({ id }) => idp.responseXml({ user: id, ...asked, ...style }));
}

/** An entry of the manifest of captures, as far as it is read here. */
interface Capture {
  readonly idp: string;
  readonly case: string;
  readonly file: string;
  readonly message: string;
  readonly encrypted: boolean;
  readonly expect: string;
  readonly sp: string;
  readonly acs: string;
  readonly inResponseTo: string | null;
  readonly issuedAt: string;
  readonly idpCert: string;
  readonly issuer: readonly string[];
}

/** What real identity providers sent, each for its own login; the others of the same one lend their parts. */
function captured(): Promise<Connection>[] {
  const read = (file: string): string => readFileSync(`test/fixtures/captures/${file}`, 'utf8');
  const manifest: readonly Capture[] = JSON.parse(read('manifest.json'));
  const responses = manifest.filter(({ message, encrypted }) => message === 'Response' && !encrypted);
  const xmlOf = ({ file }: Capture): string => {
    const { params }: { params: Record<string, string> } = JSON.parse(read(file));
    return decodePost(params['SAMLResponse'] ?? '');
  };
  return responses
    .filter((capture) => capture.expect === 'accept')
    .map((capture) => {
      const own = responses.filter(({ idp }) => idp === capture.idp);
      const options: ValidateResponseOptions = {
        identityProvider: { entityId: capture.issuer[0] ?? '', certificates: [read(capture.idpCert)] },
        serviceProvider: { entityId: capture.sp, acsUrl: capture.acs },
        inResponseTo: capture.inResponseTo,
        now: new Date(Date.parse(capture.issuedAt) + 1000),
      };
      return connect(`${capture.idp} ${capture.case}`, options, own.map(xmlOf));
    });
}

async function connect(
  name: string,
  options: ValidateResponseOptions,
  messages: readonly string[],
): Promise<Connection> {
  const valid: string[] = [];
  const claims = new Set<string>();
  for (const xml of messages) {
    const field = Buffer.from(xml).toString('base64');
    const assertion = await validateResponse(field, { ...options, crossCheck: false }).catch(() => null);
    if (assertion === null) continue;
    valid.push(xml);
    claims.add(claimsOf(assertion));
  }
  if (valid.length === 0) throw new Error(`no genuine message of ${name} is accepted`);
  return { name, options, messages, valid, claims };
}

function readKey(name: string): KeyPair {
  return selfSigned({ privateKey: readFileSync(`test/fuzz/keys/${name}.pem`, 'utf8') });
}
