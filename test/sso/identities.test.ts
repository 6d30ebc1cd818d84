import { describe, expect, it } from 'vitest';
import type { SsoEvent } from '../../src/index.ts';
import { nameIdFormats } from '../../src/saml/names.ts';
import type { RespondOptions } from '../../src/testing/index.ts';
import { acsUrl, entityId, type Product, product } from './setup.ts';

const allow = { policy: { idpInitiated: 'allow', defaultRole: 'member' } } as const;
const hub = 'https://upstream.example';

async function outcome({ sso, idp }: Product, options: Partial<RespondOptions>): Promise<string> {
  const samlResponse = idp.respond({ user: null, acsUrl, audience: entityId, ...options });
  const result = await sso.completeLogin({ samlResponse });
  if (result.outcome === 'redirect') return result.outcome;
  return result.outcome === 'rejected' ? result.reason : `${result.outcome} ${result.user.email}`;
}

const person = (nameId: string, nameIdFormat: string, email = nameId) => ({
  nameId,
  nameIdFormat,
  attributes: [{ name: 'email', values: [email] }],
});

const lookAlikes: readonly (readonly [what: string, nameId: string])[] = [
  ['a full-width letter', 'ann@\uFF41cme.example'],
  ['a letterlike symbol', 'ann@acm\u212F.example'],
  ['an ideographic full stop', 'ann@acme\u3002example'],
  ['a soft hyphen', 'ann@ac\u00ADme.example'],
];

describe('rule stable-subject: two NameIDs are one user only if they differ in the ASCII case of an e-mail address', () => {
  it('NameIDs of the format emailAddress that differ only in case are one user', async () => {
    const app = product({}, allow);
    expect(await outcome(app, person('Ann@Acme.example', nameIdFormats.emailAddress))).toBe('created Ann@Acme.example');
    expect(await outcome(app, person('ann@ACME.example', nameIdFormats.emailAddress))).toBe(
      'unchanged Ann@Acme.example',
    );
  });

  it('NameIDs of other formats that differ only in case are two users', async () => {
    for (const format of [nameIdFormats.unspecified, nameIdFormats.persistent]) {
      const app = product({}, allow);
      await outcome(app, person('Ann@acme.example', format));
      expect(await outcome(app, person('ann@acme.example', format))).toBe('subject_conflict');
      expect(await outcome(app, person('ann@acme.example', format, 'other@acme.example'))).toBe(
        'created other@acme.example',
      );
    }
  });

  it.each(lookAlikes)(
    '%s finds no account: neither as NameID, nor as e-mail, nor if the e-mail is the subject',
    async (_, nameId) => {
      const open = { ...allow, policy: { ...allow.policy, subject: 'email' } } as const;
      for (const settings of [open, { ...open, domains: ['acme.example'] }]) {
        const app = product({}, settings);
        await app.users.put({ organizationId: 'acme', email: 'ann@acme.example', role: 'owner' });
        const ann = person('ann@acme.example', nameIdFormats.emailAddress);
        const inDomains = 'domains' in settings;
        // Without verified domains a holder of the protected role is not linked.
        expect(await outcome(app, ann)).toBe(inDomains ? 'updated ann@acme.example' : 'link_needs_verification');
        expect(await outcome(app, person(nameId, nameIdFormats.emailAddress))).toBe('email_invalid');
        expect(await outcome(app, person(nameId, nameIdFormats.emailAddress, 'x@acme.example'))).toBe(
          'subject_invalid',
        );
        expect(await outcome(app, person(nameId, nameIdFormats.unspecified))).toBe('email_invalid');
        expect(await outcome(app, person(nameId, nameIdFormats.transient))).toBe('email_invalid');
        const unspecified = { nameId, nameIdFormat: nameIdFormats.unspecified, attributes: [] };
        expect(await outcome(app, unspecified)).toBe('email_missing');
        expect(await app.users.list('acme')).toHaveLength(1);
      }
    },
  );
});

describe('rule stable-subject: the qualifiers of a NameID are part of the key (SAML Core 8.3.7)', () => {
  const persistent = (nameQualifier: string | null, email: string) => ({
    ...person('7', nameIdFormats.persistent, email),
    nameQualifier,
  });

  it('users with the same NameID at two identity providers behind a hub are two accounts', async () => {
    const app = product({}, allow);
    expect(await outcome(app, persistent(hub, 'ann@acme.example'))).toBe('created ann@acme.example');
    expect(await outcome(app, persistent('https://other.example', 'bob@acme.example'))).toBe(
      'created bob@acme.example',
    );
    expect(await outcome(app, persistent(null, 'eve@acme.example'))).toBe('created eve@acme.example');
    expect(await outcome(app, persistent(hub, 'ann@acme.example'))).toBe('unchanged ann@acme.example');
    expect(await outcome(app, persistent(app.idp.entityId, 'eve@acme.example'))).toBe('unchanged eve@acme.example');
    const identities = app.events.map((event: SsoEvent) => 'identity' in event && event.identity);
    const common = { connectionId: 'acme', issuer: app.idp.entityId, subject: '7' };
    expect(identities).toEqual([
      { ...common, nameQualifier: hub },
      { ...common, nameQualifier: 'https://other.example' },
      common,
      { ...common, nameQualifier: hub },
      common,
    ]);
  });

  it('an SPNameQualifier that names this application is ignored', async () => {
    const app = product({}, allow);
    const ann = person('7', nameIdFormats.persistent, 'ann@acme.example');
    expect(await outcome(app, ann)).toBe('created ann@acme.example');
    expect(await outcome(app, { ...ann, spNameQualifier: entityId })).toBe('unchanged ann@acme.example');
    // One of another application, or of an affiliation: refused.
    await expect(outcome(app, { ...ann, spNameQualifier: hub })).rejects.toMatchObject({ code: 'audience_mismatch' });
    const own = product({}, { ...allow, spEntityId: 'https://app.example.com/acme' });
    const sent = { ...ann, audience: 'https://app.example.com/acme', spNameQualifier: 'https://app.example.com/acme' };
    expect(await outcome(own, sent)).toBe('created ann@acme.example');
    expect(own.events.at(-1)).not.toHaveProperty('identity.spNameQualifier');
  });

  it('the qualifiers of a NameID in an attribute that is the subject are part of the key', async () => {
    const targetedId = 'urn:oid:1.3.6.1.4.1.5923.1.1.1.10';
    const app = product({}, { ...allow, idp: { ...connectionIdp(), preset: 'shibboleth' } });
    const response = (nameQualifier: string, email: string) => ({
      ...person('_transient', nameIdFormats.transient, email),
      mutateBeforeSigning: (xml: string) =>
        xml.replace(
          '</saml:AttributeStatement>',
          `<saml:Attribute Name="${targetedId}"><saml:AttributeValue><saml:NameID Format="${nameIdFormats.persistent}" NameQualifier="${nameQualifier}" SPNameQualifier="${entityId}">7</saml:NameID></saml:AttributeValue></saml:Attribute></saml:AttributeStatement>`,
        ),
    });
    expect(await outcome(app, response(app.idp.entityId, 'ann@acme.example'))).toBe('created ann@acme.example');
    expect(await outcome(app, response(hub, 'bob@acme.example'))).toBe('created bob@acme.example');
    expect(await outcome(app, response(app.idp.entityId, 'ann@acme.example'))).toBe('unchanged ann@acme.example');
    expect((await app.users.list('acme')).map(({ identities }) => identities[0]?.nameQualifier)).toEqual([
      undefined,
      hub,
    ]);
  });

  it.each([
    ['the NameID', '/saml:NameID'],
    ['its text', '/saml:NameID/text()'],
    ['the value around it', ''],
  ])('also where XPath selects %s', async (_what, end) => {
    const xpath = `saml:AttributeStatement/saml:Attribute[@Name="targeted"]/saml:AttributeValue${end}`;
    const app = product({}, { ...allow, idp: { ...connectionIdp(), mapping: { subject: { xpath } } } });
    const response = (nameQualifier: string, email: string) => ({
      ...person('_transient', nameIdFormats.transient, email),
      mutateBeforeSigning: (xml: string) =>
        xml.replace(
          '</saml:AttributeStatement>',
          `<saml:Attribute Name="targeted"><saml:AttributeValue><saml:NameID Format="${nameIdFormats.persistent}" NameQualifier="${nameQualifier}">7</saml:NameID></saml:AttributeValue></saml:Attribute></saml:AttributeStatement>`,
        ),
    });
    expect(await outcome(app, response(app.idp.entityId, 'ann@acme.example'))).toBe('created ann@acme.example');
    expect(await outcome(app, response(hub, 'bob@acme.example'))).toBe('created bob@acme.example');
    expect(await outcome(app, response(hub, 'bob@acme.example'))).toBe('unchanged bob@acme.example');
  });

  function connectionIdp() {
    return { metadata: product().idp.metadata() };
  }
});
