import { describe, expect, it, vi } from 'vitest';
import { type AttackOptions, forgeries, forgeryMaterial, type SigningMode } from '../../../src/testing/attack/index.ts';
import { createTestIdp, selfSigned } from '../../../src/testing/index.ts';
import { carelessNodeSaml, expressApp, names, run } from './applications.ts';

// Hundreds of logins each; the machine may be busy.
vi.setConfig({ testTimeout: 300_000 });

// At once: of an encrypted message each refusal takes its time.
describe.concurrent('attack on an Express application with this package', () => {
  // Let in as whom the signed part names, whole; RelayState leads nowhere.
  const harmless = [
    'assertion-of-another-namespace',
    'cdata-in-name',
    'comment-in-name',
    'look-alike-name',
    'relay-state-absolute',
    'relay-state-backslash',
    'relay-state-script',
    'relay-state-without-scheme',
  ];

  it.each<[string, readonly SigningMode[], readonly string[]]>([
    ['in the clear', ['response', 'assertion', 'both'], harmless],
    ['encrypted', ['encrypted'], harmless.filter((name) => name !== 'assertion-of-another-namespace')],
  ])('over HTTP, with logins that begin at the application, %s', async (_, modes, expected) => {
    await using application = await expressApp();
    const { serviceProvider } = application;
    const report = await run(application, { acs: serviceProvider.acsUrl, signs: modes });
    expect(report).toMatchObject({ letIn: [], repeated: [], crashed: [], signs: modes });
    expect(names(report.harmless)).toEqual(expected);
    expect(report.genuine.map(({ name, signs, who }) => [name, signs, who])).toEqual(
      modes.flatMap((signs) => [
        ['genuine-user', signs, 'user'],
        ['genuine-victim', signs, 'victim'],
      ]),
    );
    const made = forgeries.flatMap(({ from = modes }) => from.filter((mode) => modes.includes(mode)));
    expect([report.tried, report.refused.length + report.harmless.length]).toEqual([made.length, made.length]);
    // 303: an unsolicited login begins anew. Nothing crashes, and nothing else is a redirect.
    for (const { status } of report.refused) expect([303, 400, 405]).toContain(status);
  });

  it('with IdP-initiated logins', async () => {
    await using application = await expressApp({ policy: { idpInitiated: 'allow' } });
    const report = await run(application, { begin: undefined, signs: ['assertion'] });
    expect(report).toMatchObject({ letIn: [], repeated: [], crashed: [] });
    expect(names(report.harmless)).toEqual(harmless);
    const needless = forgeries.filter(({ needsRequest }) => needsRequest).map(({ name }) => name);
    expect(needless).toContain('other-request');
    const tried = names([...report.refused, ...report.harmless]);
    expect(needless.filter((name) => tried.includes(name))).toEqual([]);
    expect(report.genuine).toHaveLength(2);
  });

  it('finds one vulnerability: a connection that allows unsolicited responses', async () => {
    await using application = await expressApp({ policy: { idpInitiated: 'allow' } });
    expect(names((await run(application, { signs: ['assertion'] })).letIn)).toEqual(['unsolicited']);
    const excepted = await run(application, { signs: ['assertion'], except: ['unsolicited'] });
    expect(excepted.letIn).toEqual([]);
  });
});

const key = selfSigned();

/** All but these are left out, to save time. */
const only = (...kept: readonly string[]): Pick<AttackOptions, 'signs' | 'except'> => ({
  signs: ['assertion'],
  except: forgeries.map(({ name }) => name).filter((name) => !kept.includes(name)),
});

describe('attack', () => {
  it('sends every kind of message that the application accepts', async () => {
    await using application = await expressApp({ idp: { requireSigned: 'assertion' } });
    const { except } = only('signature-removed');
    const report = await run(application, { except });
    expect(report).toMatchObject({ letIn: [], signs: ['assertion', 'both', 'encrypted'], tried: 3 });
    expect(report.genuine).toHaveLength(6);
  });

  it('begins a login whose page posts a form', async () => {
    await using application = await expressApp({}, { ssoBindings: ['post'] });
    const report = await run(application, only('other-request', 'other-browser'));
    expect([names(report.refused), report.letIn]).toEqual([['other-browser', 'other-request'], []]);
  });

  it('begins a login by a function', async () => {
    const application = carelessNodeSaml();
    const begun: string[] = [];
    const begin = () => {
      begun.push(`_request-${begun.length}`);
      return { inResponseTo: begun.at(-1), relayState: '/home', cookies: 'a=b' };
    };
    const report = await run(application, { begin, ...only('other-browser', 'untrusted-key') });
    expect([names(report.letIn), names(report.refused)]).toEqual([['other-browser'], ['untrusted-key']]);
    // Nonsense, the two twins, and the two forgeries: each in a login of its own.
    expect(begun).toHaveLength(5);
  });

  it('reports a crash and a repetition in addition to the refusal', async () => {
    const application = carelessNodeSaml();
    const acs: AttackOptions['acs'] = async (request) => {
      const response = await application.handle(request);
      if (response.status !== 401) return response;
      const text = await response.text();
      if (/signature/i.test(text)) throw new Error('no error handler');
      return new Response(`mallory@acme.example may not come in: ${text}`, { status: 403 });
    };
    const report = await run(application, { acs, ...only('signature-removed', 'two-documents') });
    expect(report).toMatchObject({
      letIn: [],
      refused: [
        { name: 'signature-removed', who: 'none', status: null, error: new Error('no error handler') },
        { name: 'two-documents', who: 'none', status: 403 },
      ],
    });
    expect([names(report.crashed), names(report.repeated)]).toEqual([['signature-removed'], ['two-documents']]);
  });

  it('accepts an existing user as victim', async () => {
    const people = [
      { id: 'alice', email: 'alice@acme.example' },
      { id: 'bobby', email: 'bobby@acme.example' },
    ];
    await using application = await expressApp({ policy: { mode: 'create-only' } }, { users: people });
    const report = await run(application, { victim: 'bobby', ...only('forged-assertion-first', 'replayed') });
    expect([names(report.refused), report.letIn]).toEqual([['forged-assertion-first', 'replayed'], []]);
  });
});

describe('a run without a meaningful result is refused:', () => {
  const refused = (changes: Partial<AttackOptions>): Promise<unknown> =>
    run(carelessNodeSaml(), changes).then(
      () => expect.fail('it ran'),
      (error: unknown) => error,
    );

  it.each<[string, Partial<AttackOptions>, string]>([
    ['a user is always signed in', { signedInAs: () => 'alice' }, 'says "alice" after an invalid message'],
    [
      'no user is ever signed in',
      { signedInAs: () => null },
      'no genuine login is accepted: the genuine login of alice is refused',
    ],
    [
      'users cannot be distinguished',
      { signedInAs: ({ response }) => (response.status === 302 ? 'a user' : null) },
      'signedInAs says "a user" of both alice and mallory',
    ],
    ['an unknown user', { user: 'bob' }, 'there is no user bob at the identity provider'],
    ['an unknown victim', { victim: 'bob' }, 'there is no user bob at the identity provider'],
    ['an unknown forgery', { except: ['replay'] }, 'there is no forgery replay'],
    ['a page that begins no login', { begin: 'http://localhost:3000/me' }, '/me begins no login: it answered 401'],
    [
      'an application that throws',
      { acs: () => Promise.reject(new Error('no database')), begin: undefined },
      'the application threw Error: no database',
    ],
    [
      'a handler that returns null for what it does not serve',
      { acs: (() => null) as never, begin: undefined },
      'acs must return a Response; it returned null for POST http://localhost:3000/acs. Does the handler serve this path?',
    ],
    [
      'one that returns null for the login page',
      { acs: (async () => null) as never },
      'acs must return a Response; it returned null for GET http://localhost:3000/login.',
    ],
    [
      'one that returns something else',
      { acs: (() => 'OK') as never, begin: undefined },
      'acs must return a Response; it returned string for POST',
    ],
  ])('%s', async (_, changes, message) => {
    const error = await refused(changes);
    expect(error).toBeInstanceOf(TypeError);
    expect(String(error)).toContain(message);
  });

  it('a victim that the application does not know', async () => {
    const application = carelessNodeSaml();
    const onlyAlice: AttackOptions['signedInAs'] = async (browser) => {
      const name = await application.signedInAs(browser);
      return name === 'alice' ? name : null;
    };
    await expect(run(application, { signedInAs: onlyAlice })).rejects.toThrow(
      'the genuine login of the victim mallory is refused, so that forgeries may be refused for that reason',
    );
  });

  it('a requested kind of signature that the application does not accept', async () => {
    await using application = await expressApp({ idp: { requireSigned: 'response' } });
    await expect(run(application, { signs: ['assertion'] })).rejects.toThrow(
      'the genuine login of alice is refused where the identity provider signs assertion: status 400',
    );
  });
});

describe('the catalogue', () => {
  // Each with attributes, NameID or signatures of its own kind.
  it.each(['generic', 'entra', 'keycloak', 'shibboleth'] as const)(
    'can be created from messages that %s writes',
    (vendor) => {
      const idp = createTestIdp({ vendor, keyType: 'p256', users: [{ id: 'alice', email: 'alice@acme.example' }] });
      const { certificate } = key;
      const serviceProvider = {
        entityId: 'urn:sp',
        acsUrl: 'https://sp.example/acs',
        encryptionCertificate: certificate,
      };
      const signs = ['response', 'assertion', 'both', 'encrypted'] as const;
      const made = signs.map((mode) =>
        forgeries.flatMap(({ from = signs, make }) => {
          const material = forgeryMaterial({ idp, serviceProvider, user: 'alice', signs: mode, inResponseTo: '_1' });
          return from.includes(mode) ? [make(material)] : [];
        }),
      );
      expect(made.map((each) => each.length)).toEqual(
        signs.map((mode) => forgeries.filter(({ from = signs }) => from.includes(mode)).length),
      );
    },
  );

  it('has a stable name, a row and a sentence for each forgery', () => {
    for (const { name, row, description } of forgeries) {
      expect(name).toMatch(/^[a-z0-9]+(?:-[a-z0-9]+)*$/);
      expect(row).toMatch(/^[A-Z]+[A-Z0-9]*(?:-[A-Z0-9]+)*$/);
      expect(description).toMatch(/^[A-Z].*\.$/);
    }
    expect(new Set(forgeries.map(({ name }) => name)).size).toBe(forgeries.length);
  });
});
