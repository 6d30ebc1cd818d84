import { describe, expect, it, vi } from 'vitest';
import { validateResponse } from '../../src/saml/response.ts';
import { crossCheckLimits } from '../../src/xml/limits.ts';
import { identityProvider, serviceProvider } from '../bench/corpus.mjs';
import { signedFloods } from '../bench/signed-floods.mjs';

const secondVerifier = vi.hoisted(() => ({ asked: 0 }));
vi.mock('../../src/xml/second-verifier.ts', async (importActual) => {
  const real = await importActual<typeof import('../../src/xml/second-verifier.ts')>();
  const verifyAgain: typeof real.verifyAgain = (...input) => {
    secondVerifier.asked++;
    return real.verifyAgain(...input);
  };
  return { ...real, verifyAgain };
});

async function validate(flood: string, crossCheck: boolean): Promise<{ asked: number; refused: unknown }> {
  const before = secondVerifier.asked;
  const refused = await validateResponse(Buffer.from(signedFloods[flood] ?? '').toString('base64'), {
    identityProvider: { entityId: identityProvider.entityId, certificates: [identityProvider.certificate] },
    serviceProvider,
    inResponseTo: null,
    crossCheck,
  }).then(
    () => null,
    (error) => error,
  );
  return { asked: secondVerifier.asked - before, refused };
}

describe('a message signed with a pinned key', () => {
  it.each([
    ['elements with 26 declarations and 40 attributes each', 'attributesPerElement'],
    ['20,800 attributes, 2 per element', 'nodes'],
    ['namespaces declared at each of 28 depths, again and again', 'nodes'],
  ] as const)('is refused before the second verifier if it exceeds its limits: %s', async (flood, limit) => {
    const { asked, refused } = await validate(flood, true);
    expect(asked).toBe(0);
    expect(refused).toMatchObject({
      code: 'message_too_large',
      message: 'the SAML message exceeds a size limit',
      details: { limit: `crossCheck.${limit}`, expected: crossCheckLimits[limit] },
    });
    expect((refused as { hint: string }).hint).toContain(`more than ${crossCheckLimits[limit]} `);
    // Within the limits of the reader, so that the first verifier alone accepts it.
    expect(await validate(flood, false)).toEqual({ asked: 0, refused: null });
  });

  it.each([
    '5,000 groups in an Attribute each',
    '10,200 elements with 2 attributes each',
    'namespaces declared at each of 15 depths, again and again',
  ])('is cross-checked if it is large, but within the limits: %s', async (flood) => {
    expect(await validate(flood, true)).toEqual({ asked: 1, refused: null });
  });
});
