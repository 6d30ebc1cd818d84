import { constants, createHash, privateEncrypt } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { SamlError } from '../../src/errors.ts';
import { assertionXml, options, responseXml, validate } from '../support/response.ts';
import { keyPair, MARK, signMarked } from '../support/signing.ts';

const pair = keyPair('rsa');
const length = 256;
// DigestInfo of SHA-256 (RFC 8017, 9.2, note 1).
const info = Buffer.from('3031300d060960864801650304020105000420', 'hex');

/** The padded block, made by hand and then signed by the true key: what the library gets is a true RSA operation. */
function signedBlock(makeBlock: (digest: Uint8Array) => Uint8Array): string {
  const sign = (bytes: Uint8Array): Uint8Array => {
    const block = makeBlock(createHash('sha256').update(bytes).digest());
    return privateEncrypt({ key: pair.privateKey, padding: constants.RSA_NO_PADDING }, block);
  };
  return responseXml(signMarked(assertionXml({ mark: MARK }), { id: '_a', keyPair: pair, sign }));
}

const filled = (filling: number, ...rest: readonly Uint8Array[]): Uint8Array => {
  const tail = Buffer.concat([Buffer.from([0]), ...rest]);
  return Buffer.concat([Buffer.from([0, 1]), Buffer.alloc(length - 2 - tail.length, filling), tail]);
};

describe('ALG-4: hand-made PKCS#1 v1.5 padding', () => {
  const validateBlock = (xml: string) => {
    const { identityProvider } = options;
    const trust = { identityProvider: { ...identityProvider, certificates: [pair.certificate] } };
    return Promise.all(
      [true, false].map((crossCheck) =>
        validate(xml, { ...trust, crossCheck }).then(
          ({ subject }) => subject?.nameId,
          (error: unknown) => error,
        ),
      ),
    );
  };

  it('accepts the padding of the standard', async () => {
    expect(await validateBlock(signedBlock((digest) => filled(0xff, info, digest)))).toEqual(['alice', 'alice']);
  });

  it.each<[string, (digest: Uint8Array) => Uint8Array]>([
    // Bleichenbacher 2006: with the exponent 3 anyone can compute a cube that begins like this.
    [
      'extra bytes after the digest',
      (digest) => {
        const start = Buffer.concat([
          Buffer.from([0, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0]),
          info,
          digest,
        ]);
        return Buffer.concat([start, Buffer.alloc(length - start.length, 7)]);
      },
    ],
    [
      'extra bytes in the parameters',
      (digest) =>
        filled(0xff, Buffer.from('3033300f060960864801650304020107020420', 'hex'), Buffer.from([0, 0]), digest),
    ],
    ['another filling', (digest) => filled(0xfe, info, digest)],
    ['zeros as filling', (digest) => filled(0, info, digest)],
    ['no DigestInfo', (digest) => filled(0xff, digest)],
    ['block type 2', (digest) => Buffer.concat([Buffer.from([0, 2]), filled(0xff, info, digest).subarray(2)])],
    ['a cut digest', (digest) => filled(0xff, info, digest.subarray(0, 31))],
  ])('refuses %s', async (_, makeBlock) => {
    for (const verdict of await validateBlock(signedBlock(makeBlock))) {
      if (!(verdict instanceof SamlError)) throw new Error('it was accepted', { cause: verdict });
      expect([verdict.code, verdict.message]).toEqual([
        'signature_invalid',
        'the signature of the SAML message is not valid',
      ]);
    }
  });
});
