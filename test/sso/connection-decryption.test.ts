import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type ConnectionInput, type ConnectionStore, parseConnection, SamlError } from '../../src/index.ts';
import { namespaces } from '../../src/saml/names.ts';
import { encryptXml } from '../../src/testing/idp/encrypt.ts';
import { createTestIdp, type RespondOptions, type TestIdp } from '../../src/testing/index.ts';
import { decryptionPair, pemOf } from '../support/encryption.ts';
import { pemBody } from '../support/signing.ts';
import { acsUrl, entityId, product, start } from './setup.ts';

const CBC = `${namespaces.encryption}aes256-cbc`;
const GCM = `${namespaces.encryption11}aes256-gcm`;
const own = (name: string) => {
  const pair = decryptionPair(name);
  return { privateKey: pemOf(pair), certificate: pair.certificate };
};
const application = own('application');
const person = (id: string, email: string) => ({ id, email, firstName: 'A', lastName: 'B', role: 'admin' });
const users = [person('alice-1', 'alice@acme.example')];
const acmeIdp = createTestIdp({ entityId: 'https://acme-idp.example', users, now: () => start });
const globexIdp = createTestIdp({ entityId: 'https://globex-idp.example', users, now: () => start });
const policy = { idpInitiated: 'allow' } as const;
const acme: ConnectionInput = { id: 'acme', organizationId: 'acme', idp: { metadata: acmeIdp.metadata() }, policy };
const globex: ConnectionInput = {
  id: 'globex',
  organizationId: 'globex',
  idp: { metadata: globexIdp.metadata() },
  policy,
};
const unsolicited = (idp: TestIdp, overrides: Partial<RespondOptions>): string =>
  idp.respond({ user: 'alice-1', acsUrl, audience: entityId, ...overrides });
const encryptedFor = ({ certificate }: { certificate: string }, contentAlgorithm: string) => ({
  encryption: { certificate, contentAlgorithm },
});
/** A NameID that is encrypted alone. */
const encryptedId = ({ certificate }: { certificate: string }, contentAlgorithm: string): Partial<RespondOptions> => ({
  mutateBeforeSigning: (xml) =>
    xml.replace(
      /<saml:NameID.*?<\/saml:NameID>/s,
      (found) => `<saml:EncryptedID>${encryptXml(found, { certificate, contentAlgorithm })}</saml:EncryptedID>`,
    ),
});

async function refusal(outcome: Promise<unknown>): Promise<SamlError> {
  const error = await outcome.then(
    () => expect.fail('it was accepted'),
    (reason: unknown) => reason,
  );
  return error instanceof SamlError ? error : expect.fail(inspect(error));
}

describe('a decryption key of one connection', () => {
  const acmeKey = own('acme');
  const globexKey = own('globex');
  const apart = { ...acme, decryption: acmeKey };
  const app = () => product({ decryption: application, connections: [apart, { ...globex, decryption: globexKey }] });

  it('decrypts assertions for it, and is used instead of the key of createSso', async () => {
    const { sso } = app();
    const message = (key: typeof acmeKey) => unsolicited(acmeIdp, { signs: 'assertion', ...encryptedFor(key, GCM) });
    expect(await sso.completeLogin({ samlResponse: message(acmeKey) })).toHaveProperty('outcome', 'created');
    for (const other of [application, globexKey]) {
      const error = await refusal(sso.completeLogin({ samlResponse: message(other) }));
      expect(error).toMatchObject({
        code: 'decryption_failed',
        message: 'the assertion could not be decrypted',
        hint: expect.stringContaining('belongs to none of the configured keys'),
      });
    }
  });

  it('is sufficient: createSso needs no decryption key', async () => {
    const { sso } = product({ connections: [apart, globex] });
    const message = unsolicited(acmeIdp, { signs: 'assertion', ...encryptedFor(acmeKey, GCM) });
    expect(await sso.completeLogin({ samlResponse: message })).toHaveProperty('outcome', 'created');
    const other = unsolicited(globexIdp, { signs: 'assertion', ...encryptedFor(application, GCM) });
    expect(await refusal(sso.completeLogin({ samlResponse: other }))).toMatchObject({
      code: 'decryption_key_missing',
      hint: expect.stringContaining('decryption of createSso or of the connection'),
    });
  });

  it('is shown by the metadata of the connection, and by that of the application if the connection is the only one', async () => {
    const { sso } = app();
    const certificates = await sso.metadata({ connectionId: 'acme' });
    expect(certificates).toContain(pemBody(acmeKey.certificate));
    expect(certificates).not.toContain(pemBody(application.certificate));
    expect(await sso.metadata({ connectionId: 'globex' })).toContain(pemBody(globexKey.certificate));
    expect(await sso.metadata()).toContain(pemBody(application.certificate));
    const single = product({ decryption: application, connections: apart });
    expect(await single.sso.metadata()).toContain(pemBody(acmeKey.certificate));
  });

  it('may be rotated: the metadata shows the newest key, and both keys decrypt', async () => {
    const next = own('next');
    const { sso } = product({ connections: [{ ...acme, decryption: [next, acmeKey] }, globex] });
    const metadata = await sso.metadata({ connectionId: 'acme' });
    expect(metadata).toContain(pemBody(next.certificate));
    expect(metadata).not.toContain(pemBody(acmeKey.certificate));
    for (const key of [next, acmeKey]) {
      const message = unsolicited(acmeIdp, { signs: 'assertion', ...encryptedFor(key, GCM) });
      expect(await sso.completeLogin({ samlResponse: message })).toHaveProperty('user.email', 'alice@acme.example');
    }
  });

  it('removes the restrictions of shared keys: a signed Response suffices for AES-CBC, and EncryptedID may use it', async () => {
    const shared = product({ decryption: application, connections: [acme, globex] });
    for (const [message, code] of [
      [(key: typeof acmeKey) => ({ signs: 'response', ...encryptedFor(key, CBC) }) as const, 'decryption_failed'],
      [(key: typeof acmeKey) => encryptedId(key, CBC), 'algorithm_not_allowed'],
    ] as const) {
      const error = await refusal(
        shared.sso.completeLogin({ samlResponse: unsolicited(acmeIdp, message(application)) }),
      );
      expect(error).toMatchObject({
        code,
        hint: expect.stringMatching(
          /[Gg]ive this connection a decryption key of its own \(decryption of the connection/,
        ),
      });
      const result = await app().sso.completeLogin({ samlResponse: unsolicited(acmeIdp, message(acmeKey)) });
      expect(result).toMatchObject({ outcome: 'created', user: { email: 'alice@acme.example' } });
    }
  });

  it('does not remove the restrictions if createSso has the same key; rows of a store are not compared with one another', async () => {
    const rows = [
      { ...acme, decryption: application },
      { ...globex, decryption: globexKey },
    ].map((settings) => ({ settings }));
    const store: ConnectionStore = {
      get: async (id) => rows.find(({ settings }) => settings.id === id) ?? null,
      find: async (by) =>
        rows.filter(({ settings }) => 'issuer' in by && by.issuer === `https://${settings.id}-idp.example`),
    };
    const { sso } = product({ decryption: application, connections: store });
    const message = unsolicited(acmeIdp, encryptedId(application, CBC));
    expect(await refusal(sso.completeLogin({ samlResponse: message }))).toHaveProperty('code', 'algorithm_not_allowed');
    const apartMessage = unsolicited(globexIdp, encryptedId(globexKey, CBC));
    expect(await sso.completeLogin({ samlResponse: apartMessage })).toHaveProperty('outcome', 'created');
  });

  it.each<readonly [string, Parameters<typeof product>[0], string]>([
    [
      'two connections',
      { connections: [apart, { ...globex, decryption: [globexKey, acmeKey] }] },
      'connection "acme" has a decryption key that connection "globex" has as well',
    ],
    [
      'a connection and createSso',
      { decryption: [application, globexKey], connections: [apart, { ...globex, decryption: globexKey }] },
      'connection "globex" has a decryption key that createSso (decryption) has as well',
    ],
  ])('is refused at start where %s have the same', (_, options, problem) => {
    expect(() => product(options)).toThrow(TypeError);
    expect(() => product(options)).toThrow(problem);
  });

  it('may be the key of createSso if there is only one connection', async () => {
    const { sso } = product({ decryption: acmeKey, connections: apart });
    const message = unsolicited(acmeIdp, encryptedId(acmeKey, CBC));
    expect(await sso.completeLogin({ samlResponse: message })).toHaveProperty('outcome', 'created');
  });
});

describe('AES-CBC around the only signature', () => {
  const message = () => unsolicited(acmeIdp, { signs: 'assertion', ...encryptedFor(application, CBC) });

  it('is accepted with security.allowAesCbc, and each use is a warning', async () => {
    const allowing = { ...acme, security: { allowAesCbc: true } };
    const app = product({ decryption: application, connections: [allowing, globex] });
    expect(await app.sso.completeLogin({ samlResponse: message() })).toHaveProperty('outcome', 'created');
    expect(await app.sso.completeLogin({ samlResponse: message() })).toHaveProperty('outcome', 'unchanged');
    const warnings = app.events.filter((event) => event.type === 'warning');
    expect(warnings).toMatchObject(Array(2).fill({ warning: 'aes_cbc_used', connectionId: 'acme' }));
  });

  it('is refused without it, and the hint names it', async () => {
    const app = product({ decryption: application, connections: [acme, globex] });
    const error = await refusal(app.sso.completeLogin({ samlResponse: message() }));
    expect(error).toMatchObject({
      code: 'algorithm_not_allowed',
      message: 'the SAML message uses an algorithm that is not allowed',
      hint: expect.stringContaining('set security.allowAesCbc of the connection'),
    });
    expect(app.events).toMatchObject([{ type: 'failed', code: 'algorithm_not_allowed', connectionId: 'acme' }]);
  });
});

describe("one customer's ciphertext, sent to the connection of another", () => {
  const stolen = (signs: 'assertion' | 'response', contentAlgorithm: string): string => {
    const message = unsolicited(acmeIdp, { signs, ...encryptedFor(application, contentAlgorithm) });
    const xml = Buffer.from(message, 'base64').toString();
    return /<saml:EncryptedAssertion.*<\/saml:EncryptedAssertion>/s.exec(xml)?.[0] ?? expect.fail('not encrypted');
  };
  const wrapped = (element: string, signs: 'none' | 'response'): string =>
    unsolicited(globexIdp, {
      signs,
      mutateBeforeSigning: (xml) => xml.replace(/<saml:Assertion[ >].*<\/saml:Assertion>/s, () => element),
    });
  const shared = { decryption: application, connections: [acme, globex] };
  const allowing = { ...shared, connections: [acme, { ...globex, security: { allowAesCbc: true } }] };
  const apart = {
    decryption: application,
    connections: [acme, { ...globex, decryption: own('globex'), security: { allowAesCbc: true } }],
  };

  it.each([
    // [what the victim's provider signs, algorithm, what the attacker's signs, settings, code]
    ['assertion', CBC, 'none', 'shared', shared, 'algorithm_not_allowed'],
    ['assertion', CBC, 'none', 'shared, with allowAesCbc', allowing, 'decryption_failed'],
    ['assertion', CBC, 'response', 'shared', shared, 'decryption_failed'],
    ['response', CBC, 'response', 'shared', shared, 'decryption_failed'],
    ['assertion', GCM, 'none', 'shared', shared, 'decryption_failed'],
    ['assertion', GCM, 'response', 'shared', shared, 'untrusted_certificate'],
    ['response', GCM, 'response', 'shared', shared, 'issuer_mismatch'],
    ['assertion', CBC, 'none', 'of its own', apart, 'decryption_failed'],
    ['response', CBC, 'response', 'of its own', apart, 'decryption_failed'],
    ['assertion', GCM, 'none', 'of its own', apart, 'decryption_failed'],
    ['response', GCM, 'response', 'of its own', apart, 'decryption_failed'],
  ] as const)(
    '%s signed inside %s, in a Response with signature %s, key %s',
    async (signed, algorithm, signs, _, options, code) => {
      const app = product(options);
      const error = await refusal(app.sso.completeLogin({ samlResponse: wrapped(stolen(signed, algorithm), signs) }));
      expect(error.code).toBe(code);
      const revealed = inspect([error.hint, error.details, app.events], { depth: 9, showHidden: true });
      expect(revealed).not.toMatch(/alice/);
      expect(app.events).toMatchObject([{ type: 'failed', connectionId: 'globex', code }]);
    },
  );

  it('has the same error as random content, with AES-CBC: code, hint and details', async () => {
    const garbage = encryptXml('no XML', { certificate: application.certificate, contentAlgorithm: CBC });
    for (const [options, signs] of [
      [allowing, 'none'],
      [shared, 'response'],
      [apart, 'none'],
    ] as const) {
      const answers = new Set<string>();
      for (const element of [
        stolen('assertion', CBC),
        stolen('response', CBC),
        `<saml:EncryptedAssertion>${garbage}</saml:EncryptedAssertion>`,
      ]) {
        const { code, hint, details } = await refusal(
          product(options).sso.completeLogin({ samlResponse: wrapped(element, signs) }),
        );
        answers.add(JSON.stringify([code, hint, details]));
      }
      expect(answers.size).toBe(1);
    }
  });

  it('is accepted by its own connection', async () => {
    for (const algorithm of [CBC, GCM]) {
      const message = unsolicited(acmeIdp, { signs: 'both', ...encryptedFor(application, algorithm) });
      const { sso } = product(shared);
      expect(await sso.completeLogin({ samlResponse: message })).toHaveProperty('outcome', 'created');
    }
  });
});

describe('the private key of a connection', () => {
  const secret = own('acme');
  // The end of PKCS #8, where nothing is public.
  const body = pemBody(secret.privateKey).slice(-100, -60);

  it('is in no event and in no error of a login', async () => {
    const { sso, events } = product({ connections: [{ ...acme, decryption: secret }, globex] });
    const good = unsolicited(acmeIdp, { signs: 'assertion', ...encryptedFor(secret, GCM) });
    const bad = unsolicited(acmeIdp, { signs: 'assertion', ...encryptedFor(application, GCM) });
    const result = await sso.completeLogin({ samlResponse: good });
    const error = await refusal(sso.completeLogin({ samlResponse: bad }));
    const explained = await sso.explain({ samlResponse: bad });
    expect(events.map(({ type }) => type)).toEqual(['login', 'failed']);
    for (const value of [result, error, explained, events, await sso.metadata({ connectionId: 'acme' })])
      expect(inspect(value, { depth: 20, showHidden: true, maxStringLength: 1e6 })).not.toContain(body);
  });

  it('is not in the JSON of the connection, nor in its inspection', () => {
    const connection = parseConnection({ ...acme, decryption: secret }, { now: start });
    expect(connection.decryption).toHaveLength(1);
    expect(JSON.stringify(connection)).not.toContain('PRIVATE KEY');
    expect(JSON.stringify(connection)).not.toContain(body);
    expect(inspect(connection, { depth: 9, showHidden: true })).not.toContain(body);
  });

  it.each<readonly [string, unknown, string]>([
    [
      'of another certificate',
      { ...secret, certificate: application.certificate },
      'decryption.certificate: does not belong',
    ],
    [
      'with certificate and key exchanged',
      { privateKey: secret.certificate, certificate: secret.privateKey },
      'decryption.privateKey: must be an RSA private key',
    ],
    [
      'in place of the certificate',
      { ...secret, certificate: secret.privateKey },
      "decryption.certificate: must be the application's own X.509 certificate",
    ],
    ['cut off', { ...secret, privateKey: secret.privateKey.replace('-----END', '') }, 'decryption.privateKey: must be'],
    ['in five pairs', Array(5).fill(secret), 'decryption: must hold at most 4 decryption keys, not 5'],
    ['in an empty list', [], 'decryption: is empty, expected { privateKey, certificate }'],
    ['alone, as text', secret.privateKey, 'decryption: expected { privateKey, certificate }'],
    ['in a list, as text', [secret.privateKey], 'decryption[0]: expected { privateKey, certificate }'],
    ['as bytes', { ...secret, privateKey: Buffer.from(secret.privateKey) }, 'decryption.privateKey: expected'],
    ['without certificate', { privateKey: secret.privateKey }, 'decryption.certificate: is required'],
    ['under another name', { key: secret.privateKey, ...secret }, 'decryption: has unknown keys, expected'],
    ['in the identity provider', undefined, 'idp.decryption: unknown key'],
  ])('is refused %s, and repeated nowhere', async (_, decryption, problem) => {
    const row =
      decryption === undefined ? { ...acme, idp: { ...acme.idp, decryption: secret } } : { ...acme, decryption };
    const error = thrown(() => parseConnection(row, { now: start }));
    expect(error.message).toContain(problem);
    expect(inspect(error, { depth: 9, showHidden: true, maxStringLength: 1e6 })).not.toContain(body);
    const store: ConnectionStore = { get: async () => ({ settings: row }), find: async () => [{ settings: row }] };
    const { sso, events } = product({ connections: store });
    const message = unsolicited(acmeIdp, {});
    await refusal(sso.completeLogin({ samlResponse: message }));
    await refusal(sso.completeLogin({ samlResponse: message, connectionId: 'acme' }));
    expect(events.length).toBeGreaterThan(1);
    expect(inspect(events, { depth: 20, showHidden: true, maxStringLength: 1e6 })).not.toContain(body);
  });
});

function thrown(run: () => unknown): TypeError {
  try {
    run();
  } catch (error) {
    if (error instanceof TypeError) return error;
  }
  return expect.fail('no TypeError was thrown');
}
