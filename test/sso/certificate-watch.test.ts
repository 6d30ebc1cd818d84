import { describe, expect, it } from 'vitest';
import { type Connection, parseConnection } from '../../src/index.ts';
import { certificateWatch } from '../../src/sso/certificate-watch.ts';
import { selfSigned } from '../../src/testing/idp/self-signed.ts';
import { parseCertificate } from '../../src/xml/certificates.ts';

const day = 86_400_000;
const end = new Date('2026-12-01T00:00:00Z');
const daysBefore = (days: number): Date => new Date(end.getTime() - days * day);
const made = (commonName: string, notAfter: Date): string =>
  selfSigned({ keyType: 'p256', commonName, notBefore: new Date('2026-01-01T00:00:00Z'), notAfter }).certificate;
const present = made('present', end);
const next = made('next', new Date('2028-01-01T00:00:00Z'));
const connect = (id: string, ...certificates: readonly string[]): Connection =>
  parseConnection({
    id,
    idp: { entityId: 'https://idp.example.com', ssoUrl: 'https://idp.example.com/sso', certificates },
  });
const fingerprint = (certificate: string): string => parseCertificate(certificate).fingerprint;

describe('certificateWatch', () => {
  const acme = connect('acme', present);
  const signed = [fingerprint(present)];

  it('warns once each when 30 days, 7 days and 1 day are left', () => {
    const watch = certificateWatch();
    const days = [40, 30.01, 30, 29.5, 28, 8, 7.01, 7, 6, 2, 1.01, 1, 0.5, 0, -0.5, -30];
    const warned = days.filter((left) => watch(acme, signed, daysBefore(left)).length > 0);
    expect(warned).toEqual([30, 7, 1]);
  });

  it('warns at the first login in each of these periods, on any day', () => {
    const watch = certificateWatch();
    expect(watch(acme, signed, daysBefore(12.5))).toEqual([
      {
        warning: 'certificate_expiring',
        hint: expect.stringMatching(/^The certificate CN=present \(SHA-256 [0-9A-F:]{95}\) .* in 13 days\. Ask/),
      },
    ]);
    expect(watch(acme, signed, daysBefore(12))).toEqual([]);
    expect(watch(acme, signed, daysBefore(0.2))[0]?.hint).toContain('2026-12-01T00:00:00.000Z, in a day or less');
  });

  it('warns for each connection, and in each process', () => {
    const watch = certificateWatch();
    expect(watch(acme, signed, daysBefore(5))).toHaveLength(1);
    expect(watch(connect('globex', present), signed, daysBefore(5))).toHaveLength(1);
    expect(certificateWatch()(acme, signed, daysBefore(5))).toHaveLength(1);
  });

  it('watches the signing certificate, and names another pinned one that is valid longer', () => {
    const watch = certificateWatch();
    const both = connect('acme', present, next);
    expect(watch(both, [fingerprint(next)], daysBefore(5))).toEqual([]);
    const [warning] = watch(both, signed, daysBefore(5));
    expect(warning?.hint).toContain(`CN=next (SHA-256 ${fingerprint(next)}), valid until 2028-01-01T00:00:00.000Z`);
    expect(warning?.hint).not.toContain('Ask its administrator');
  });

  it('makes the subject safe to print', () => {
    const evil = made('evil\u202E\u001B[31m', end);
    const [warning] = certificateWatch()(connect('acme', evil), [fingerprint(evil)], daysBefore(5));
    expect(warning?.hint).toContain('evil');
    expect(warning?.hint).not.toMatch(/[\u202E\u001B]/);
  });

  it('remembers 10,000 certificates: it warns of the oldest again', () => {
    const watch = certificateWatch();
    const named = (id: number): Connection => ({ ...acme, id: `acme-${id}` });
    for (let id = 0; id <= 10_000; id++) expect(watch(named(id), signed, daysBefore(5))).toHaveLength(1);
    expect(watch(named(1), signed, daysBefore(5))).toEqual([]);
    expect(watch(named(0), signed, daysBefore(5))).toHaveLength(1);
  }, 30_000);
});
