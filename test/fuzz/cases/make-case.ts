import { knownDifference } from '../invariants/known.ts';
import { Random } from '../random.ts';
import type { Violation } from '../statistics.ts';
import type { Bench, Case, CaseMaker } from './case.ts';
import { documentCase, nearDocumentCase } from './documents.ts';
import { mutantCase } from './mutants.ts';
import { ciphertextCase, sealedCase } from './sealed.ts';
import { genuineCase, resignedCase, untrustedCase } from './signed.ts';

/** Each maker as often as it is to be drawn. */
const lots: readonly CaseMaker[] = [
  ...Array.from({ length: 12 }, () => mutantCase),
  ...[nearDocumentCase, nearDocumentCase, nearDocumentCase, documentCase],
  ...[genuineCase, genuineCase, resignedCase, resignedCase, resignedCase, untrustedCase, sealedCase, ciphertextCase],
];

/** The case of a number in the run of a seed: always the same one, but for what signing and encrypting draw. */
export function makeCase(seed: string, index: number, bench: Bench): Case {
  const name = `${seed}/${index}`;
  const random = new Random(name);
  const made = random.pick(lots)(random, name, bench);
  return { ...made, check: (input) => check(made, input, bench) };
}

/** Only SamlErrors are expected, and those are checked where they occur. Known differences are counted. */
async function check(made: Case, input: string, { statistics }: Bench): Promise<Violation | null> {
  try {
    const violation = await made.check(input);
    if (violation === null) return null;
    const xml = made.isField ? Buffer.from(input, 'base64').toString() : input;
    const because = knownDifference(violation, xml);
    if (because === undefined) return violation;
    statistics.note(`known: ${because}`, xml);
    return null;
  } catch (error) {
    const detail = error instanceof Error ? `${error.stack}` : String(error);
    return { invariant: 'something else than a SamlError is thrown', detail };
  }
}
