import { describe, expect, it } from 'vitest';
import { certificateStatus, parseConnection } from '../../src/index.ts';
import { selfSigned } from '../../src/testing/idp/self-signed.ts';
import { parseCertificate } from '../../src/xml/certificates.ts';

const now = new Date('2026-11-24T08:00:00Z');
const from = new Date('2026-01-01T00:00:00Z');
const make = (commonName: string, notAfter: string, notBefore = from): string =>
  selfSigned({ keyType: 'p256', commonName, notBefore, notAfter: new Date(notAfter) }).certificate;

describe('certificateStatus', () => {
  it('returns the validity of each pinned certificate, in their order', () => {
    const certificates = [
      make('former', '2026-11-20T00:00:00Z'),
      make('present', '2026-11-29T08:00:00Z'),
      make('next', '2027-11-24T08:00:00Z'),
      make('future', '2030-01-01T00:00:00Z', new Date('2027-01-01T00:00:00Z')),
    ];
    const connection = parseConnection({
      idp: { entityId: 'https://idp.example.com', ssoUrl: 'https://idp.example.com/sso', certificates },
    });
    const status = certificateStatus(connection, now);
    expect(status.map(({ subject, state, daysLeft }) => [subject, state, daysLeft])).toEqual([
      ['CN=former', 'expired', -4],
      ['CN=present', 'expiring', 5],
      ['CN=next', 'valid', 365],
      ['CN=future', 'not_yet_valid', 1134],
    ]);
    expect(status[1]).toEqual({
      fingerprint: parseCertificate(certificates[1] ?? '').fingerprint,
      subject: 'CN=present',
      validFrom: from,
      validTo: new Date('2026-11-29T08:00:00Z'),
      state: 'expiring',
      daysLeft: 5,
    });
    expect(certificateStatus(connection, new Date('2026-11-01T00:00:00Z'))[0]).toMatchObject({ state: 'expiring' });
  });
});
